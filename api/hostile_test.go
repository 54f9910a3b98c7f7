package api_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/bankfile/banktest"
)

// hostileTexts are texts that break what takes them as they are: the database, a file,
// a page, or a comparison.
var hostileTexts = []string{
	"", " ", "\x00", "a\x00b", "\t", "\u200b", "bob ", "\u202ebob", "８８０１", "e\u0301", "\xff", "\U0010ffff",
	"0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "1e309", "NaN", "1.005", "１２.００",
	"0000-01", "9999-12", "0000-01-01", "9999-12-31", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59",
	"infinity", "txn_9223372036854775807", "key_00000000000", "custody", "organiser", "card:\x00", "'; DROP TABLE cards; --", "%00", "../..", "{}", "settlement:0000-01",
	"transaction:txn_9223372036854775807", noise(3000), strings.Repeat("9", 40), strings.Repeat("x", 200), strings.Repeat("锅", 400),
}

// hostileValues are JSON values in the place of a field.
func hostileValues() []string {
	values := []string{
		"null", "true", "0", "-1", "1.5", "1e400", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "[]", "{}", "[null]", `{"a":{}}`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000), `"\u0000"`, `"\ud800"`, `"a\u0000b"`,
	}
	for _, text := range hostileTexts {
		if strings.ToValidUTF8(text, "") != text {
			values = append(values, `"`+text+`"`)
			continue
		}
		quoted, _ := json.Marshal(text)
		values = append(values, string(quoted))
	}
	return values
}

// spot is a value in a decoded JSON text that can be put in other words.
type spot struct {
	path string
	put  func(any)
}

// spots returns the places of all values in a decoded JSON text.
func spots(value any, path string, put func(any)) []spot {
	found := []spot{{path, put}}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(found, spots(v[name], path+"."+name, func(x any) { v[name] = x })...)
		}
	case []any:
		for i := range v {
			found = append(found, spots(v[i], fmt.Sprintf("%s[%d]", path, i), func(x any) { v[i] = x })...)
		}
	}
	return found
}

// eachHostileBody calls a function with the example of an operation's body, with one value of it
// after another replaced by every hostile one.
func eachHostileBody(t *testing.T, example any, f func(path, body string)) {
	t.Helper()
	text, err := json.Marshal(example)
	require.NoError(t, err)
	var whole any
	fresh := func() []spot {
		require.NoError(t, json.Unmarshal(text, &whole))
		return spots(whole, "", func(x any) { whole = x })
	}
	for i := range fresh() {
		for _, value := range hostileValues() {
			place := fresh()[i]
			const mark = "the hostile value"
			place.put(mark)
			body, err := json.Marshal(whole)
			require.NoError(t, err)
			f(place.path, strings.Replace(string(body), `"`+mark+`"`, value, 1))
		}
	}
}

// attack is a circle with a closed month, a dispute, a payment run and an imported statement, so that
// hostile requests get further than to what does not exist.
type attack struct {
	*month
	asked, sent int // requests that there are, and those that were sent
	statuses    map[int]int
	faults      []string
}

func newAttack(t *testing.T) *attack {
	t.Helper()
	a := &attack{month: newMonth(t), statuses: make(map[int]int)}
	a.run()
	a.imports("S1", a.line("1", false, a.paid.Amount, a.paid.Reference), a.line("2", true, "1.00", "no such reference"))
	a.sold("8802", "bob")
	return a
}

// try sends a request, whose answer is no fault of the server, and if it refuses is a problem document.
func (a *attack) try(method, path, key, body, what string, headers ...string) {
	a.t.Helper()
	if a.asked++; a.asked%sparse != 0 {
		return
	}
	answer := a.send(method, path, key, body, headers...)
	a.sent++
	a.statuses[answer.status]++
	if answer.status >= http.StatusInternalServerError {
		lines := strings.Split(strings.TrimSpace(a.log.String()), "\n")
		a.faults = append(a.faults, fmt.Sprintf("%s %s (%s): %.300s\n%.300s\n%s", method, path, what, body, answer.body, lines[len(lines)-1]))
	}
	if answer.status >= http.StatusBadRequest {
		require.NotEmpty(a.t, answer.code(a.t), "%s %s: %s", method, path, what)
	}
}

