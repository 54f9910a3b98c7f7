package scenario_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

func TestEventRefusals(t *testing.T) {
	t.Parallel()
	const head = `{"at":"2026-10-01T09:00:00+08:00","id":"e1",`
	const spent = head + `"type":"value.spent","card":"c","merchant":"s",`
	const used = head + `"type":"pass.used","card":"c","merchant":"s","benefit":"b",`
	for name, c := range map[string]struct{ line, want string }{
		"code with a space":     {strings.Replace(frozen, `"c"`, `"c "`, 1), "card: begins or ends with a space; write it without"},
		"code with a wide one":  {strings.Replace(frozen, `"c"`, `"\u3000c"`, 1), "card: begins or ends with a space"},
		"code with a joiner":    {strings.Replace(frozen, `"c"`, `"c\u200d"`, 1), "card: contains a character that can't be seen; write it without: U+200D"},
		"code turned round":     {strings.Replace(frozen, `"c"`, `"\u202ec"`, 1), "card: contains a character that can't be seen; write it without: U+202E"},
		"code with a control":   {strings.Replace(frozen, `"c"`, `"c\u0001"`, 1), "card: contains a control character"},
		"long code":             {strings.Replace(frozen, `"c"`, `"`+strings.Repeat("x", 129)+`"`, 1), "card: is longer than 128 bytes"},
		"long merchant":         {strings.Replace(spent, `"s"`, `"`+strings.Repeat("锅", 43)+`"`, 1) + `"amount":"1"}`, "merchant: is longer than 128 bytes"},
		"long id":               {strings.Replace(frozen, "e1", strings.Repeat("x", 256), 1), "id: is longer than 255 bytes"},
		"long of":               {head + `"type":"reversed","of":"` + strings.Repeat("x", 256) + `"}`, "of: is longer than 255 bytes"},
		"blank":                 {"", "is blank; every line is an event"},
		"white space":           {" \t\r", "is blank"},
		"a word":                {"hello", "not JSON: invalid character 'h' at start of value at byte 1"},
		"an array":              {"[" + frozen + "]", "is an array; a line is an object, the event"},
		"null":                  {"null", "is null; a line is an object, the event"},
		"a byte order mark":     {"\ufeff" + frozen, "not JSON: invalid character '\\ufeff' at start of value at byte 1"},
		"two objects":           {frozen + frozen, "the line goes on after the event"},
		"trailing comma":        {frozen + ",", "the line goes on after the event"},
		"comma before the end":  {`{"id":"e1",}`, "not JSON: invalid character ',' at start of value at byte 11"},
		"no comma":              {`{"id":"e1" "at":"x"}`, `not JSON: invalid character '"' after object value (expecting ',' or '}') at byte 12`},
		"no colon":              {`{"id","e1"}`, "not JSON: invalid character ',' after object name (expecting ':') at byte 6"},
		"no value":              {`{"id":}`, "id: not JSON: missing value after object name at byte 7"},
		"unclosed":              {`{"id":"e1"`, "not JSON: the line ends too early"},
		"a brace alone":         {"{", "not JSON: the line ends too early"},
		"unclosed string":       {`{"id":"e1}`, "id: not JSON: the line ends too early"},
		"unclosed after escape": {`{"id":"\n}`, "id: not JSON: the line ends too early"},
		"single quotes":         {`{'id':'e1'}`, "not JSON: invalid character '\\'' at start of value at byte 2"},
		"a comment":             {frozen + " // c", "the line goes on after the event"},
		"NaN":                   {used + `"count":NaN}`, "count: not JSON: invalid character 'N' at start of value"},
		"not UTF-8":             {strings.Replace(frozen, "e1", "\xff", 1), "not UTF-8 at byte 41"},
		"surrogate in UTF-8":    {strings.Replace(frozen, "e1", "\xed\xa0\x80", 1), "not UTF-8 at byte 41"},
		"raw NUL":               {strings.Replace(frozen, "e1", "\x00", 1), "id: not JSON: invalid character '\\x00' in string (expecting non-control character) at byte 41"},
		"raw tab in a string":   {strings.Replace(frozen, "e1", "\\\\\t", 1), "invalid character '\\t' in string (expecting non-control character) at byte 43"},
		"NUL between":           {"{\x00}", "not JSON: invalid character '\\x00' at start of value at byte 2"},
		"escaped NUL":           {strings.Replace(frozen, "e1", `\u0000`, 1), "id: a string contains a NUL character"},
		"high surrogate":        {strings.Replace(frozen, "e1", `\ud83c`, 1), "id: not JSON: invalid surrogate pair"},
		"low surrogate":         {strings.Replace(frozen, "e1", `\udf72`, 1), "id: not JSON: invalid surrogate pair"},
		"surrogates reversed":   {strings.Replace(frozen, "e1", `\udf72\ud83c`, 1), "id: not JSON: invalid surrogate pair"},
		"surrogate in a key":    {`{"\ud83c":1}`, "not JSON: invalid surrogate pair"},
		"no such escape":        {strings.Replace(frozen, "e1", `\x41`, 1), `id: not JSON: invalid escape sequence `},
		"escape cut short":      {`{"id":"\u00`, "id: not JSON: the line ends too early"},
		"escape with a sign":    {strings.Replace(frozen, "e1", `\u+041`, 1), "id: not JSON: invalid escape sequence"},
		"backslash at the end":  {`{"id":"\`, "id: not JSON: the line ends too early"},
		"key twice":             {spent + `"amount":"1","amount":"1"}`, `key "amount" is given twice`},
		"key twice by escape":   {spent + `"amount":"1","\u0061mount":"1"}`, `key "amount" is given twice`},
		"unknown key":           {spent + `"amout":"1"}`, `key "amout" is not known; value.spent takes card, merchant, amount`},
		"unknown key, nested":   {spent + `"x":{"y":[1]},"amount":"1"}`, `key "x" is not known; value.spent takes card, merchant, amount`},
		"unknown key, no type":  {`{"x":1}`, `key "x" is not known`},
		"unknown key, no JSON":  {`{"x":`, `key "x" is not known`},
		"empty key":             {`{"":"x"}`, `key "" is not known`},
		"wrong case":            {strings.Replace(frozen, `"card"`, `"Card"`, 1), `key "Card" is not known; card.frozen takes card`},
		"key of another type":   {spent + `"amount":"1","bill":"1"}`, `key "bill" is not known; value.spent takes card, merchant, amount`},
		"optional elsewhere":    {strings.Replace(frozen, `"card"`, `"count":1,"card"`, 1), `key "count" is not known; card.frozen takes card`},
		"missing amount":        {strings.TrimSuffix(spent, ",") + "}", `key "amount" is missing; value.spent takes at, id, card, merchant, amount`},
		"missing at":            {`{"id":"e1","type":"card.frozen","card":"c"}`, `key "at" is missing; card.frozen takes at, id, card`},
		"missing id":            {`{"at":"2026-10-01T09:00:00Z","type":"card.frozen","card":"c"}`, `key "id" is missing`},
		"missing type":          {head + `"card":"c"}`, `key "type" is missing`},
		"empty object":          {"{}", `key "type" is missing`},
		"unknown type":          {head + `"type":"card.lost","card":"c"}`, `type "card.lost" is not known; types are card.sold, card.topped_up, value.spent`},
		"type in capitals":      {head + `"type":"Card.Frozen","card":"c"}`, `type "Card.Frozen" is not known`},
		"number for an amount":  {spent + `"amount":1.00}`, "amount is a number; it has to be a string in double quotes"},
		"null for an amount":    {spent + `"amount":null}`, "amount is null; it has to be a string"},
		"bool for a code":       {head + `"type":"card.frozen","card":true}`, "card is true or false; it has to be a string"},
		"array for a code":      {head + `"type":"card.frozen","card":["c"]}`, "card is an array; it has to be a string"},
		"object for a code":     {head + `"type":"card.frozen","card":{}}`, "card is an object; it has to be a string"},
		"null for an optional":  {head + `"type":"reversed","of":"e0","amount":null}`, "amount is null"},
		"number for an id":      {`{"id":7}`, "id is a number; it has to be a string"},
		"number for at":         {`{"at":1790000000}`, "at is a number; it has to be a string"},
		"string for a count":    {used + `"count":"1"}`, "count is a string; it has to be a whole number without quotes"},
		"null for a count":      {used + `"count":null}`, "count is null; it has to be a whole number"},
		"fraction":              {used + `"count":1.0}`, "count: a fraction or an exponent; it has to be a whole number"},
		"exponent":              {used + `"count":1e3}`, "count: a fraction or an exponent"},
		"exponent in capitals":  {used + `"count":0E0}`, "count: a fraction or an exponent"},
		"leading zero":          {used + `"count":01}`, "not JSON: invalid character '1' after object value (expecting ',' or '}') at byte 113"},
		"minus alone":           {used + `"count":-}`, "count: not JSON: invalid character '}' in number (expecting digit) at byte 113"},
		"minus at the end":      {used + `"count":-`, "count: not JSON: the line ends too early"},
		"a plus":                {used + `"count":+1}`, "count: not JSON: invalid character '+' at start of value"},
		"hexadecimal":           {used + `"count":0x1}`, "not JSON: invalid character 'x' after object value"},
		"funder":                {head + `"type":"card.topped_up","card":"c","amount":"1","bonus_funded_by":"seller"}`, `bonus_funded_by is "seller"; it is organiser or merchant`},
		"empty funder":          {head + `"type":"card.topped_up","card":"c","amount":"1","bonus_funded_by":""}`, `bonus_funded_by is ""; it is organiser or merchant`},
		"too long":              {frozen + strings.Repeat(" ", 1<<20), "longer than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scenario.NewReader(alliance.Standard(), "events.jsonl", strings.NewReader(frozen+"\n"+c.line+"\n"+frozen+"\n"), "till")
			_, err := r.Next()
			require.NoError(t, err)
			event, err := r.Next()
			require.ErrorContains(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), "events.jsonl:2: "), err)
			require.Zero(t, event)
			var wrong *scenario.FileError
			require.True(t, errors.As(err, &wrong))
			require.Equal(t, 2, wrong.Line)
			require.NoError(t, wrong.Cause)
			_, again := r.Next()
			require.Equal(t, err, again, "nothing is read behind an error")
		})
	}
}

func TestTimeRefusals(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"":                          `at: "" is not a time of RFC 3339 with an offset`,
		"2026-10-01":                "is not a time of RFC 3339",
		"2026-10-01T09:00:00":       "is not a time of RFC 3339",
		"2026-10-01T09:00Z":         "is not a time of RFC 3339",
		"2026-10-01 09:00:00Z":      "is not a time of RFC 3339",
		"2026-10-01t09:00:00z":      "is not a time of RFC 3339",
		"2026-10-01T9:00:00Z":       "is not a time of RFC 3339",
		"2026-10-01T09:00:00,5Z":    "is not a time of RFC 3339",
		"2026-10-01T09:00:00.Z":     "is not a time of RFC 3339",
		"2026-10-01T09:00:00.5":     "is not a time of RFC 3339",
		"2026-10-01T09:00:00+0800":  "is not a time of RFC 3339",
		"2026-10-01T09:00:00+08":    "is not a time of RFC 3339",
		"2026-10-01T09:00:00 08:00": "is not a time of RFC 3339",
		"2026-10-01T09:00:00+24:00": "is not a time of RFC 3339",
		"2026-10-01T09:00:00+08:60": "is not a time of RFC 3339",
		"2026-10-01T09:00:00Z ":     "is not a time of RFC 3339",
		"+2026-10-01T09:00:00Z":     "is not a time of RFC 3339",
		"12026-10-01T09:00:00Z":     "is not a time of RFC 3339",
		"２026-10-01T09:00:00Z":      "is not a time of RFC 3339",
		"2026-13-01T09:00:00Z":      `at: there is no time "2026-13-01T09:00:00Z"`,
		"2026-02-29T09:00:00Z":      "there is no time",
		"2026-10-01T24:00:00Z":      "there is no time",
		"2026-12-31T23:59:60Z":      "there is no time",
		"0000-01-01T00:00:00Z":      "lies outside of the years 1000 to 9000",
		"0001-01-01T00:00:00Z":      "lies outside of the years 1000 to 9000",
		"1000-01-01T00:00:00+00:01": "lies outside of the years 1000 to 9000",
		"9000-12-31T23:59:59-00:01": "lies outside of the years 1000 to 9000",
	} {
		_, err := read(`{"at":"` + at + `","id":"e1","type":"card.frozen","card":"c"}`)
		require.ErrorContains(t, err, want, at)
	}
}

func TestEventsStandInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, second string
		earlier       bool
	}{
		{"2026-10-01T09:00:00Z", "2026-10-01T09:00:00Z", false},
		{"2026-10-01T09:00:00+08:00", "2026-10-01T01:00:00Z", false},
		{"2026-10-01T09:00:00Z", "2026-10-01T09:30:00+01:00", true},
		{"2026-10-01T09:00:00.000000002Z", "2026-10-01T09:00:00.000000001Z", true},
		{"1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z", false},
		{"1000-01-02T00:00:00Z", "1000-01-01T00:00:00Z", true},
	} {
		line := func(at string) string { return `{"at":"` + at + `","id":"e1","type":"card.frozen","card":"c"}` + "\n" }
		_, err := read(line(c.first) + line(c.second))
		if !c.earlier {
			require.NoError(t, err, c)
			continue
		}
		require.EqualError(t, err, "events.jsonl:2: at: "+c.second+" is earlier than the line before; events stand in the order of time")
	}
}

func TestBlankLineAtTheEndIsNoEvent(t *testing.T) {
	t.Parallel()
	_, err := read(frozen + "\n\n")
	require.EqualError(t, err, "events.jsonl:2: is blank; every line is an event")
}

func TestLongestLineIsOneMebibyte(t *testing.T) {
	t.Parallel()
	longest := frozen + strings.Repeat(" ", 1<<20-len(frozen)-1) + "\n"
	_, err := read(longest + longest)
	require.NoError(t, err)
	_, err = read(longest + " " + longest)
	require.EqualError(t, err, "events.jsonl:2: longer than 1048576 bytes")
}

func TestReadErrorIsKeptAsCause(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	r := scenario.NewReader(alliance.Standard(), "events.jsonl", io.MultiReader(strings.NewReader(frozen+"\n{"), iotest.ErrReader(broken)), "till")
	_, err := r.Next()
	require.NoError(t, err)
	_, err = r.Next()
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "events.jsonl:2: can't be read: the disk is gone")
}
