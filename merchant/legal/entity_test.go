package legal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/legal"
)

var (
	cny = money.MustCurrency("CNY")
	eur = money.MustCurrency("EUR")
)

// The first is the example of the standard. The others are those of large companies, which
// print them on their sites. So they are known to be right apart from this code.
func TestAUnifiedSocialCreditCodeFitsItsLastCharacter(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"91350100M000100Y43", "914403001922038216", "91330100799655058B", "91440300708461136T"} {
		e, err := legal.New("", code, cny)
		require.NoError(t, err, code)
		require.Equal(t, code, e.TaxNumber)
		for i := range code {
			for _, other := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
				if byte(other) == code[i] {
					continue
				}
				_, err := legal.New("", code[:i]+string(other)+code[i+1:], cny)
				require.Error(t, err, "one wrong character is noticed wherever it is")
			}
		}
		for i := range len(code) - 1 {
			if code[i] == code[i+1] {
				continue
			}
			swapped := code[:i] + code[i+1:i+2] + code[i:i+1] + code[i+2:]
			_, err := legal.New("", swapped, cny)
			require.Error(t, err, "two that changed places: %s", swapped)
		}
	}
}

func TestAnEntityIsKeptAsItIsCompared(t *testing.T) {
	t.Parallel()
	e, err := legal.New(" 江边火锅有限公司 ", "９１３５０１００－m000 100y43", cny)
	require.NoError(t, err)
	require.Equal(t, legal.Entity{Name: "江边火锅有限公司", TaxNumber: "91350100M000100Y43"}, e)
	e, err = legal.New("Cafe\u0301 GmbH", "de 123-456-789", eur)
	require.NoError(t, err)
	require.Equal(t, legal.Entity{Name: "Café GmbH", TaxNumber: "DE123456789"}, e)
	e, err = legal.New("江边火锅（上海）有限公司", "", cny)
	require.NoError(t, err)
	require.Equal(t, "江边火锅（上海）有限公司", e.Name)
}

func TestWhatIsNoEntityIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		currency     money.Currency
		field, says  string
	}{
		{"", " - ", cny, "legal_name", "give one of them"},
		{strings.Repeat("长", legal.MaxName+1), "", cny, "legal_name", "at most 100"},
		{"a\u202eb", "", cny, "legal_name", "U+202E"},
		{"a\u200bb", "", cny, "legal_name", "U+200B"},
		{"a\x00b", "", cny, "legal_name", "U+0000"},
		{"a\nb", "", cny, "legal_name", "U+000A"},
		{"a\xffb", "", cny, "legal_name", "U+FFFD"},
		{"", "91350100M000100Y4", cny, "tax_number", "has 17 characters"},
		{"", "91350100M000100Y44", cny, "tax_number", "does not fit"},
		{"", "91350100M00O100Y43", cny, "tax_number", `'O'`},
		{"", "DE1", eur, "tax_number", "4 to 30"},
		{"", "DE123_456", eur, "tax_number", `'_'`},
		{"", "DE12345678\x00", eur, "tax_number", "letters and digits"},
	} {
		_, err := legal.New(c.name, c.number, c.currency)
		var refused *legal.FieldError
		require.True(t, errors.As(err, &refused), "%q %q: %v", c.name, c.number, err)
		require.Equal(t, c.field, refused.Field)
		require.ErrorContains(t, err, c.says)
	}
}
