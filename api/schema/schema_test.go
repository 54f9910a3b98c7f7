package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	json "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/schema"
)

// document wraps a schema and a parameter into a document, in YAML.
const document = `
openapi: 3.0.3
info: {title: x, version: "1"}
paths: {}
components:
  parameters:
    p: PARAMETER
  schemas:
    s: SCHEMA
`

// read reads a schema from YAML.
func read(t *testing.T, yaml string) *openapi3.Schema {
	t.Helper()
	text := strings.NewReplacer("PARAMETER", "{name: p, in: query, schema: {type: string}}", "SCHEMA", yaml).Replace(document)
	d, err := openapi3.NewLoader().LoadFromData([]byte(text))
	require.NoError(t, err)
	return d.Components.Schemas["s"].Value
}

func readParameter(t *testing.T, yaml string) *openapi3.Parameter {
	t.Helper()
	text := strings.NewReplacer("PARAMETER", yaml, "SCHEMA", "{type: string}").Replace(document)
	d, err := openapi3.NewLoader().LoadFromData([]byte(text))
	require.NoError(t, err)
	return d.Components.Parameters["p"].Value
}

func TestWhatIsNotEnforcedIsNotCompiled(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{
		"{}", "{type: number}", "{type: string, format: email}", "{type: integer, format: int32}", "{type: string, maxLenght: 3}", "{type: string, x-max-byte: 3}",
		"{type: string, minimum: 3}", "{type: integer, multipleOf: 2}", "{type: integer, minimum: 0, exclusiveMinimum: true}", "{type: integer, enum: [1, 2]}",
		"{type: integer, minimum: 0.5}", "{type: string, nullable: true}", "{type: string, pattern: a}", "{type: string, x-max-bytes: many}",
		"{type: array, items: {type: string}, uniqueItems: true}", "{type: array, items: {type: number}}", "{type: object}",
		"{type: object, additionalProperties: {type: string}}", "{type: object, additionalProperties: true}",
		"{type: object, additionalProperties: false, minProperties: 1}", "{type: object, additionalProperties: false, properties: {a: {type: string, format: uri}}}",
		"{allOf: [{type: string}]}", "{anyOf: [{type: string}]}", "{not: {type: string}}", "{oneOf: [{type: string, format: email}]}",
		"{type: string, readOnly: true}", "{type: string, deprecated: true}",
	} {
		_, err := schema.Compile(read(t, yaml))
		require.Error(t, err, yaml)
	}
	for _, yaml := range []string{
		"{name: p, in: cookie, schema: {type: string}}", "{name: p, in: query, schema: {type: array, items: {type: string}}}",
		"{name: p, in: query, schema: {type: string}, allowEmptyValue: true}", "{name: p, in: query, schema: {type: string}, style: form, explode: false}",
		"{name: p, in: query, schema: {type: string, format: uuid}}", "{name: p, in: query, x-note: y, schema: {type: string}}",
	} {
		_, err := schema.CompileParameter(readParameter(t, yaml))
		require.Error(t, err, yaml)
	}
}

// says returns what is wrong with a body by a schema.
func says(t *testing.T, yaml, body string) string {
	t.Helper()
	s, err := schema.Compile(read(t, yaml))
	require.NoError(t, err, yaml)
	var into any
	err = s.Read([]byte(body), "", &into)
	var wrong *schema.Error
	if errors.As(err, &wrong) {
		return wrong.Error()
	}
	require.NoError(t, err)
	return ""
}

func TestKeywordsOfBodies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, good, bad, says string }{
		{"{type: string, minLength: 2}", `"火锅"`, `"火"`, "is shorter than 2 characters"},
		{"{type: string, minLength: 1}", `"火"`, `""`, "is empty"},
		{"{type: string, maxLength: 2}", `"火锅"`, `"火锅店"`, "is longer than 2 characters"},
		{"{type: string, x-max-bytes: 6}", `"火锅"`, `"火锅店"`, "must be at most 6 bytes"},
		{"{type: string, enum: [a, b]}", `"a"`, `"c"`, "is not one of a, b"},
		{"{type: string, pattern: '^a+$', example: aa}", `"aaa"`, `"aab"`, "is not written like aa"},
		{"{type: string, format: identifier}", `"x"`, `"x\ty"`, "control character"},
		{"{type: string, format: identifier}", `"a b"`, `"bob "`, "begins or ends with a space"},
		{"{type: string, format: identifier, x-max-bytes: 3}", `"８８０"`, `"８８０１"`, "must be at most 3 bytes"},
		{"{type: string, format: opaque}", `"bob "`, `"x\ty"`, "control character"},
		{"{type: string, format: date-time}", `"2026-10-05T09:00:00+08:00"`, `"2026-10-05"`, "is not a time such as"},
		{"{type: string}", `"a\tb"`, `"a\u0000b"`, "NUL"},
		{"{type: string}", `"é"`, "\"\xff\"", "is not JSON"},
		{"{type: string}", `"\ud83d\ude00"`, `"\ud83d"`, "is not JSON"},
		{"{type: string}", `""`, `1`, "is a number and should be a string"},
		{"{type: integer, minimum: 1}", `1`, `0`, "must be at least 1"},
		{"{type: integer, maximum: 9}", `9`, `10`, "must be at most 9"},
		{"{type: integer, minimum: 1, maximum: 9}", `9`, `10`, "must be between 1 and 9"},
		{"{type: integer, minimum: 1, maximum: 9}", `1`, `-1`, "must be between 1 and 9"},
		{"{type: integer}", `-9223372036854775808`, `9223372036854775808`, "is not a whole number"},
		{"{type: integer, format: int64}", `2`, `2.0`, "is not a whole number"},
		{"{type: boolean}", `false`, `"false"`, "should be a boolean"},
		{"{type: array, items: {type: boolean}, minItems: 1}", `[true]`, `[]`, "is empty; send at least 1"},
		{"{type: array, items: {type: boolean}, maxItems: 1}", `[true]`, `[true, true]`, "more than 1 items"},
		{"{type: object, additionalProperties: false, properties: {a: {type: string}}, required: [a]}", `{"a": ""}`, `{}`, "a is missing"},
		{"{type: object, additionalProperties: false, properties: {a: {type: string, maxLength: 1}}}", `{"a": "x"}`, `{"a": "xy"}`, "a is longer than 1 characters"},
	} {
		require.Empty(t, says(t, test.schema, test.good), test.schema)
		require.Contains(t, says(t, test.schema, test.bad), test.says, test.schema)
	}
}

