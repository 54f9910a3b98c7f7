package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/migrations"
	"github.com/lianka/lianka/migrations/pgtest"
)

// siege is a server that is killed again and again, and tills that do not care.
type siege struct {
	*testing.T
	flags    []string // where the books are
	listen   string
	key      string
	alliance clearing.Alliance
	server   *exec.Cmd
	log      *bytes.Buffer
}

const (
	tills      = 16
	topUpMinor = 1_000_000_00
	patience   = 4 * time.Minute // with a machine that has other things to do
)

// found sets up a live circle with a card for each till.
func (s *siege) found(pool *pgxpool.Pool) {
	s.Helper()
	written, err := scenario.ReadAlliance(filepath.Join("..", "..", "alliance", "scenario", "testdata", "riverside", "circle.yaml"))
	require.NoError(s, err)
	written.Terms.StoredValue.Limit = nil
	s.alliance, err = replay.Establish(s.Context(), pool, written, clearing.Live)
	require.NoError(s, err)
	require.NoError(s, pgx.BeginFunc(s.Context(), pool, func(tx pgx.Tx) (err error) {
		_, s.key, err = access.IssueKey(s.Context(), tx, s.alliance, access.KeySpec{Role: access.OrganiserKey}, time.Now())
		return err
	}))
	var orders []sequencer.Order
	for i := range tills {
		card := fmt.Sprintf("K%02d", i)
		orders = append(orders,
			sequencer.Order{Caller: "test", Key: "sell-" + card, At: time.Now(), Command: alliance.SellCard{Card: card, Member: card, Product: "guest"}},
			sequencer.Order{Caller: "test", Key: "fill-" + card, At: time.Now(), Command: alliance.TopUp{Card: card, Amount: s.alliance.Currency.Minor(topUpMinor).String()}})
	}
	outcomes, err := sequencer.New(pool, store.NewSetupCache(alliance.Standard())).SubmitAll(s.Context(), s.alliance.ID, orders)
	require.NoError(s, err)
	for _, o := range outcomes {
		require.Nil(s, o.Refusal)
	}
	s.listen = freeAddress(s.T) // for the server that comes and goes
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// start starts the server and waits until it is ready.
func (s *siege) start() {
	s.Helper()
	s.log = &bytes.Buffer{}
	s.server = process(s.T, append([]string{"serve", "--log-level", "warn", "--listen", s.listen}, s.flags...)...)
	s.server.Stdout, s.server.Stderr = s.log, s.log
	require.NoError(s, s.server.Start())
	ready := func() bool {
		response, err := http.Get("http://" + s.listen + "/readyz")
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		return response.StatusCode == http.StatusOK
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ready() {
			return
		}
	}
	_ = s.server.Process.Kill()
	s.Fatalf("the server did not start:\n%s", s.log)
}

// end ends the server with a signal and returns how it went.
func (s *siege) end(signal syscall.Signal) error {
	s.Helper()
	require.NoError(s, s.server.Process.Signal(signal))
	return s.server.Wait()
}

// spend asks for one spend until there is an answer, as a till does, and returns
// the transaction that it was booked as.
func (s *siege) spend(till int, key string) (string, error) {
	body := fmt.Sprintf(`{"card":"K%02d","merchant":"gym","amount":"0.01"}`, till)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "http://"+s.listen+"/v1/spends", strings.NewReader(body))
		if err != nil {
			return "", err
		}
		request.Header.Set("Authorization", "Bearer "+s.key)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue // killed meanwhile, or not up yet
		}
		answer, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		var receipt struct{ Transaction string }
		if err := json.Unmarshal(answer, &receipt); err != nil || response.StatusCode != http.StatusCreated {
			return "", fmt.Errorf("%s: %s", response.Status, answer)
		}
		return receipt.Transaction, nil
	}
	return "", fmt.Errorf("no answer to %s within %s", key, patience)
}

