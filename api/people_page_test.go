package api_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// What a server makes at random stands on the page as these.
const (
	pageMember = "m_5x8k2q7d0v3w9z1r4t6y8b2c"
	pageKey    = "key_0a1b2c3d4e5"
)

var randomKey = regexp.MustCompile(`\b(key|ses)_[0-9A-Za-z]+`)

// A reader of docs/people.md sees what a server really answers: the page is lived through,
// request by request. -update writes the answers anew.
func TestThePeoplePageIsTrue(t *testing.T) {
	t.Parallel()
	const name = "../docs/people.md"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	h := newHarbour(t)
	_, till := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "7"})
	keys := map[string]string{"a till of the cafe": till, "owner of the cafe": h.cafeKey, "owner of the hotpot": h.hotpotKey, "organiser": h.key}
	member, cookie := "", ""
	asked := 0
	written := block.ReplaceAllStringFunc(string(text), func(found string) string {
		asked++
		request := block.FindStringSubmatch(found)[1]
		lines := strings.SplitN(strings.TrimSuffix(request, "\n"), "\n", 3)
		require.GreaterOrEqual(t, len(lines), 2, request)
		body := ""
		if len(lines) == 3 {
			body = lines[2]
		}
		actual := func(text string) string { return strings.ReplaceAll(text, pageMember, member) }
		method, path, _ := strings.Cut(lines[1], " ")
		var a answer
		if who := strings.TrimPrefix(lines[0], "# "); who == "the member" {
			if cookie == "" {
				h.sold("8801", member)
				cookie = h.enters(h.alliance, signin.Link{Person: signin.Person{Member: member}})
			}
			a = h.send(method, actual(path), "", actual(body), "Cookie", cookie)
		} else {
			require.NotEmpty(t, keys[who], who)
			a = h.send(method, actual(path), keys[who], actual(body))
		}
		require.Less(t, a.status, 500, "%s: %s", request, a.body)
		if member == "" {
			member = regexp.MustCompile(`m_[0-9a-z]{24}`).FindString(a.body)
		}
		out := http.StatusText(a.status) + "\n" + printed(t, a)
		return "```http\n" + request + "```\n\n```answer\n" + randomKey.ReplaceAllString(strings.ReplaceAll(out, member, pageMember), pageKey) + "```\n"
	})
	require.Greater(t, asked, 10)
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(written), 0o600))
	} else {
		require.Equal(t, string(text), written)
	}
	h.audit(h.alliance)
}
