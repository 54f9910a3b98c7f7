package reference_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/reference"
)

func TestAnAttemptIsFoundWithItsReference(t *testing.T) {
	t.Parallel()
	second, err := reference.Attempt(one, 2)
	require.NoError(t, err)
	require.Regexp(t, "^"+one+"R2[A-Z]$", second)
	more, err := reference.Attempt(one, 1304)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text string
		want []reference.Found
	}{
		"alone":                     {second, []reference.Found{{one, 2}}},
		"printed":                   {reference.Print(more), []reference.Found{{one, 1304}}},
		"with hyphens":              {strings.ReplaceAll(reference.Print(second), " ", "-"), []reference.Found{{one, 2}}},
		"wrapped":                   {more[:26] + "\r\n  " + more[26:], []reference.Found{{one, 1304}}},
		"in Chinese, small letters": {"退汇" + strings.ToLower(second) + "户名不符", []reference.Found{{one, 2}}},
		"a number after it":         {second + " 2026-10", []reference.Found{{one, 2}}},
		"the reference alone":       {one, []reference.Found{{one, 0}}},
		"two attempts":              {second + " " + more, []reference.Found{{one, 2}, {one, 1304}}},
		"twice the same":            {second + " / " + second, []reference.Found{{one, 2}}},
		"cut off":                   {more[:len(more)-1], []reference.Found{{one, 0}}},
		"cut off in the number":     {more[:len(more)-2], []reference.Found{{one, 0}}},
		"a wrong digit":             {strings.Replace(more, "R13", "R14", 1), []reference.Found{{one, 0}}},
		"a zero":                    {one + "R0A", []reference.Found{{one, 0}}},
		"too many digits":           {one + "R1234567890A", []reference.Found{{one, 0}}},
		"another word":              {one + " R2D2", []reference.Found{{one, 0}}},
		"another reference":         {one + " " + long, []reference.Found{{one, 0}, {long, 0}}},
	} {
		require.Equal(t, c.want, reference.FindAttempts(c.text), name)
	}
	require.Equal(t, []string{one}, reference.Find(second+" "+more))
}

func TestAttemptsThatCanNotBe(t *testing.T) {
	t.Parallel()
	for _, number := range []int64{-1, 0, reference.MaxAttempt + 1} {
		_, err := reference.Attempt(one, number)
		require.ErrorContains(t, err, "attempt")
	}
	_, err := reference.Attempt("RF18539007547034", 1)
	require.ErrorIs(t, err, reference.ErrLength)
}

func TestEveryAttemptIsFoundAndFitsABank(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := reference.New(rapid.Int64Min(0).Draw(t, "circle"), "2026-10", rapid.IntRange(1, reference.MaxNumber).Draw(t, "number"))
		require.NoError(t, err)
		number := rapid.Int64Range(1, reference.MaxAttempt).Draw(t, "attempt")
		attempt, err := reference.Attempt(text, number)
		require.NoError(t, err)
		require.LessOrEqual(t, len(attempt), 35)
		separator := rapid.SampledFrom([]string{"", " ", "-", ".", " - ", "·", "\n  ", "\u200b"}).Draw(t, "separator")
		written := rapid.SampledFrom([]string{"", "用途", "R", "x "}).Draw(t, "before") + strings.ReplaceAll(reference.Print(attempt), " ", separator) +
			rapid.SampledFrom([]string{"", "。", "。1", "结算"}).Draw(t, "after")
		require.Equal(t, []reference.Found{{text, number}}, reference.FindAttempts(written))
	})
}
