package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/merchant/access"
)

var update = flag.Bool("update", false, "write the answers into docs/settlement.md instead of comparing them")

// block is a part of the page that is sent, or that was answered.
var block = regexp.MustCompile("(?s)```http\n(.*?)```\n(\n```answer\n.*?```\n)?")

// A reader of docs/settlement.md sees what a server really answers: the page is
// lived through, request by request.
func TestTheSettlementPageIsTrue(t *testing.T) {
	t.Parallel()
	const name = "../docs/settlement.md"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	s := newStory(t)
	s.direct = newStory(t, func(c *scenario.Alliance) { c.Terms.Settlement.Transfers = "direct" })
	s.direct.send(http.MethodPost, "/v1/test-clock/advance", s.direct.keys["organiser"], `{"to": "2026-11-01T00:00:00+08:00"}`)
	written := block.ReplaceAllStringFunc(string(text), func(found string) string {
		request := block.FindStringSubmatch(found)[1]
		return "```http\n" + request + "```\n\n```answer\n" + s.ask(request) + "```\n"
	})
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(written), 0o600))
	} else {
		require.Equal(t, string(text), written)
	}
	s.house.audit(s.alliance)
	for _, period := range []string{"2026-10", "2026-11"} {
		again, err := s.c.VerifySettlementWithResponse(t.Context(), period)
		require.True(t, ok(t, again.JSON200, again.ApplicationProblemJSONDefault, err).Identical, period)
	}
}

// newStory returns the circle of the page at the end of its October.
func newStory(t *testing.T, change ...func(*scenario.Alliance)) *story {
	t.Helper()
	s := &story{play: newPlay(t, "../docs/settlement", change...), keys: make(map[string]string), known: make(map[string]string)}
	for _, event := range s.events() {
		s.advance(event.At)
		require.Nil(t, s.post(event.ID, event.Command).problem, event.ID)
	}
	_, s.keys["organiser"] = s.issue(s.alliance, access.KeySpec{Role: access.OrganiserKey})
	for _, merchant := range []string{"cafe", "gym", "hotpot", "spa"} {
		_, s.keys[merchant] = s.issue(s.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: merchant, Till: "1", Right: access.OwnerRight})
	}
	return s
}

// story is the page on its way through the API.
type story struct {
	*play
	direct *story            // the same circle, whose parties pay each other
	keys   map[string]string // by who has it
	known  map[string]string // what the page names by @…@
	asked  int
}

var place = regexp.MustCompile(`@([a-z.]+)@`)

// ask sends a request of the page and returns the answer as it is printed.
func (s *story) ask(request string) string {
	s.t.Helper()
	s.learn()
	lines := strings.SplitN(strings.TrimSuffix(request, "\n"), "\n", 3)
	require.GreaterOrEqual(s.t, len(lines), 2, request)
	body := ""
	if len(lines) == 3 {
		body = lines[2]
	}
	fill := func(text string) string {
		return place.ReplaceAllStringFunc(text, func(named string) string {
			value, ok := s.known[strings.Trim(named, "@")]
			require.True(s.t, ok, named)
			return value
		})
	}
	method, path, _ := strings.Cut(lines[1], " ")
	var headers []string
	if method == http.MethodPost {
		s.asked++
		headers = append(headers, "Idempotency-Key", "page-"+strings.Repeat("i", s.asked))
	}
	if strings.HasPrefix(path, "/v1/bank-statements") {
		headers = append(headers, "Content-Type", "application/octet-stream")
	}
	if lines[0] == "# organiser of the same circle, with transfers: direct" {
		answer := s.direct.send(method, path, s.direct.keys["organiser"], "")
		return http.StatusText(answer.status) + "\n" + printed(s.t, answer, "netting", "transfers")
	}
	key := s.keys[strings.TrimPrefix(lines[0], "# ")]
	require.NotEmpty(s.t, key, lines[0])
	if strings.HasPrefix(path, "/v1/test-clock") {
		headers = nil
	}
	answer := s.send(method, fill(path), key, fill(body), headers...)
	require.Less(s.t, answer.status, 500, "%s: %s", request, answer.body)
	return http.StatusText(answer.status) + "\n" + printed(s.t, answer)
}

