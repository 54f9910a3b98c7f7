package reference_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/reference"
)

func TestReferenceNamesAllianceMonthAndNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allianceID int64
		period     string
		number     int
		want       string
		print      string
	}{
		{1, "2026-10", 1, "RF722026100000000100001", "RF72 2026 1000 0000 0100 001"},
		{math.MaxInt64, "2026-12", 99999, "RF60202612IJ32E8E799999", "RF60 2026 12IJ 32E8 E799 999"},
		{481516, "2027-01", reference.MaxNumber, "RF042027010000ABJG9999999", ""},
		{17324928, "2026-10", 42, "RF39202610000ABC0000042", "RF39 2026 1000 0ABC 0000 042"},
	} {
		got, err := reference.New(c.allianceID, c.period, c.number)
		require.NoError(t, err)
		require.True(t, reference.Valid(got), got)
		if c.want != "" {
			require.Equal(t, c.want, got)
		}
		if c.print != "" {
			require.Equal(t, c.print, reference.Print(got))
		}
		want := reference.Reference{Alliance: reference.Tag(c.allianceID), Period: c.period, Number: c.number}
		for _, text := range []string{got, reference.Print(got)} {
			parsed, err := reference.Parse(text)
			require.NoError(t, err)
			require.Equal(t, want, parsed)
		}
	}
}

// The examples are those by which ISO 11649 is commonly explained, not made by this package.
func TestValidAcceptsReferencesOfOthers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"RF18539007547034", "RF471234567890", "RF45G72UUR", "RF6518K5"} {
		require.True(t, reference.Valid(text), text)
	}
	for _, text := range []string{
		"", "RF", "RF18", "RF19539007547034", "rf18539007547034", "RF18 5390 0754 7034", "XX18539007547034",
		"RF18539007547034RF18539007547034", "RF1853900754703４",
	} {
		require.False(t, reference.Valid(text), text)
	}
	_, err := reference.Parse("RF18539007547034")
	require.ErrorIs(t, err, reference.ErrLength)
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                            reference.ErrCharacters,
		"   ":                         reference.ErrCharacters,
		"RF11-2026-10":                reference.ErrCharacters,
		"rf112026100000000100001":     reference.ErrCharacters,
		"RF722026100000000100001付":    reference.ErrCharacters,
		"112026100000000100001":       reference.ErrPrefix,
		"RFX12026100000000100001":     reference.ErrPrefix,
		"RF1":                         reference.ErrPrefix,
		"RF1120261000000001":          reference.ErrLength,
		"RF72202610000000010000124":   reference.ErrCheckDigits,
		"RF7220261000000001000012345": reference.ErrLength,
		"RF122026100000000100001":     reference.ErrCheckDigits,
		"RF112026100000000100010":     reference.ErrCheckDigits,
		"RF112026010000000100001":     reference.ErrCheckDigits,
	} {
		_, err := reference.Parse(text)
		require.ErrorIs(t, err, want, text)
	}
	_, err := reference.Parse(strings.Repeat("联", 1000))
	require.Less(t, len(err.Error()), 500)
}

func TestCreditorReferencesOfOthersAreNotOurs(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"2026130000000100001",   // no such month
		"2026100000000100000",   // numbers begin at 1
		"202610000000010000A",   // a number is digits
		"20261000000001000001",  // a long number has no leading zero
		"ABCDEF0000000100001",   // no month at all
		"202610000000010+00001", // not only letters and digits
	} {
		text := "RF" + digits(body) + body
		_, err := reference.Parse(text)
		if strings.Contains(body, "+") {
			require.ErrorIs(t, err, reference.ErrCharacters)
			continue
		}
		require.True(t, reference.Valid(text), text)
		require.ErrorIs(t, err, reference.ErrLayout, text)
		require.Empty(t, reference.Find(text))
	}
}

// digits finds a body's check digits by trying all.
func digits(body string) string {
	for tens := '0'; tens <= '9'; tens++ {
		for ones := '0'; ones <= '9'; ones++ {
			if d := string(tens) + string(ones); reference.Valid("RF" + d + body) {
				return d
			}
		}
	}
	return "00"
}

func TestNewRefusesWhatIsOutOfRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allianceID int64
		period     string
		number     int
		says       string
	}{
		{-1, "2026-10", 1, "circle"},
		{1, "2026-13", 1, "2026-10"},
		{1, "202610", 1, "2026-10"},
		{1, "2026-1", 1, "2026-10"},
		{1, "", 1, "2026-10"},
		{1, "2026-10", 0, "from 1"},
		{1, "2026-10", -1, "from 1"},
		{1, "2026-10", reference.MaxNumber + 1, "9999999"},
	} {
		_, err := reference.New(c.allianceID, c.period, c.number)
		require.ErrorContains(t, err, c.says)
	}
}

func TestReferencesOfTwoTransfersDiffer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (int64, string, int, string) {
			// Below 36^8 a tag is the circle's number itself, so no two are the same.
			allianceID := rapid.Int64Range(0, 2_821_109_907_455).Draw(t, name+" circle")
			period := rapid.SampledFrom([]string{"2026-10", "2026-11", "2027-10"}).Draw(t, name+" period")
			number := rapid.IntRange(1, reference.MaxNumber).Draw(t, name+" number")
			text, err := reference.New(allianceID, period, number)
			require.NoError(t, err)
			require.Equal(t, strings.ToUpper(text), text)
			return allianceID, period, number, text
		}
		alliance1, period1, number1, text1 := draw("one")
		alliance2, period2, number2, text2 := draw("two")
		require.Equal(t, alliance1 == alliance2 && period1 == period2 && number1 == number2, text1 == text2)
	})
}

func TestCheckDigitsFindWrongAndSwappedCharacters(t *testing.T) {
	t.Parallel()
	good, err := reference.New(987654321, "2026-10", 12345)
	require.NoError(t, err)
	const figures, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	kind := func(c byte) string {
		if strings.IndexByte(figures, c) >= 0 {
			return figures
		}
		return letters
	}
	for i := 4; i < len(good); i++ {
		for _, c := range kind(good[i]) {
			wrong := good[:i] + string(c) + good[i+1:]
			require.Equal(t, wrong == good, reference.Valid(wrong), wrong)
		}
		if i+1 < len(good) && good[i] != good[i+1] && kind(good[i]) == kind(good[i+1]) {
			swapped := good[:i] + good[i+1:i+2] + good[i:i+1] + good[i+2:]
			require.False(t, reference.Valid(swapped), swapped)
		}
	}
}
