package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// The reader of docs/sign-in.md sees what a server really answers. go test -update writes it.
func TestTheSignInPageIsTrue(t *testing.T) {
	t.Parallel()
	const name = "../docs/sign-in.md"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	s := newSignInStory(t)
	written := block.ReplaceAllStringFunc(string(text), func(found string) string {
		request := block.FindStringSubmatch(found)[1]
		return "```http\n" + request + "```\n\n```answer\n" + s.ask(request) + "```\n"
	})
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(written), 0o600))
		return
	}
	require.Equal(t, string(text), written)
}

// signInStory is the page on its way through the API.
type signInStory struct {
	*harbour
	keys    map[string]string
	cookies map[string]string
	known   map[string]string // what the page names by @…@
}

func newSignInStory(t *testing.T) *signInStory {
	t.Helper()
	h := newHarbour(t, func(c *api.Config) { c.Directory = annsTelephone{} })
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	_, till := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "2"})
	_, other := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "2"})
	owner := h.links(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Owner, "cafe", "Wu Min"))})
	return &signInStory{
		harbour: h, keys: map[string]string{"organiser": h.key, "till": till, "till of another shop": other},
		cookies: make(map[string]string), known: map[string]string{"link.owner": owner},
	}
}

// ask sends a request of the page and returns the answer as it is printed. What it answers is
// known to those that follow by its name.
func (s *signInStory) ask(request string) string {
	s.t.Helper()
	lines := strings.SplitN(strings.TrimSuffix(request, "\n"), "\n", 3)
	who, _, entering := strings.Cut(strings.TrimPrefix(lines[0], "# "), ", from")
	method, path, _ := strings.Cut(lines[1], " ")
	body := ""
	if len(lines) == 3 {
		body = place.ReplaceAllStringFunc(lines[2], func(named string) string {
			value, ok := s.known[strings.Trim(named, "@")]
			require.True(s.t, ok, named)
			return value
		})
	}
	got := s.send(method, path, s.keys[who], body, "Cookie", s.cookies[who])
	if entering || path == "/v1/sign-in/tills" {
		s.cookies[who] = cookieOf(s.t, got)
	}
	printed := fmt.Sprintf("%d %s\n", got.status, http.StatusText(got.status))
	if got.body == "" {
		return printed
	}
	var fields map[string]any
	require.NoError(s.t, json.Unmarshal([]byte(got.body), &fields))
	s.learn(fields)
	var indented bytes.Buffer
	require.NoError(s.t, json.Indent(&indented, []byte(got.body), "", "  "))
	return printed + random.ReplaceAllString(strings.TrimSpace(indented.String()), "$1…") + "\n"
}

func (s *signInStory) learn(fields map[string]any) {
	for name, value := range fields {
		switch value := value.(type) {
		case string:
			s.known[name] = value
		case map[string]any:
			s.learn(value)
		}
	}
}

// random are the parts of answers that differ each time.
var random = regexp.MustCompile(`((?:ses|stf|til|lnk)_|lk_link_|"request_id": "|"code": "|验证码 )(?:[0-9a-f]{16}|[\w-]{70}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}|\d{6})\b`)