// learn looks up what the page names: the obligations of October by who pays or is
// paid, and the newest event.
func (s *story) learn() {
	s.t.Helper()
	page, err := s.c.ListObligationsWithResponse(s.t.Context(), "2026-10", &spec.ListObligationsParams{})
	require.NoError(s.t, err)
	if page.JSON200 == nil {
		return // October is open
	}
	for _, o := range page.JSON200.Items {
		who := o.Payee
		if o.Payee == "custody" {
			who = o.Payer
		}
		s.known[who], s.known[who+".ref"], s.known[who+".rest"] = o.Sent, o.Reference, o.Outstanding
		if o.Payee == "custody" {
			s.known[who] = o.Outstanding
		}
	}
	unknown, err := reference.New(s.alliance.ID, "2026-10", 99)
	require.NoError(s.t, err)
	s.known["unknown.ref"] = unknown
	s.known["event"] = "0"
	after := int64(0)
	for {
		events, err := s.c.ListEventsWithResponse(s.t.Context(), &spec.ListEventsParams{After: &after})
		list := ok(s.t, events.JSON200, events.ApplicationProblemJSONDefault, err)
		if list.NextAfter == nil {
			return
		}
		after = *list.NextAfter
		for _, e := range list.Items {
			if e.Type == "payout.confirmed" {
				s.known["event"] = json.Number(bytesOf(s.t, e.Number)).String()
			}
		}
	}
}

func bytesOf(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// printed writes an answer for people: JSON with a line for each field, and each item
// of a list; of a list that is longer than mostItems, its beginning; or some fields only.
func printed(t testing.TB, a answer, only ...string) string {
	t.Helper()
	const mostItems, mostLines = 14, 36
	if !strings.Contains(a.header.Get("Content-Type"), "json") {
		body := strings.TrimSuffix(strings.ReplaceAll(a.body, "\r\n", "\n"), "\n")
		lines := strings.SplitAfter(body+"\n", "\n")
		switch {
		case len(lines) <= mostLines:
		case strings.HasPrefix(lines[0], "; "): // a journal begins with the chart of accounts
			lines = append([]string{"…\n"}, lines[len(lines)-mostLines:]...)
		default:
			lines = append(lines[:mostLines], "…\n")
		}
		return strings.Join(lines, "")
	}
	var fields orderedObject
	require.NoError(t, json.Unmarshal([]byte(a.body), &fields), a.body)
	var out strings.Builder
	out.WriteString("{\n")
	fields = slices.DeleteFunc(fields, func(f field) bool {
		return f.name == "request_id" || f.name == "type" && strings.Contains(string(f.value), "/docs/")
	})
	if len(only) > 0 {
		fields = slices.DeleteFunc(fields, func(f field) bool { return !slices.Contains(only, f.name) })
		out.WriteString("  …\n")
	}
	for i, f := range fields {
		comma := ","
		if i == len(fields)-1 {
			comma = ""
		}
		var items []json.RawMessage
		if json.Unmarshal(f.value, &items) != nil || len(items) == 0 {
			out.WriteString("  \"" + f.name + "\": " + string(f.value) + comma + "\n")
			continue
		}
		out.WriteString("  \"" + f.name + "\": [\n")
		for i, item := range items {
			if i == mostItems {
				out.WriteString("    …\n")
				break
			}
			end := ","
			if i == len(items)-1 {
				end = ""
			}
			out.WriteString("    " + string(item) + end + "\n")
		}
		out.WriteString("  ]" + comma + "\n")
	}
	out.WriteString("}\n")
	return out.String()
}

// orderedObject is a JSON object in the order in which it was written.
type orderedObject []field

type field struct {
	name  string
	value json.RawMessage
}

// UnmarshalJSON reads an object.
func (o *orderedObject) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		if text, is := name.(string); is {
			*o = append(*o, field{text, value})
		}
	}
	return nil
}
