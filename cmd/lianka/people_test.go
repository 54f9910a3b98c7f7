package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/migrations/pgtest"
)

// served is `lianka serve` in this process, with an organiser key of a circle.
type served struct {
	t       *testing.T
	address string
	key     string
	log     *lockedBuffer
	stop    func()
	asked   int
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// serves starts a server and waits until it can serve.
func serves(t *testing.T, flags ...string) *served {
	t.Helper()
	s := &served{t: t, log: &lockedBuffer{}}
	address := freeAddress(t)
	s.address = "http://" + address
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"--log-level", "debug", "serve", "--listen", address}, flags...), s.log, s.log)
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		require.Equal(t, exitOK, <-ended, s.log.String())
	})
	t.Cleanup(s.stop)
	require.Eventually(t, func() bool {
		answer, err := http.Get(s.address + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, patience, 20*time.Millisecond, "it serves")
	return s
}

// asks sends a request and returns the answer.
func (s *served) asks(method, path, body string) (status int, answer string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.address+path, strings.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+s.key)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	s.asked++
	request.Header.Set("Idempotency-Key", strconv.Itoa(s.asked))
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response.StatusCode, string(text)
}

func (s *served) must(method, path, body string) string {
	s.t.Helper()
	status, answer := s.asks(method, path, body)
	require.Less(s.t, status, 300, "%s %s: %s", method, path, answer)
	return answer
}

// dump returns the whole of a database as pg_dump writes it.
func dump(t *testing.T, url string) string {
	t.Helper()
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Skip("pg_dump is not installed")
	}
	command := exec.CommandContext(t.Context(), program, "--inserts", "--dbname", url)
	var errs bytes.Buffer
	command.Stderr = &errs
	text, err := command.Output()
	require.NoError(t, err, errs.String())
	return string(text)
}

