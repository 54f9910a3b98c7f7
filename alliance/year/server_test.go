package year_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// server is a process that books, as far as it is known by its connections: they can
// be cut.
type server struct {
	*sequencer.Sequencer
	pool *pgxpool.Pool
	cut  cut
}

// cut is what a server's connections suffer. It is armed with how many writes still
// reach the database; after that nothing does. The last one does, and is answered to
// nobody, or it is not sent either.
type cut struct {
	armed  atomic.Bool
	left   atomic.Int64
	unsent atomic.Bool
}

// wire is a connection to the database that can be cut.
type wire struct {
	net.Conn
	cut  *cut
	deaf atomic.Bool
}

func (w *wire) Write(b []byte) (int, error) {
	if w.cut.armed.Load() {
		left := w.cut.left.Add(-1)
		if left < 0 || (left == 0 && w.cut.unsent.Load()) {
			_ = w.Close()
			return 0, net.ErrClosed
		}
		if left == 0 {
			w.deaf.Store(true)
		}
	}
	return w.Conn.Write(b)
}

// Read of a connection that was cut waits until the database has done what it was
// told, and then loses its answer.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if w.deaf.Load() {
		_ = w.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// open starts a server.
func open(t *testing.T, url string) *server {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	s := &server{}
	config.MaxConns = 2 // one to read while the other writes; many circles share a PostgreSQL
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wire{Conn: conn, cut: &s.cut}, nil
	}
	s.pool, err = pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(s.pool.Close)
	s.Sequencer = sequencer.New(s.pool, store.NewSetupCache(alliance.Standard()))
	s.Remember = 30 // so that it forgets and reads again
	return s
}

// submit has orders decided, in one of the ways in which that goes wrong, and asks
// until all of them are answered.
func (c *livingAlliance) submit(orders []sequencer.Order) []sequencer.Outcome {
	c.Helper()
	if c.mishaps == nil {
		return c.ask(c.servers[0], orders)
	}
	switch n := c.mishaps.IntN(100); {
	case n < 15:
		return c.cutOff(orders)
	case n < 22:
		return c.terminated(orders)
	case n < 30:
		return c.atBoth(orders)
	case n < 45:
		c.servers[0], c.servers[1] = c.servers[1], c.servers[0]
	}
	return c.ask(c.servers[0], orders)
}

// ask asks a server until it has answered everything.
func (c *livingAlliance) ask(s *server, orders []sequencer.Order) []sequencer.Outcome {
	c.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		outcomes, err := s.SubmitAll(c.Context(), c.ID, orders)
		require.NoError(c, err)
		lost := false
		for i, o := range outcomes {
			if o.Err != nil {
				require.ErrorIs(c, o.Err, clearing.ErrUnavailable, "%+v", orders[i])
				lost = true
			}
		}
		if !lost {
			return outcomes
		}
		require.True(c, time.Now().Before(deadline), "the database is not available for a minute")
	}
}

// cutOff lets a server lose the database after so many writes. Another takes over,
// while the first still has the orders, and is asked the same.
func (c *livingAlliance) cutOff(orders []sequencer.Order) []sequencer.Outcome {
	c.Helper()
	first := c.servers[0]
	first.cut.unsent.Store(c.mishaps.IntN(3) == 0)
	first.cut.left.Store(within(c.mishaps, 1, one[int64](c.mishaps, 3, 8, 60)))
	first.cut.armed.Store(true)
	pending, err := first.Enqueue(c.ID, orders)
	require.NoError(c, err)
	c.servers[0] = open(c.T, c.url)
	heir := c.servers[0]
	var before []sequencer.Outcome
	if c.mishaps.IntN(2) == 0 { // else they work at once
		before, err = pending.Wait(c.Context())
		require.NoError(c, err)
	}
	outcomes := c.ask(heir, orders)
	if before == nil {
		before, err = pending.Wait(c.Context())
		require.NoError(c, err)
	}
	require.NoError(c, first.Stop(c.Context()))
	first.pool.Close()
	c.kills++
	c.compare(before, outcomes)
	return outcomes
}

// terminated lets the database end all connections of a server while it works.
func (c *livingAlliance) terminated(orders []sequencer.Order) []sequencer.Outcome {
	c.Helper()
	pending, err := c.servers[0].Enqueue(c.ID, orders)
	require.NoError(c, err)
	time.Sleep(time.Duration(c.mishaps.IntN(8)) * time.Millisecond)
	_, err = c.pool.Exec(c.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	require.NoError(c, err)
	c.pool.Reset() // its own idle ones are gone too
	before, err := pending.Wait(c.Context())
	require.NoError(c, err)
	outcomes := c.ask(c.servers[0], orders)
	c.kills++
	c.compare(before, outcomes)
	return outcomes
}

// atBoth asks two servers for the same at once.
func (c *livingAlliance) atBoth(orders []sequencer.Order) []sequencer.Outcome {
	c.Helper()
	pending, err := c.servers[1].Enqueue(c.ID, orders)
	require.NoError(c, err)
	outcomes := c.ask(c.servers[0], orders)
	others, err := pending.Wait(c.Context())
	require.NoError(c, err)
	c.twice++
	c.compare(others, outcomes)
	return outcomes
}

// compare compares two answers to the same orders, as far as there are two.
func (c *livingAlliance) compare(before, after []sequencer.Outcome) {
	c.Helper()
	for i := range after {
		if before[i].Err != nil {
			require.ErrorIs(c, before[i].Err, clearing.ErrUnavailable)
			if after[i].Replayed {
				c.unanswered++
			}
			continue
		}
		require.Equal(c, string(before[i].Answer), string(after[i].Answer))
		require.Equal(c, before[i].Seq, after[i].Seq)
	}
}

// advance lets a server let time pass to an instant.
func (c *livingAlliance) advance(s *server, to time.Time) {
	c.Helper()
	for {
		err := s.Advance(c.Context(), c.ID, to)
		if errors.Is(err, clearing.ErrUnavailable) {
			continue
		}
		require.NoError(c, err)
		return
	}
}
