package font_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/lianka/lianka/alliance/statement/font"
)

func TestEveryCharacterOfGB2312CanBePrinted(t *testing.T) {
	t.Parallel()
	f, err := font.Open()
	require.NoError(t, err)
	hanzi := 0
	decoder := simplifiedchinese.HZGB2312.NewDecoder()
	for high := byte(0x30); high <= 0x77; high++ {
		for low := byte(0x21); low <= 0x7E; low++ {
			text, err := decoder.String("~{" + string([]byte{high, low}) + "~}")
			require.NoError(t, err)
			r, _ := utf8.DecodeRuneInString(text)
			if r == utf8.RuneError {
				continue // the standard leaves five places free
			}
			hanzi++
			require.True(t, f.Has(r), "%c", r)
		}
	}
	require.Equal(t, 6763, hanzi)
	for _, r := range "AZaz09éÖ…–—“”·,.¥¥€£、。《》()【】〓喆镕堃" {
		require.True(t, f.Has(r), "%c", r)
	}
}

func TestWhatHasNoGlyphIsSeenToBeMissing(t *testing.T) {
	t.Parallel()
	f, err := font.Open()
	require.NoError(t, err)
	for text, want := range map[string]string{
		"":              "",
		"渝里火锅 No. 1":    "渝里火锅 No. 1",
		"龘":             "〓",
		"a\x00b\tc\r\n": "a〓b〓c〓〓",
		"😀한ก":           "〓〓〓",
		"\xff":          "〓",
		"\u200b\u202e":  "〓〓",
	} {
		require.Equal(t, want, f.Printable(text), "%q", text)
	}
}
