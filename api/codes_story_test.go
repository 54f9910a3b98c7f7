package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	headerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]+): (.*)$`)
)

// samples are what the page prints for what is random, in the order in which it comes.
var samples = map[string]string{
	"code": "LK:MFRGGZDFMZTWQ2LKNNWG23TPOA", "digits": "31415926", "number": "9271828182845906", "pin": "493817",
}

// A reader of docs/codes.md sees what a server really answers: the page is lived through,
// request by request. After a change: go test ./api -run CodesPage -update
func TestTheCodesPageIsTrue(t *testing.T) {
	t.Parallel()
	const name = "../docs/codes.md"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	h := newHarbour(t, quick)
	h.newTerms(`"settlement"`, `"offline": {"max_hours": 24, "max_count": 20, "max_amount": "500.00"}, "settlement"`)
	h.sold("8801", "ann")
	keys := map[string]string{"organiser": h.key, "cafe": h.cafeKey, "hotpot": h.hotpotKey}
	var toReal, toSample []string
	written := block.ReplaceAllStringFunc(string(text), func(found string) string {
		request := block.FindStringSubmatch(found)[1]
		lines := strings.Split(strings.TrimSuffix(request, "\n"), "\n")
		key := keys[strings.TrimPrefix(lines[0], "# ")]
		require.NotEmpty(t, key, lines[0])
		fill := strings.NewReplacer(toReal...).Replace
		method, path, _ := strings.Cut(lines[1], " ")
		var headers []string
		body := ""
		for _, line := range lines[2:] {
			if pair := headerLine.FindStringSubmatch(line); pair != nil {
				headers = append(headers, pair[1], fill(pair[2]))
				continue
			}
			body += fill(line)
		}
		if method == http.MethodPost {
			headers = append(headers, "Idempotency-Key", h.fresh())
		}
		if strings.Contains(body, "occurred_at") {
			h.advanceTo("2026-10-01T10:30:00+08:00")
		}
		a := h.send(method, fill(path), key, body, headers...)
		require.Less(t, a.status, 500, "%s: %s", request, a.body)
		for _, random := range randomsOf(t, a.body) {
			toReal, toSample = append(toReal, samples[random[0]], random[1]), append(toSample, random[1], samples[random[0]])
		}
		return "```http\n" + request + "```\n\n```answer\n" + http.StatusText(a.status) + "\n" + strings.NewReplacer(toSample...).Replace(printed(t, a)) + "```\n"
	})
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(written), 0o600))
	} else {
		require.Equal(t, string(text), written)
	}
	h.audit(h.alliance)
}

// randomsOf returns what is random in an answer, with its name.
func randomsOf(t *testing.T, body string) [][2]string {
	t.Helper()
	var made struct {
		Code, Digits string
		Items        []struct{ Number, PIN string }
	}
	if json.Unmarshal([]byte(body), &made) != nil || made.Digits == "" && (len(made.Items) == 0 || made.Items[0].Number == "") {
		return nil
	}
	if made.Digits != "" {
		return [][2]string{{"code", made.Code}, {"digits", made.Digits}}
	}
	return [][2]string{{"number", made.Items[0].Number}, {"pin", made.Items[0].PIN}}
}
