package presentation_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/presentation"
)

func TestTheTextsOfACode(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	qr, digits := regexp.MustCompile(`^LK:[A-Z2-7]{26}$`), regexp.MustCompile(`^[0-9]{8}$`)
	for range 2000 {
		secret, err := presentation.NewSecret()
		require.NoError(t, err)
		require.Regexp(t, qr, secret.Text)
		require.Regexp(t, digits, secret.Digits)
		require.False(t, seen[secret.Text])
		seen[secret.Text] = true
		digest, ok := presentation.DigestText(secret.Text)
		require.True(t, ok)
		folded, ok := presentation.DigestText(strings.ToLower(secret.Text))
		require.True(t, ok)
		require.Equal(t, digest, folded, "some scanners change the case")
	}
	for _, text := range []string{"", "LK:", "12345678", "LK:AAAA", "XX:AAAAAAAAAAAAAAAAAAAAAAAAAA", "LK:AAAAAAAAAAAAAAAAAAAAAAAAA1", "LK:" + strings.Repeat("A", 27)} {
		_, ok := presentation.DigestText(text)
		require.False(t, ok, text)
	}
}

func TestDigitsAreHashedByCircle(t *testing.T) {
	t.Parallel()
	salt, other := presentation.Salt{1}, presentation.Salt{2}
	require.Equal(t, presentation.DigestDigits(salt, "12345678"), presentation.DigestDigits(salt, "12345678"))
	require.NotEqual(t, presentation.DigestDigits(salt, "12345678"), presentation.DigestDigits(other, "12345678"))
	require.NotEqual(t, presentation.DigestDigits(salt, "12345678"), presentation.DigestDigits(salt, "12345679"))
}

func BenchmarkDigestDigits(b *testing.B) {
	for range b.N {
		presentation.DigestDigits(presentation.Salt{1}, "12345678")
	}
}

func TestThePrintedNumberHasACheckDigit(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 500 {
		number, err := presentation.NewNumber()
		require.NoError(t, err)
		require.Regexp(t, `^9[0-9]{15}$`, number)
		require.False(t, seen[number])
		seen[number] = true
		require.False(t, presentation.Mistyped(number))
		for i := 1; i < len(number); i++ {
			wrong := []byte(number)
			wrong[i] = '0' + (wrong[i]-'0'+1)%10
			require.True(t, presentation.Mistyped(string(wrong)), "one digit is wrong")
			swapped := []byte(number)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			pair := number[i-1 : i+1]
			if swapped[0] == '9' && number[i-1] != number[i] && pair != "09" && pair != "90" {
				require.True(t, presentation.Mistyped(string(swapped)), "two are changed round")
			}
		}
	}
	require.False(t, presentation.Mistyped("4111111111111111"), "no number of ours")
	for _, code := range []string{"8801", "A-17", "9", "912345678901234x", "99999999999999999"} {
		require.False(t, presentation.Mistyped(code), code)
	}
}
