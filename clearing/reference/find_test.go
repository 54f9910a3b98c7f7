package reference_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/reference"
)

const (
	one  = "RF722026100000000100001" // circle 1, 2026-10, 1
	long = "RF042027010000ABJG9999999"
)

func TestFindReadsWhatBanksWrite(t *testing.T) {
	t.Parallel()
	spaced := reference.Print(one)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"alone":                          {one, []string{one}},
		"printed":                        {spaced, []string{one}},
		"between Chinese":                {"货款" + one + "十月结算", []string{one}},
		"printed between Chinese":        {"附言：" + spaced + "，谢谢", []string{one}},
		"small letters":                  {"zahlung " + strings.ToLower(spaced), []string{one}},
		"full width":                     {"用途ＲＦ７２２０２６１００００００００１００００１。", []string{one}},
		"ideographic spaces":             {strings.ReplaceAll(spaced, " ", "\u3000"), []string{one}},
		"a line break inside":            {one[:13] + "\r\n  " + one[13:], []string{one}},
		"behind a bank's key":            {"/RFB/" + one + "/REMI/x", []string{one}},
		"glued to a word":                {"REF" + one + "CNY", []string{one}},
		"R before it":                    {"RRFR " + one, []string{one}},
		"two, one of them twice":         {long + " " + one + ";" + strings.ToLower(long), []string{long, one}},
		"two printed":                    {spaced + " " + reference.Print(long), []string{one, long}},
		"a number after a space":         {one + " 2026", []string{one}},
		"an amount after it":             {spaced + " 100.00", []string{one}},
		"a wrong check digit":            {"RF12" + one[4:], nil},
		"a wrong digit":                  {one[:22] + "2", nil},
		"another digit glued to it":      {one + "7", nil},
		"cut off":                        {one[:22], nil},
		"with hyphens":                   {"to " + strings.ReplaceAll(spaced, " ", "-") + ", thanks", []string{one}},
		"with dots":                      {strings.ReplaceAll(spaced, " ", "."), []string{one}},
		"with a dash and spaces":         {strings.ReplaceAll(spaced, " ", " – "), []string{one}},
		"with what can't be seen":        {strings.ReplaceAll(spaced, " ", "\u200b"), []string{one}},
		"with commas":                    {strings.ReplaceAll(spaced, " ", ","), nil},
		"too many spaces":                {one[:13] + strings.Repeat(" ", 20) + one[13:], nil},
		"a creditor reference of others": {"RF18539007547034", nil},
		"nothing":                        {"", nil},
		"no UTF-8":                       {"\xff\xfe" + one + "\xff", []string{one}},
	} {
		require.Equal(t, c.want, reference.Find(c.text), name)
	}
}

func TestFindPrefersTheEndThatFitsTheGroups(t *testing.T) {
	t.Parallel()
	// With two more digits this is another valid reference. Its number was searched for
	// among many until the check digits matched.
	short, extended := "", ""
	for number := 10000; number < 100000 && short == ""; number++ {
		text, err := reference.New(1, "2026-10", number)
		require.NoError(t, err)
		for _, more := range []string{"00", "11", "22", "33", "44"} {
			if reference.Valid(text + more) {
				short, extended = text, text+more
				break
			}
		}
	}
	require.NotEmpty(t, short)
	require.Equal(t, []string{short}, reference.Find(short+" "+extended[len(short):]), "a space where no group ends")
	require.Equal(t, []string{extended}, reference.Find(extended))
	require.Equal(t, []string{extended}, reference.Find(reference.Print(extended)))
}

func TestFindFindsWhatNewMade(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := reference.New(rapid.Int64Min(0).Draw(t, "circle"), "2026-10", rapid.IntRange(1, reference.MaxNumber).Draw(t, "number"))
		require.NoError(t, err)
		before := rapid.SampledFrom([]string{"", "联盟卡", "x", "R", "RF", "RF1", "10 "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "联盟卡", "。1", "-7"}).Draw(t, "after")
		require.Equal(t, []string{text}, reference.Find(before+text+after))
		require.Equal(t, []string{text}, reference.Find(before+reference.Print(text)+after))
	})
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"", one, reference.Print(one), "RF", "RF72 2026", "ｒｆ７２", "R\u3000F", "\xff", "ﬀRF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range reference.Find(text) {
			_, err := reference.Parse(found)
			require.NoError(t, err)
		}
	})
}