// TestTextBesideADeferredValueIsStrict: a decoder that passes over deferred values
// would turn what is not UTF-8 into something else.
func TestTextBesideADeferredValueIsStrict(t *testing.T) {
	t.Parallel()
	s := schema.Object(map[string]*schema.Schema{"key": schema.Text(), "body": schema.Deferred()}, "key")
	var into struct {
		Key  string `json:"key"`
		Body any    `json:"body"`
	}
	require.NoError(t, s.Read([]byte("{\"key\": \"é\"}"), "", &into))
	for _, body := range []string{"{\"key\": \"\xff\"}", `{"key": "\ud800"}`, `{"key": "\u0000"}`} {
		require.Error(t, s.Read([]byte(body), "", &into), body)
	}
}

func TestKeywordsOfParameters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, good, bad, says string }{
		{"{type: string, enum: [a, b]}", "a", "c", "p is not one of a, b"},
		{"{type: string, pattern: '^a+$'}", "aaa", "b", "p is not written like aa"},
		{"{type: string, format: identifier}", "x", "\x01", "p contains a control character"},
		{"{type: string, format: text}", " 渝里 火锅\u3000😀", "\u202ebob", "p contains a character that can't be seen; write it without: U+202E"},
		{"{type: string, format: text}", "", "a\nb", "p contains a control character"},
		{"{type: string}", "x", "\x00", "p contains a NUL"},
		{"{type: string}", "x", "\xff", "p is not UTF-8"},
		{"{type: string, x-max-bytes: 2}", "xx", "火", "p must be at most 2 bytes"},
		{"{type: integer, minimum: 0}", "0", "-5", "p must be at least 0"},
		{"{type: integer, maximum: 9}", "9", "10", "p must be at most 9"},
		{"{type: integer}", "9223372036854775807", "9223372036854775808", "p is not a whole number"},
		{"{type: integer}", "5", "+5", "p is not a whole number"},
		{"{type: integer}", "5", "05", "p is not a whole number"},
		{"{type: integer}", "-5", "5.0", "p is not a whole number"},
		{"{type: boolean}", "true", "yes", "p is neither true nor false"},
	} {
		p, err := schema.CompileParameter(readParameter(t, "{name: p, in: query, example: aa, schema: "+test.schema+"}"))
		require.NoError(t, err, test.schema)
		_, err = p.Check(test.good, "")
		require.NoError(t, err, test.schema)
		_, err = p.Check(test.bad, "")
		require.ErrorContains(t, err, test.says, test.schema)
		_, err = p.Check(test.bad, "list[3]")
		require.ErrorContains(t, err, "list[3] ", test.schema)
	}
}

// TestIdentifiersAreReadAsTheyAreStored: whoever gets the body sees them so, wherever they stand.
func TestIdentifiersAreReadAsTheyAreStored(t *testing.T) {
	t.Parallel()
	s, err := schema.Compile(read(t, `{type: object, additionalProperties: false, properties: {
		code: {type: string, format: identifier}, name: {type: string}, list: {type: array, items: {type: string, format: identifier}}}}`))
	require.NoError(t, err)
	for body, want := range map[string]string{
		`{"code": "bob", "name": "bob "}`:                       `{"code":"bob","name":"bob "}`,
		`{"code": "８８０１", "name": "８８０１"}`:                      `{"code":"8801","name":"８８０１"}`,
		`{ "list" : ["\uff41", "b", "e\u0301"] , "code":"ｃ"}  `: `{"code":"c","list":["a","b","é"]}`,
		`{"code": "\uff02\uff3c"}`:                              `{"code":"\"\\"}`,
		`{"code": "` + strings.Repeat("８", 3000) + `"}`:         `{"code":"` + strings.Repeat("8", 3000) + `"}`,
	} {
		var into map[string]any
		require.NoError(t, s.Read([]byte(body), "", &into), body)
		got, err := json.Marshal(into, json.Deterministic(true))
		require.NoError(t, err)
		require.Equal(t, want, string(got), body)
	}
	flat, err := schema.Compile(read(t, `{type: object, additionalProperties: false, properties: {code: {type: string, format: identifier}, n: {type: integer}}}`))
	require.NoError(t, err)
	fields, err := flat.ReadFields([]byte(`{"n": 1, "code": "８８０１"}`), "")
	require.NoError(t, err)
	require.Equal(t, []schema.Field{{Name: "code", Text: "8801"}, {Name: "n", Text: "1"}}, fields)
}
