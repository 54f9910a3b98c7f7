package message_test

import (
	"errors"
	"fmt"
	"testing"

	json "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/message"
)

type state string

var errLarge = errors.New("too large")

var chinese = message.Language{
	Sentences: map[string]string{
		"%q is %s; it holds %d of 100%%": "{2}的 {1} 占 100% 中的 {3}",
		"%s: %v":                         "{1}：{2}",
		"%v":                             "{1}",
		"%v: %q is too much":             "{1}：{2} 超出",
		"too large":                      "太大",
		"nothing":                        "没有",
	},
	Words: map[string]string{"open": "开放"},
}

func TestASentenceIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format           string
		args             []any
		english, chinese string
	}{
		{"nothing", nil, "nothing", "没有"},
		{"%q is %s; it holds %d of 100%%", []any{"a{2}b", state("open"), 7}, `"a{2}b" is open; it holds 7 of 100%`, `开放的 "a{2}b" 占 100% 中的 7`},
		{"%q is %s; it holds %d of 100%%", []any{"", state("shut"), int64(-7)}, `"" is shut; it holds -7 of 100%`, `shut的 "" 占 100% 中的 -7`},
		{"%s: %v", []any{"amount", fmt.Errorf("%q: %w", "1e9", errLarge)}, `amount: "1e9": too large`, `amount："1e9": 太大`},
		{"%v", []any{fmt.Errorf("%w: %d", errLarge, 99)}, "too large: 99", "太大: 99"},
		{"%v: %q is too much", []any{errLarge, "9"}, `too large: "9" is too much`, `太大："9" 超出`},
		{"%s: %v", []any{"amount", errors.New("odd")}, "amount: odd", "amount：odd"},
		{"%s is not translated", []any{state("open")}, "open is not translated", "open is not translated"},
	} {
		m := message.New(test.format, test.args...)
		require.Equal(t, fmt.Sprintf(test.format, test.args...), m.English())
		require.Equal(t, test.english, m.English())
		require.Equal(t, test.chinese, m.In(&chinese))

		stored, err := json.Marshal(m)
		require.NoError(t, err)
		var again message.Message
		require.NoError(t, json.Unmarshal(stored, &again))
		require.Equal(t, test.chinese, again.In(&chinese))
		require.Equal(t, test.english, again.English())
	}
}

func TestAWrappedSentinelIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	err := message.Wrap("%v: %q is too much", errLarge, "9")
	require.ErrorIs(t, err, errLarge)
	require.EqualError(t, err, `too large: "9" is too much`)
	var said *message.Error
	require.ErrorAs(t, err, &said)
	require.Equal(t, `太大："9" 超出`, said.Message.In(&chinese))
}