// restore plays a dump into an empty database.
func restore(t *testing.T, url, text string) {
	t.Helper()
	program, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	command := exec.CommandContext(t.Context(), program, "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url)
	command.Stdin = strings.NewReader(text)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}

// personal are a person's telephone in its forms, name, birthday, account and tax number.
var personal = []string{"13912345678", "139 1234 5678", "欧阳静怡", "07-31", "6228480322334455662", "11010519491231002X"}

func requireNone(t *testing.T, where, text string) {
	t.Helper()
	require.NotEmpty(t, text, where)
	for _, p := range personal {
		require.NotContains(t, text, p, where)
	}
	require.NotContains(t, strings.ToLower(text), "e6aca7e998b3", where+": the name as bytes in hex")
}

// TestAnErasedPersonIsNowhere is the whole life of a person: registered, bought, paid, erased.
// Then nothing of it is in the dump of the database, the log, or an export, not even in a
// database that is restored from a backup of before.
func TestAnErasedPersonIsNowhere(t *testing.T) {
	t.Parallel()
	url, folder := pgtest.URL(t), t.TempDir()
	key := filepath.Join(folder, "master-key.json")
	code, fingerprint, errs := lianka(t, "people", "make-key", key)
	require.Equal(t, exitOK, code, errs)
	code, organiser, errs := lianka(t, "key", "issue", "harbour", "--name", "Harbour", "--test", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	s := serves(t, "--database-url", url, "--master-key-file", key)
	s.key = strings.TrimSpace(organiser)
	s.must(http.MethodPut, "/v1/terms", `{"sale": {"seller": "0.10", "organiser": "0.05"}, "referral": {"levels": ["0.08", "0.02"], "hold_days": 7, "minimum_payout": "10.00"},
		"redemption": {"clearing_fee": "0.02"}, "traffic": {"home_merchant": "0.03", "organiser": "0.005"}, "points": {"per_unit": "1", "cost": "0.01", "value": "0.01"},
		"stored_value": {"spend_order": "principal_first", "limit": "5000.00"}, "settlement": {"minimum_transfer": "1.00"}}`)
	s.must(http.MethodPost, "/v1/shops", `{"code": "cafe", "name": "山丘咖啡"}`)
	s.must(http.MethodPost, "/v1/products", `{"code": "explorer", "kind": "paid", "price": "199.00", "valid_days": 365, "benefits": [{"code": "coffee", "kind": "pass", "merchant": "cafe", "uses": 3, "reimbursement": "12.00"}]}`)
	var p struct{ Member string }
	answer := s.must(http.MethodPost, "/v1/members", `{"telephone": "139 1234 5678", "display_name": "欧阳静怡", "birthday": "07-31", "merchant": "cafe"}`)
	require.NoError(t, json.Unmarshal([]byte(answer), &p))
	other := s.must(http.MethodPost, "/v1/members", `{"telephone": "13800138001", "display_name": "Bo"}`)
	s.must(http.MethodPost, "/v1/cards", `{"card": "8801", "member": "`+p.Member+`", "product": "explorer", "merchant": "cafe"}`)
	s.must(http.MethodPost, "/v1/members/"+p.Member+"/consents", `{"purpose": "messages", "party": "cafe", "decision": "given", "version": 1}`)
	s.must(http.MethodPut, "/v1/bank-accounts/member/"+p.Member, `{"holder": "欧阳静怡", "number": "6228480322334455662", "bank": "中国农业银行杭州分行"}`)
	s.must(http.MethodPut, "/v1/members/"+p.Member+"/person", `{"telephone": "13912345678", "display_name": "欧阳静怡", "birthday": "07-31"}`)
	require.Contains(t, s.must(http.MethodGet, "/v1/members/"+p.Member+"/export", ""), "欧阳静怡", "it was known")
	s.asks(http.MethodPost, "/v1/members", `{"telephone": "139 1234 5678", "display_name": "欧阳静怡", "birthday": "07-32"}`)
	s.must(http.MethodPost, "/v1/sign-in/codes", `{"circle": "harbour", "telephone": "139 1234 5678"}`)
	code, link, errs := lianka(t, "signin", "link", "harbour", "--role", "member", "--member", p.Member, "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	backup := dump(t, url)
	require.Contains(t, backup, "欧阳静怡", "the account that the organiser noted is not sealed")
	require.NotContains(t, backup, "13912345678")
	require.NotContains(t, backup, "07-31")

	s.must(http.MethodDelete, "/v1/members/"+p.Member+"/person", "")
	status, _ := s.asks(http.MethodGet, "/v1/members/"+p.Member+"/person", "")
	require.Equal(t, http.StatusNotFound, status)
	parts := strings.Split(strings.TrimSpace(link), "/")
	status, opened := s.asks(http.MethodPost, "/v1/session", `{"link": "`+parts[len(parts)-1]+`"}`)
	require.Equal(t, http.StatusForbidden, status, opened, "it signs in no more")
	require.Contains(t, opened, "sign_in_refused")
	requireNone(t, "the dump", dump(t, url))
	for _, path := range []string{"/v1/members/" + p.Member, "/v1/cards/8801", "/v1/transactions", "/v1/events", "/v1/journal?format=csv", "/v1/journal?format=beancount"} {
		requireNone(t, path, s.must(http.MethodGet, path, ""))
	}
	code, books, errs := lianka(t, "export", "--circle", "harbour", "--format", "csv", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	requireNone(t, "the export", books)
	code, erasures, errs := lianka(t, "people", "erasures", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, erasures, p.Member)
	journal, err := os.ReadFile(filepath.Join(folder, erasuresName))
	require.NoError(t, err)
	require.Equal(t, erasures, string(journal), "the file and the database say the same")
	requireNone(t, "the file of erasures", string(journal))
	code, audited, errs := lianka(t, "audit", "--database-url", url)
	require.Equal(t, exitOK, code, audited+errs)
	s.stop()
	requireNone(t, "the log", s.log.String())

	// The backup brings the person back, but for no moment of a server's life.
	restored := pgtest.EmptyURL(t)
	restore(t, restored, backup)
	again := serves(t, "--database-url", restored, "--master-key-file", key)
	again.key = s.key
	status, _ = again.asks(http.MethodGet, "/v1/members/"+p.Member+"/person", "")
	require.Equal(t, http.StatusNotFound, status)
	status, _ = again.asks(http.MethodPost, "/v1/member-lookups", `{"telephone": "13912345678"}`)
	require.Equal(t, http.StatusNotFound, status)
	var kept struct{ Member string }
	require.NoError(t, json.Unmarshal([]byte(other), &kept))
	require.Contains(t, again.must(http.MethodGet, "/v1/members/"+kept.Member+"/person", ""), "Bo", "others are still known")
	requireNone(t, "the dump of the restored database", dump(t, restored))
	code, audited, errs = lianka(t, "audit", "--database-url", restored)
	require.Equal(t, exitOK, code, audited+errs)
	again.stop()

	// The key is rotated, and the old one reads nothing any more.
	old, err := os.ReadFile(key)
	require.NoError(t, err)
	code, newest, errs := lianka(t, "people", "rotate-key", "--database-url", restored, "--master-key-file", key)
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, errs, "1 persons' keys")
	require.NotEqual(t, fingerprint, newest)
	rotated := serves(t, "--database-url", restored, "--master-key-file", key)
	rotated.key = s.key
	require.Contains(t, rotated.must(http.MethodGet, "/v1/members/"+kept.Member+"/person", ""), "Bo")
	rotated.stop()
	require.NoError(t, os.WriteFile(key, old, 0o600))
	code, _, errs = lianka(t, "serve", "--listen", "127.0.0.1:0", "--database-url", restored, "--master-key-file", key)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, people.ErrOtherKey.Error())
}

func TestAServerThatMayNotServePeopleSaysSo(t *testing.T) {
	t.Parallel()
	url, folder := pgtest.URL(t), t.TempDir()
	key := filepath.Join(folder, "key.json")
	without := serves(t, "--database-url", url)
	require.Contains(t, without.log.String(), "people are not kept: no master key is given")
	without.stop()

	refused := func(flags ...string) string {
		code, _, errs := lianka(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--database-url", url}, flags...)...)
		require.Equal(t, exitRefused, code, errs)
		return errs
	}
	require.Contains(t, refused("--master-key-file", key), "make-key")
	code, _, errs := lianka(t, "people", "make-key", key)
	require.Equal(t, exitOK, code, errs)
	code, _, errs = lianka(t, "people", "make-key", key)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, "never written over")
	serves(t, "--database-url", url, "--master-key-file", key).stop()

	require.Contains(t, refused(), "and none is given", "from now on the key is needed")
	other := filepath.Join(folder, "other.json")
	code, _, errs = lianka(t, "people", "make-key", other)
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, refused("--master-key-file", other), people.ErrOtherKey.Error())
	require.Contains(t, refused("--master-key-file", key, "--master-key", "x"), "give it once")
	require.NoError(t, os.Chmod(key, 0o644))
	require.Contains(t, refused("--master-key-file", key), "0600")
	require.NoError(t, os.Chmod(key, 0o600))
	text, err := os.ReadFile(key)
	require.NoError(t, err)
	inEnvironment := serves(t, "--database-url", url, "--master-key", string(text))
	require.Contains(t, inEnvironment.log.String(), "nobody is erased: no file is named")
	require.NotContains(t, inEnvironment.log.String(), "wrapping")
	inEnvironment.stop()
	require.Contains(t, refused("--master-key", "not a key"), "LIANKA_MASTER_KEY: ")
	code, _, errs = lianka(t, "people", "rotate-key", "--database-url", url, "--master-key", string(text))
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, "write it to a file")
	require.NoError(t, os.WriteFile(filepath.Join(folder, erasuresName), []byte("damage\n"), 0o600))
	require.Contains(t, refused("--master-key-file", key), "line 1: "+people.ErrJournal.Error())
}

// TestThePrivateDatabaseHasItsKeyBesideIt: made at the first start, for its owner alone.
func TestThePrivateDatabaseHasItsKeyBesideIt(t *testing.T) {
	t.Parallel()
	folder := newFolder(t)
	serves(t, "--database-url", "", "--data", folder).stop()
	info, err := os.Stat(filepath.Join(folder, masterKeyName))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	first, err := os.ReadFile(filepath.Join(folder, masterKeyName))
	require.NoError(t, err)
	serves(t, "--database-url", "", "--data", folder).stop()
	again, err := os.ReadFile(filepath.Join(folder, masterKeyName))
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, os.Remove(filepath.Join(folder, masterKeyName)))
	code, _, errs := lianka(t, "serve", "--listen", "127.0.0.1:0", "--database-url", "", "--data", folder)
	require.Equal(t, exitRefused, code, "a lost key is not made anew over people that need it")
	require.Contains(t, errs, "the master key")
}
