package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// start is where the clocks of the tests' circles begin.
var start = time.Date(2026, 10, 1, 1, 0, 0, 0, time.UTC)

// house is a running server on a database of its own.
type house struct {
	t        testing.TB
	db       clearing.Database
	server   *api.Server
	address  string
	log      *logBuffer
	key      string // of the organiser of the circle "harbour"
	alliance clearing.Alliance
	people   *people.Store
	ring     *keyring.Ring   // of all servers on the books
	journal  *people.Journal // likewise
}

// newHouse starts a server with a test circle that has nothing but an organiser
// key.
func newHouse(tb testing.TB, change ...func(*api.Config)) *house {
	tb.Helper()
	return newHouseBy(tb, api.New, change...)
}

// newHouseBy is newHouse for a server that is made in another way.
func newHouseBy(tb testing.TB, makeServer func(api.Config) (*api.Server, error), change ...func(*api.Config)) *house {
	tb.Helper()
	h := &house{t: tb, db: pgtest.Pool(tb)}
	h.open(makeServer, change...)
	h.alliance, h.key = h.newAlliance("harbour", clearing.Test, start)
	return h
}

// another starts another server on the same books.
func (h *house) another(change ...func(*api.Config)) *house {
	h.t.Helper()
	beside := &house{t: h.t, db: h.db, key: h.key, alliance: h.alliance, ring: h.ring, journal: h.journal}
	beside.open(api.New, change...)
	return beside
}

// open starts the server.
func (h *house) open(makeServer func(api.Config) (*api.Server, error), change ...func(*api.Config)) {
	tb := h.t
	tb.Helper()
	h.log = &logBuffer{}
	pool := h.db.(*pgxpool.Pool)
	setups := store.NewSetupCache(alliance.Standard())
	config := api.Config{
		Pool: pool, Setups: setups, Sequencer: sequencer.New(pool, setups),
		Logger: slog.New(slog.NewJSONHandler(h.log, nil)), Clock: func() time.Time { return start.Add(30 * time.Minute) },
	}
	h.keepsPeople(&config)
	for _, f := range change {
		f(&config)
	}
	var err error
	h.server, err = makeServer(config)
	require.NoError(tb, err)
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	h.address = "http://" + listener.Addr().String()
	go func() { _ = h.server.Serve(listener) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(tb, h.server.Shutdown(ctx))
	})
}

// keepsPeople gives a server a store of people.
func (h *house) keepsPeople(c *api.Config) {
	h.t.Helper()
	var err error
	if h.ring == nil {
		h.ring, err = keyring.New()
		require.NoError(h.t, err)
		h.journal, err = people.OpenJournal(filepath.Join(h.t.TempDir(), "erasures.jsonl"))
		require.NoError(h.t, err)
	}
	h.people = people.New(people.Config{
		Database: h.db, Ring: h.ring, Journal: h.journal, Erasing: []people.Erasing{signin.Forget, referral.RevokeAll}, Telephone: signin.TelephoneChanged,
	})
	require.NoError(h.t, h.people.Start(h.t.Context(), start))
	c.People, c.Setups.MemberAccounts = h.people, h.people.MemberAccounts
}

// patience is how long a test waits for what comes by itself, on a machine that has
// other things to do. No test takes that long.
const patience = 4 * time.Minute

// audit checks the books of a circle.
func (h *house) audit(al clearing.Alliance) {
	h.t.Helper()
	report, err := audit.Run(h.t.Context(), h.db, alliance.Standard(), al.ID)
	require.NoError(h.t, err)
	var printed bytes.Buffer
	require.NoError(h.t, report.Print(&printed))
	require.True(h.t, report.Clean(), printed.String())
}

// newAlliance makes a circle with an organiser key, as the command line does.
func (h *house) newAlliance(code string, mode clearing.Mode, at time.Time) (al clearing.Alliance, key string) {
	h.t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(h.t, err)
	h.write(func(tx clearing.Tx) error {
		al, err = clearing.CreateAlliance(h.t.Context(), tx, clearing.Alliance{
			Code: code, Name: "Harbour 港湾", Currency: money.MustCurrency("CNY"), Location: shanghai, Mode: mode, CreatedAt: at,
		})
		return err
	})
	_, key = h.issue(al, access.KeySpec{Role: access.OrganiserKey, Label: "first"})
	return al, key
}

func (h *house) issue(al clearing.Alliance, spec access.KeySpec) (key access.Key, text string) {
	h.t.Helper()
	h.write(func(tx clearing.Tx) (err error) {
		key, text, err = access.IssueKey(h.t.Context(), tx, al, spec, start)
		return err
	})
	return key, text
}

func (h *house) write(f func(clearing.Tx) error) {
	h.t.Helper()
	require.NoError(h.t, clearing.Write(h.t.Context(), h.db, f))
}

// with returns a typed client with a key. Every answer is checked against the
// document.
func (h *house) with(key string) *client.ClientWithResponses {
	h.t.Helper()
	c, err := client.Connect(h.address, key, client.WithHTTPClient(&http.Client{Transport: checking(h.t)}))
	require.NoError(h.t, err)
	return c
}

// answer is a raw answer.
type answer struct {
	status int
	header http.Header
	body   string
}

// code returns the code of the problem that the answer is.
func (a answer) code(tb testing.TB) string {
	tb.Helper()
	require.Equal(tb, "application/problem+json", a.header.Get("Content-Type"), "%d %s", a.status, a.body)
	var p spec.Problem
	require.NoError(tb, json.Unmarshal([]byte(a.body), &p))
	require.Equal(tb, a.status, p.Status)
	require.Equal(tb, "/docs/problems#"+p.Code, p.Type)
	require.Equal(tb, a.header.Get("X-Request-Id"), p.RequestID)
	return p.Code
}

// codeIfAny is code, or "" of an answer that is no problem.
func (a answer) codeIfAny() string {
	var p spec.Problem
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

// send sends a request as it is, without the client's help. Headers are pairs of
// name and value.
func (h *house) send(method, path, key, body string, headers ...string) answer {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.address+path, strings.NewReader(body))
	require.NoError(h.t, err)
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	switch {
	case slices.Contains(headers, "Content-Type"):
	case strings.HasPrefix(path, "/v1/bank-statements"):
		request.Header.Set("Content-Type", "application/octet-stream")
	case body != "":
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	requireDeclared(h.t, request, response.StatusCode, content)
	return answer{response.StatusCode, response.Header, string(content)}
}

// logBuffer collects the server's log.
type logBuffer struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.String()
}

func pointer[T any](v T) *T { return &v }

// ok requires an answer of the wanted status and returns its body.
func ok[T any](tb testing.TB, body *T, p *spec.Problem, err error) T {
	tb.Helper()
	require.NoError(tb, err)
	if body == nil {
		require.Fail(tb, "no such answer", fmt.Sprintf("%+v", p))
	}
	return *body
}
