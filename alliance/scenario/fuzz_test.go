package scenario_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// rfc3339 is the grammar of section 5.6, with T and Z in capitals.
var rfc3339 = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// FuzzEvent compares the scanner with encoding/json: what it accepts is JSON, and
// says the same after another program has read it and written it anew.
func FuzzEvent(f *testing.F) {
	for _, folder := range []string{"corners", "at-use"} {
		data, err := os.ReadFile(filepath.Join("testdata", folder, "events.jsonl"))
		require.NoError(f, err)
		for _, line := range bytes.Split(data, []byte("\n"))[:40] {
			f.Add(line)
		}
	}
	f.Add([]byte(`{"at":"2026-10-01T09:00:00.5Z","id":"\ud83c\udf72<&>\u2028","type":"pass.used","card":"\/\b","merchant":"","benefit":"\\","count":-0}`))
	f.Add([]byte(`{"at":"2026-10-01T09:00:00Z","id":"1","type":"points.spent","card":"c","merchant":"s","points":99999999999999999999}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r := scenario.NewReader(alliance.Standard(), "events.jsonl", bytes.NewReader(line), "till")
		event, err := r.Next()
		if err != nil || bytes.ContainsRune(line, '\n') {
			return
		}
		require.True(t, json.Valid(line), "%q", line)
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		var object map[string]any
		require.NoError(t, decoder.Decode(&object))
		require.Equal(t, object["id"], event.ID)
		require.Regexp(t, rfc3339, object["at"])
		sorted, err := json.Marshal(object)
		require.NoError(t, err)
		again, err := scenario.NewReader(alliance.Standard(), "events.jsonl", bytes.NewReader(sorted), "till").Next()
		require.NoError(t, err, "%q", sorted)
		require.Equal(t, event, again)

		for key, value := range object {
			object[key] = "changed"
			other, _ := json.Marshal(object)
			changed, err := scenario.NewReader(alliance.Standard(), "events.jsonl", bytes.NewReader(other), "till").Next()
			require.True(t, err != nil || changed.Hash != event.Hash || bytes.Equal(other, sorted), "%q", other)
			object[key] = value
		}
	})
}

// FuzzCircle makes sure that a file is either refused with a line that it has, or
// makes a setup that agrees with its documents. Minimizing a file of YAML takes
// longer than finding one: run it with -fuzzminimizetime 10x.
func FuzzCircle(f *testing.F) {
	f.Add([]byte(allianceYAML))
	for _, folder := range []string{"corners", "riverside", "at-use"} {
		data, err := os.ReadFile(filepath.Join("testdata", folder, "circle.yaml"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a, *a]\n<<: *a\n"))
	f.Add([]byte(`{"alliance":{"code":"\ud83c\udf72\/"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := scenario.ParseAlliance("circle.yaml", data)
		if err != nil {
			var wrong *scenario.FileError
			require.True(t, errors.As(err, &wrong))
			require.NotEmpty(t, wrong.Reason)
			require.GreaterOrEqual(t, wrong.Line, 0)
			return
		}
		require.NotEmpty(t, c.Code)
		require.Len(t, c.Setup.Merchants, len(c.Merchants))
		require.Len(t, c.Setup.Products, len(c.Products))
		for _, merchant := range c.Merchants {
			require.Contains(t, c.Setup.Merchants, merchant.Code)
			require.False(t, strings.ContainsRune(merchant.Name, 0))
		}
	})
}
