package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// setUp is docs/set-up.md on its way through the API: a circle that has nothing but
// its organiser's key.
type setUp struct {
	*house
	keys  map[string]string // by who has it
	known map[string]string // what the page names by @…@
	asked int
}

// TestTheSetUpPagesAreTrue sends every request of the page, in each language, and
// compares the answers. go test ./api -run SetUpPages -update writes them anew.
func TestTheSetUpPagesAreTrue(t *testing.T) {
	t.Parallel()
	var told []string
	for _, name := range []string{"../docs/set-up.md", "../docs/set-up.zh-CN.md"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		h := newHouse(t)
		s := &setUp{house: h, keys: map[string]string{"organiser": h.key}, known: map[string]string{}}
		written := block.ReplaceAllStringFunc(string(text), func(found string) string {
			request := block.FindStringSubmatch(found)[1]
			return "```http\n" + request + "```\n\n```answer\n" + s.ask(request) + "```\n"
		})
		if *update {
			text = []byte(written)
			require.NoError(t, os.WriteFile(name, []byte(written), 0o600))
		}
		require.Equal(t, written, string(text), name)
		told = append(told, strings.Join(block.FindAllString(written, -1), ""))
		require.NotEmpty(t, told[0])
		require.Equal(t, told[0], told[len(told)-1], "both languages show the same requests and answers")
		s.audit(s.alliance)
	}
}

// secrets are made at random, and so is what is printed of them.
var secrets = regexp.MustCompile(`lk_test_\w+|key_\w{6,}`)

func (s *setUp) ask(request string) string {
	s.t.Helper()
	s.learn()
	who, rest, _ := strings.Cut(request, "\n")
	line, body, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), "\n")
	method, path, _ := strings.Cut(line, " ")
	key := s.keys[strings.TrimPrefix(who, "# ")]
	require.NotEmpty(s.t, key, who)
	body = place.ReplaceAllStringFunc(body, func(named string) string {
		value, ok := s.known[strings.Trim(named, "@")]
		require.True(s.t, ok, named)
		return value
	})
	s.asked++
	headers := []string{"Idempotency-Key", "page-" + strings.Repeat("i", s.asked)}
	if strings.HasPrefix(path, "/v1/bank-statements") {
		headers = append(headers, "Content-Type", "application/octet-stream")
	}
	answer := s.send(method, path, key, body, headers...)
	if answer.status == http.StatusBadRequest { // not every operation takes a key
		answer = s.send(method, path, key, body)
	}
	require.Less(s.t, answer.status, 300, "%s: %s", request, answer.body)
	if path == "/v1/keys" {
		var made spec.NewKey
		require.NoError(s.t, json.Unmarshal([]byte(answer.body), &made))
		s.keys[*made.Details.Shop+"'s till"] = made.Key
	}
	return http.StatusText(answer.status) + "\n" + secrets.ReplaceAllStringFunc(printed(s.t, answer), func(secret string) string {
		kind, _, _ := strings.Cut(secret, "_")
		return kind + "_…"
	})
}

// learn looks up what the page names: what October asks for, by who pays or is paid.
func (s *setUp) learn() {
	page, err := s.with(s.key).ListObligationsWithResponse(s.t.Context(), "2026-10", &spec.ListObligationsParams{})
	require.NoError(s.t, err)
	if page.JSON200 == nil {
		return // October is open
	}
	for _, o := range page.JSON200.Items {
		who := o.Payee
		if who == "custody" {
			who = o.Payer
		}
		s.known[who], s.known[who+".ref"] = o.Amount, o.Reference
	}
}