// headersFor returns the headers of a request with a body of a media type, and an idempotency key that was not used before.
func (a *attack) headersFor(media string) []string {
	return []string{"Idempotency-Key", a.fresh(), "Content-Type", "", "Content-Type", media}
}

// TestNoRequestIsAFaultOfTheServer sends every operation of the document its example with one
// parameter or field after another replaced by values that nobody should send. Whatever they are,
// the answer is no 5xx, and what is refused is refused by a problem document.
func TestNoRequestIsAFaultOfTheServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it sends some twenty thousand requests")
	}
	a := newAttack(t)
	paths := document(t).Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for method, o := range paths[path].Operations() {
			if o.OperationID == "revokeKey" || o.OperationID == "rotateKey" {
				continue // the keys that exist are needed; others are in a test of their own
			}
			body, media := exampleBody(o)
			for _, p := range o.Parameters {
				if p.Value.In == "header" {
					continue // what a header can't hold is sent in another test
				}
				for _, value := range hostileParameters(o.OperationID, p.Value) {
					request := a.requestWith(t, method, path, o, p.Value, value)
					a.try(method, request.path, a.key, body, p.Value.Name+"="+value, a.headersFor(media)...)
					if value != "" && strings.Contains(value, "\x00") {
						a.try(method, request.path, a.hotpotKey, body, p.Value.Name+"="+value, a.headersFor(media)...)
					}
				}
			}
			if o.RequestBody == nil {
				continue
			}
			target := a.requestWith(t, method, path, o, nil, "").path
			for _, text := range hostileTexts {
				a.try(method, target, a.key, text, "the body as a whole", a.headersFor(media)...)
			}
			for name, m := range o.RequestBody.Value.Content {
				if name == "application/json" {
					eachHostileBody(t, m.Example, func(field, body string) { a.try(method, target, a.key, body, field, a.headersFor(media)...) })
				}
			}
		}
	}
	require.Greater(t, a.asked, 15_000)
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity} {
		require.Positive(t, a.statuses[status], "no request got as far as %d", status)
	}
	require.Empty(t, a.faults)
	a.audit(a.alliance)
}

// TestNoBankFileIsAFaultOfTheServer replaces the text of one element after another of a camt.053
// message, and one cell after another of a CSV file.
func TestNoBankFileIsAFaultOfTheServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it sends some five hundred files")
	}
	a := newAttack(t)
	line := a.line("line 3", true, a.owes.Amount, a.owes.Reference)
	message, err := banktest.Camt053("S2", "1202020209900112233", []bankfile.Line{line})
	require.NoError(t, err)
	texts := regexp.MustCompile(`>[^<>\s][^<>]*<`).FindAllIndex(message, -1)
	require.Greater(t, len(texts), 15)
	for _, at := range texts {
		for i, value := range []string{"", " ", "\x00", "\xff", "\u202ebob", "-1", "9223372036854775808", "1.005", "0000-01-01", "0000-01-01T00:00:00Z", "9999-12-31", "NaN", noise(3000), "&#0;", "&#x1F;", "&undefined;", "<![CDATA[\x00]]>", noise(70_000)} {
			file := string(message[:at[0]+1]) + value + string(message[at[1]-1:])
			file = strings.ReplaceAll(file, ">line 3<", fmt.Sprintf(">line %d.%d<", at[0], i)) // no line that was imported before
			a.try(http.MethodPost, "/v1/bank-statements?format=camt.053", a.key, file, value, a.headersFor("application/octet-stream")...)
		}
	}
	row := []string{"交易日期", "贷方发生额", "借方发生额", "对方户名", "摘要", "流水号"}
	cells := []string{"2026-11-06", a.owes.Amount, "", "某公司", a.owes.Reference, "4"}
	for i := range cells {
		for n, value := range append(slices.Clone(hostileTexts), `"`, "a\nb", noise(70_000)) {
			changed := slices.Clone(cells)
			changed[len(changed)-1] = fmt.Sprintf("row %d.%d", i, n)
			changed[i] = value
			file := strings.Join(row, ",") + "\n" + strings.Join(changed, ",") + "\n"
			a.try(http.MethodPost, "/v1/bank-statements?format=csv", a.key, file, row[i]+"="+value, a.headersFor("application/octet-stream")...)
		}
	}
	require.Empty(t, a.faults)
	a.audit(a.alliance)
}

