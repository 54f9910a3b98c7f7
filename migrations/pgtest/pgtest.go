package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The server is shared by all tests of a process, and a package's tests have no other place in common.
var shared struct {
	err    error
	once   sync.Once
	server *server
}

// Main runs the tests, ends what they shared, and exits.
func Main(m *testing.M) {
	code := m.Run()
	shared.once.Do(func() {}) // no test asked for a database, so there is nothing to end
	if shared.server != nil {
		if err := shared.server.close(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// Pool returns connections to a new database with the schema in place. They are closed and the database is dropped when the test ends.
func Pool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), URL(tb))
	if err != nil {
		tb.Fatal("pgtest: ", err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// URL returns the address of a new database with the schema in place. The database is dropped when the test ends, under connections
// that are still open too.
func URL(tb testing.TB) string {
	tb.Helper()
	return database(tb, true)
}

// EmptyURL is URL for a database without the schema.
func EmptyURL(tb testing.TB) string {
	tb.Helper()
	return database(tb, false)
}

func database(tb testing.TB, migrated bool) string {
	tb.Helper()
	// The first test's context must not end what later tests use.
	shared.once.Do(func() { shared.server, shared.err = newServer(context.WithoutCancel(tb.Context())) })
	if shared.err != nil {
		tb.Fatal("pgtest: ", shared.err)
	}
	s := shared.server
	name, err := s.create(tb.Context(), migrated)
	if err != nil {
		tb.Fatal("pgtest: ", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			tb.Error("pgtest: ", err)
		}
	})
	return s.url(name)
}