// endure lets the tills spend while the server is killed, and returns what each
// was told.
func (s *siege) endure(kills int) map[string]string {
	s.Helper()
	var stop atomic.Bool
	var mu sync.Mutex
	told := make(map[string]string)
	var group sync.WaitGroup
	for till := range tills {
		group.Go(func() {
			var before string
			for n := 0; !stop.Load(); n++ {
				key := fmt.Sprintf("till-%02d-%05d", till, n)
				transaction, err := s.spend(till, key)
				if err != nil {
					s.Error(err)
					return
				}
				mu.Lock()
				told[key] = transaction
				again := told[before]
				mu.Unlock()
				// Now and then a till asks again for what it was told already.
				if before != "" && rand.IntN(5) == 0 {
					if repeated, err := s.spend(till, before); err != nil || repeated != again {
						s.Errorf("%s was %s and then %s (%v)", before, again, repeated, err)
					}
				}
				before = key
			}
		})
	}
	for range kills {
		s.start()
		time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond)
		require.Error(s, s.end(syscall.SIGKILL))
	}
	s.start()
	time.Sleep(100 * time.Millisecond)
	stop.Store(true)
	group.Wait()
	if s.Failed() {
		s.Logf("the server says:\n%s", s.log)
	}
	require.NoError(s, s.end(syscall.SIGTERM), "a drained server ends with exit code 0:\n%s", s.log)
	return told
}

// judge checks that what the tills were told is what is in the books, once.
func (s *siege) judge(pool *pgxpool.Pool, told map[string]string) {
	s.Helper()
	ctx := context.WithoutCancel(s.Context())
	rows, err := pool.Query(ctx, `
		SELECT r.key, 'txn_' || r.seq FROM requests r JOIN transactions t ON t.alliance_id = r.alliance_id AND t.seq = r.seq
		WHERE t.type = 'value.spent'`)
	require.NoError(s, err)
	booked := make(map[string]string)
	var key, transaction string
	_, err = pgx.ForEachRow(rows, []any{&key, &transaction}, func() error {
		booked[key] = transaction
		return nil
	})
	require.NoError(s, err)
	require.Equal(s, booked, told)
	var spends, left int64
	require.NoError(s, pool.QueryRow(ctx, `SELECT count(*) FROM transactions WHERE type = 'value.spent'`).Scan(&spends))
	require.EqualValues(s, len(told), spends)
	require.NoError(s, pool.QueryRow(ctx, `SELECT sum(value)::bigint FROM cards`).Scan(&left))
	require.EqualValues(s, tills*topUpMinor-spends, left)
	report, err := audit.Run(ctx, pool, alliance.Standard(), s.alliance.ID)
	require.NoError(s, err)
	var printed bytes.Buffer
	require.NoError(s, report.Print(&printed))
	require.True(s, report.Clean(), printed.String())
	s.Logf("%d spends booked once each", spends)
}

// TestAKilledServerLosesAndDoublesNothing kills the server 20 times amid retried
// requests.
func TestAKilledServerLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool := pgtest.Pool(t)
	s := &siege{T: t, flags: []string{"--database-url", pool.Config().ConnString()}}
	s.found(pool)
	s.judge(pool, s.endure(20))
}

// TestAKilledServerAndItsDatabaseLoseNothing kills the server together with its
// private PostgreSQL, which recovers from its log.
func TestAKilledServerAndItsDatabaseLoseNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	if os.Getenv("DATABASE_URL") != "" {
		t.Skip("the private PostgreSQL is not used with DATABASE_URL")
	}
	// As root the server runs as another user, who can't enter t.TempDir.
	parent, err := os.MkdirTemp("", "lianka-kill-") //nolint:usetesting // see above
	require.NoError(t, err)
	require.NoError(t, os.Chmod(parent, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	data := filepath.Join(parent, "data")
	open := func() (*postgres.Cluster, *pgxpool.Pool) {
		started, err := postgres.Start(t.Context(), postgres.Options{Dir: data})
		require.NoError(t, err)
		t.Cleanup(func() { _ = started.Stop() })
		require.NoError(t, migrations.Up(t.Context(), started.URL(postgres.Role)))
		pool, err := pgxpool.New(t.Context(), started.URL(postgres.Role))
		require.NoError(t, err)
		return started, pool
	}
	s := &siege{T: t, flags: []string{"--data", data}}
	started, pool := open()
	s.found(pool)
	pool.Close()
	require.NoError(t, started.Stop())
	told := s.endure(5)
	_, pool = open()
	defer pool.Close()
	s.judge(pool, told)
}
