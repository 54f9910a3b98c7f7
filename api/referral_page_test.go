package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
)

// referralPage is docs/referral.md on its way through the API.
type referralPage struct {
	*harbour
	keys  map[string]string // by who has it
	codes *strings.Replacer // of links: what the page has in the place of those that were made
	links map[string]string // by what the page calls them
	made  []string          // pairs for codes
}

// The codes that stand on the page, in the order of their making.
var pageCodes = []string{"7K3QX9M2ZB", "R0Y4WDB6T8"}

// TestTheReferralPageIsTrue sends every request of the page and compares the answers.
// go test ./api -run ReferralPage -update writes them anew.
func TestTheReferralPageIsTrue(t *testing.T) {
	t.Parallel()
	const name = "../docs/referral.md"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	h := newHarbour(t)
	h.setsUp("products", `{"code": "taster", "name": "体验卡", "kind": "free", "benefits": []}`)
	al, live := h.newAlliance("live", clearing.Live, start)
	require.Equal(t, clearing.Live, al.Mode)
	answer := h.send(http.MethodPut, "/v1/terms", live, termsBody)
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	p := &referralPage{
		harbour: h, keys: map[string]string{"organiser": h.key, "cafe's till": h.cashier("cafe"), "organiser of a live circle": live},
		codes: strings.NewReplacer(), links: make(map[string]string),
	}
	written := block.ReplaceAllStringFunc(string(text), func(found string) string {
		request := block.FindStringSubmatch(found)[1]
		return "```http\n" + request + "```\n\n```answer\n" + p.ask(request) + "```\n"
	})
	if *update {
		text = []byte(written)
		require.NoError(t, os.WriteFile(name, text, 0o644)) //nolint:gosec // a page to be read
	}
	require.Equal(t, written, string(text))
	require.Len(t, p.made, 2*len(pageCodes), "the page makes two links")
	h.audit(h.alliance)
}

func (p *referralPage) ask(request string) string {
	p.t.Helper()
	who, rest, _ := strings.Cut(request, "\n")
	line, body, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), "\n")
	method, path, _ := strings.Cut(line, " ")
	key := p.keys[strings.TrimPrefix(who, "# ")]
	require.NotEmpty(p.t, key, who)
	name := func(text string) string {
		for called, link := range p.links {
			text = strings.ReplaceAll(text, "@"+called+"@", link)
		}
		require.NotContains(p.t, text, "@")
		return text
	}
	var headers []string
	if path == "/v1/cards" {
		headers = []string{"Idempotency-Key", p.fresh()}
	}
	answer := p.send(method, name(path), key, name(body), headers...)
	if path == "/v1/links" && method == http.MethodPost {
		p.learn(answer)
	}
	return http.StatusText(answer.status) + "\n" + p.codes.Replace(printed(p.t, answer))
}

// learn notes a link that was made.
func (p *referralPage) learn(a answer) {
	p.t.Helper()
	require.Equal(p.t, http.StatusCreated, a.status, a.body)
	var link spec.Link
	require.NoError(p.t, json.Unmarshal([]byte(a.body), &link))
	p.made = append(p.made, link.Link, pageCodes[len(p.links)])
	p.codes = strings.NewReplacer(p.made...)
	called := "link"
	if len(p.links) > 0 {
		called = "link of " + link.Member
	}
	p.links[called] = link.Link
}
