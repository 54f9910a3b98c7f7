package identifier_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/identifier"
)

func TestWhatAKeyboardMakesIsFolded(t *testing.T) {
	t.Parallel()
	for given, read := range map[string]string{
		"8801": "8801", "bob": "bob", "Bob": "Bob", "a b": "a b", "卡+1": "卡+1", "": "", "火锅": "火锅",
		"８８０１": "8801", "ｂｏｂ": "bob", "Ａ－１": "A-1", "ｃｕｓｔｏｄｙ": "custody", "～！": "~!", "a\u3000b": "a b",
		"e\u0301": "é", "\u1112\u1161\u11ab": "한", "ｶ": "ｶ", "\u212b": "Å", "\U0001f372": "\U0001f372",
	} {
		got, err := identifier.Read(given)
		require.NoError(t, err, "%q", given)
		require.Equal(t, read, got, "%q", given)
		again, err := identifier.Read(got)
		require.NoError(t, err)
		require.Equal(t, got, again, "reading twice changes nothing")
	}
}

func TestWhatIsNotSeenIsRefused(t *testing.T) {
	t.Parallel()
	for given, why := range map[string]error{
		"bob ": identifier.ErrSpace, " bob": identifier.ErrSpace, " ": identifier.ErrSpace, "bob\u3000": identifier.ErrSpace, "\u3000": identifier.ErrSpace,
		"b\x00b": identifier.ErrControl, "bob\n": identifier.ErrControl, "b\tb": identifier.ErrControl, "\u0085": identifier.ErrControl, "\x7f": identifier.ErrControl,
		"bob\u200b": identifier.ErrInvisible, "\ufeffbob": identifier.ErrInvisible, "b\u200dob": identifier.ErrInvisible, "b\u2060ob": identifier.ErrInvisible,
		"\u202ebob": identifier.ErrInvisible, "bob\u2066": identifier.ErrInvisible, "b\u200eob": identifier.ErrInvisible, "b\u061cob": identifier.ErrInvisible,
		"bob\u00a0": identifier.ErrInvisible, "b\u2003ob": identifier.ErrInvisible, "b\u2028ob": identifier.ErrInvisible, "b\u00adob": identifier.ErrInvisible,
		"卡\ufe0f": identifier.ErrInvisible, "卡\U000e0101": identifier.ErrInvisible, "b\u3164": identifier.ErrInvisible, "b\u115f": identifier.ErrInvisible,
		"b\u034fob": identifier.ErrInvisible, "b\u2800": identifier.ErrInvisible, "b\ue000": identifier.ErrInvisible, "b\ufffe": identifier.ErrInvisible,
		"b\U000e0041": identifier.ErrInvisible, "b\u0378": identifier.ErrInvisible,
		"b\ufffdb": identifier.ErrEncoding,
		"\xff":     identifier.ErrEncoding, "a\xed\xa0\x80": identifier.ErrEncoding,
	} {
		_, err := identifier.Read(given)
		require.ErrorIs(t, err, why, "%q", given)
	}
}

// TestEveryCharacter reads each character between two letters: what is left is seen, and reading twice changes nothing.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		got, err := identifier.Read("a" + string(r) + "b")
		if err != nil {
			continue
		}
		for _, c := range got {
			require.True(t, unicode.IsGraphic(c) && !unicode.Is(unicode.Cf, c), "%U", c)
		}
		again, err := identifier.Read(got)
		require.NoError(t, err, "%U", r)
		require.Equal(t, got, again, "%U", r)
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = identifier.Read("66000060")
	}
}

func TestATextForPeople(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "bob", " 渝里 火锅\u3000(总店)\u00a0", "Café 50% — “ok” 😀", "ｆｕｌｌ", "e\u0301", "हिन्दी", "العربية"} {
		require.NoError(t, identifier.CheckText(text), "%q", text)
	}
	for text, want := range map[string]error{
		"\u202ebob": identifier.ErrInvisible, "b\u200bob": identifier.ErrInvisible, "bob\u2066": identifier.ErrInvisible, "\ufeffbob": identifier.ErrInvisible,
		"bo\u00adb": identifier.ErrInvisible, "👩\u200d🍳": identifier.ErrInvisible, "bob\ufe0f": identifier.ErrInvisible, "a\u2028b": identifier.ErrInvisible,
		"\u3164": identifier.ErrInvisible, "\ue000": identifier.ErrInvisible, "\u2800": identifier.ErrInvisible,
		"a\nb": identifier.ErrControl, "a\tb": identifier.ErrControl, "\u0085": identifier.ErrControl, "\x7f": identifier.ErrControl,
		"\xff": identifier.ErrEncoding, "\ufffd": identifier.ErrEncoding,
	} {
		require.ErrorIs(t, identifier.CheckText(text), want, "%q", text)
	}
}