// TestKeysThatAreNone sends what is no key's id to the operations that end keys.
func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	a := &attack{month: &month{harbour: newHarbour(t)}, statuses: make(map[int]int)}
	for _, value := range hostileTexts {
		if value == "" {
			continue
		}
		a.try(http.MethodPost, "/v1/keys/"+url.PathEscape(value)+"/rotate", a.key, "", value)
		a.try(http.MethodDelete, "/v1/keys/"+url.PathEscape(value), a.key, "", value)
	}
	require.Equal(t, map[int]int{http.StatusNotFound: a.sent}, a.statuses)
}

// TestHeadersThatAreNone sends bytes that a client would not send. Go's server answers
// some of them by itself.
func TestHeadersThatAreNone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, value := range append(slices.Clone(hostileTexts), "a\rb", "a\x7fb", strings.Repeat("x", 20_000)) {
		for _, header := range []string{"Idempotency-Key", "Authorization", "Content-Type", "Content-Encoding", "Accept-Language", "X-Request-Id", "Content-Length", "Transfer-Encoding", "Host"} {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.address, "http://"))
			require.NoError(t, err)
			body := `{"card": "8801", "amount": "1.00"}`
			lines := map[string]string{
				"Host": "x", "Authorization": "Bearer " + h.hotpotKey, "Content-Type": "application/json", "Idempotency-Key": "x", "Content-Length": strconv.Itoa(len(body)),
			}
			lines[header] = value
			request := "POST /v1/spends HTTP/1.1\r\nConnection: close\r\n"
			for name, value := range lines {
				request += name + ": " + value + "\r\n"
			}
			require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
			_, err = io.WriteString(conn, request+"\r\n"+body)
			require.NoError(t, err)
			if closer, ok := conn.(*net.TCPConn); ok {
				require.NoError(t, closer.CloseWrite())
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err, "%s: %q", header, value)
			require.NoError(t, answer.Body.Close())
			require.NoError(t, conn.Close())
			if header == "Transfer-Encoding" && answer.StatusCode == http.StatusNotImplemented {
				continue // what HTTP says of an encoding that a server doesn't know
			}
			require.Less(t, answer.StatusCode, 500, "%s: %q", header, value)
		}
	}
}

// exampleBody returns the example of an operation's body, and its media type.
func exampleBody(o *openapi3.Operation) (body, media string) {
	if o.RequestBody == nil {
		return "", ""
	}
	for name, m := range o.RequestBody.Value.Content {
		media = name
		if name == "application/json" {
			return quoted(m.Example), name
		}
		body, _ = m.Example.(string)
	}
	return body, media
}

// hostileParameters returns hostile values of a parameter: texts, and cursors that say what
// no list said.
func hostileParameters(operation string, p *openapi3.Parameter) []string {
	values := slices.Clone(hostileTexts)
	if p.In == "path" {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" }) // another path
	}
	if p.Name != "cursor" {
		return values
	}
	for _, text := range hostileTexts {
		values = append(values, base64.RawURLEncoding.EncodeToString([]byte("1\n"+operation+"\n"+text)))
	}
	return values
}

// noise returns a text that doesn't compress, and so is too long for an index when others aren't yet.
func noise(length int) string {
	var text strings.Builder
	for sum := sha256.Sum256(nil); text.Len() < length; sum = sha256.Sum256(sum[:]) {
		text.WriteString(base64.RawURLEncoding.EncodeToString(sum[:]))
	}
	return text.String()[:length]
}
