package schema_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/api/spec"
)

const spendBody = `{"card":"8801","merchant":"hotpot","amount":"128.00"}`

// BenchmarkBody compares what it costs to check and decode the hot bodies here and
// with kin-openapi, which checks a decoded value.
func BenchmarkBody(b *testing.B) {
	text, err := os.ReadFile("../openapi.yaml")
	require.NoError(b, err)
	document, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(b, err)
	command := `{"type":"value.spent","idempotency_key":"till-1-000123","body":` + spendBody + `}`
	batchBody := `{"commands":[` + strings.Repeat(command+",", 99) + command + `]}`
	for _, test := range []struct {
		name, schema, body string
		into               func() any
	}{
		{"spend", "Spend", spendBody, func() any { return new(spec.Spend) }},
		{"batch of 100", "Batch", batchBody, func() any { return new(spec.Batch) }},
	} {
		asked := document.Components.Schemas[test.schema].Value
		b.Run(test.name+"/walk", func(b *testing.B) {
			b.ReportAllocs()
			compiled, err := schema.Compile(asked)
			require.NoError(b, err)
			each := compiled
			if test.schema == "Batch" { // its commands are deferred, and read one by one
				each, err = schema.Compile(document.Components.Schemas["SpendCommand"].Value)
				require.NoError(b, err)
			}
			for b.Loop() {
				into := test.into()
				require.NoError(b, compiled.Read([]byte(test.body), "", into))
				if batch, is := into.(*spec.Batch); is {
					for _, c := range batch.Commands {
						text, err := c.MarshalJSON()
						require.NoError(b, err)
						require.NoError(b, each.Read(text, "", new(spec.SpendCommand)))
					}
				}
			}
		})
		b.Run(test.name+"/kin-openapi", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var value any
				require.NoError(b, json.Unmarshal([]byte(test.body), &value))
				require.NoError(b, asked.VisitJSON(value))
				into := test.into()
				require.NoError(b, json.Unmarshal([]byte(test.body), into))
				if batch, is := into.(*spec.Batch); is {
					for _, c := range batch.Commands {
						_, err := c.AsSpendCommand()
						require.NoError(b, err)
					}
				}
			}
		})
	}
}
