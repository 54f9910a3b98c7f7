package people_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/width"

	"github.com/lianka/lianka/alliance/people"
)

func TestANumberIsReadAsItIsTyped(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"13800138000", " 138 0013 8000", "+86 138-0013-8000", "(+86) 138.0013.8000", "１３８－００１３－８０００", "138\u20110013\u20138000", "\u202d138 0013 8000\u202c",
	} {
		number, err := people.ReadTelephone(typed, "CN")
		require.NoError(t, err, typed)
		require.Equal(t, "+8613800138000", number, typed)
	}
}

// Attempts to sign in are counted by the last eight digits. Whoever could add digits that are not the
// number's would have as many counts as there are such digits, and guess a code.
func TestNoTextHasOtherDigitsThanItsNumber(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"13800138000;isub=12345678", "tel:+86-138-0013-8000;isub=12345678", "13800138000/x12345678", "13800138000\\x12345678", "13800138000 ext. 12345678",
		"١٣٨٠٠١٣٨٠٠٠", "1380013٨000", "abc13800138000", "13800138000#", "13800138000,12345678",
	} {
		_, err := people.ReadTelephone(typed, "CN")
		var refused *people.FieldError
		require.ErrorAs(t, err, &refused, typed)
		require.NotContains(t, err.Error(), typed, "it doesn't quote the number")
	}
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("0123456789０１٨८+-() ./\\;,#*x~=:isubtelp\u202d")
	read := 0
	for range 20_000 {
		text := []rune("+8613800138000")
		for range 1 + random.IntN(8) {
			at := random.IntN(len(text) + 1)
			text = append(text[:at:at], append([]rune{alphabet[random.IntN(len(alphabet))]}, text[at:]...)...)
		}
		number, err := people.ReadTelephone(string(text), "CN")
		if err != nil {
			continue
		}
		read++
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, width.Fold.String(string(text)))
		require.True(t, strings.HasSuffix(digits, number[len(number)-8:]), "%q was read as %s", string(text), number)
	}
	require.Greater(t, read, 100)
}
