package signin_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/signin"
)

// slow is a database whose next transaction waits before it commits.
type slow struct {
	clearing.Database
	reached, proceed chan struct{}
}

func newSlow(db clearing.Database) *slow {
	return &slow{db, make(chan struct{}), make(chan struct{})}
}

func (s *slow) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	tx, err := s.Database.BeginTx(ctx, options)
	return &slowTx{tx, s}, err
}

type slowTx struct {
	pgx.Tx
	of *slow
}

func (tx *slowTx) Commit(ctx context.Context) error {
	close(tx.of.reached)
	<-tx.of.proceed
	return tx.Tx.Commit(ctx)
}

// second is a database of which the second transaction is another's: the first counts the attempt.
type second struct {
	clearing.Database
	then  clearing.Database
	begun int
}

func (s *second) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if s.begun++; s.begun == 2 {
		return s.then.BeginTx(ctx, options)
	}
	return s.Database.BeginTx(ctx, options)
}

// waits returns when some transaction waits for another's row.
func (d *door) waits() {
	d.t.Helper()
	require.Eventually(d.t, func() bool {
		var waiting bool
		err := d.db.QueryRow(d.t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waiting)
		return err == nil && waiting
	}, time.Minute, time.Millisecond)
}

func (d *door) sessions(member string) int {
	d.t.Helper()
	open, err := signin.Sessions(d.t.Context(), d.db, d.alliance, signin.Person{Member: member}, noon, "", 10)
	require.NoError(d.t, err)
	return len(open)
}

func (d *door) forgets(member string) error {
	return d.try(func(ctx context.Context, tx clearing.Tx) error {
		return signin.Forget(ctx, tx, d.alliance, member, noon)
	})
}

// TestWhoSignsInWhileErasedIsSignedOut: the session is committed after the erasure has begun.
func TestWhoSignsInWhileErasedIsSignedOut(t *testing.T) {
	t.Parallel()
	for name, enter := range map[string]func(*door, clearing.Database) func() error{
		"by a link": func(d *door, db clearing.Database) func() error {
			token := d.link(signin.Link{Person: signin.Person{Member: "ann"}}, noon)
			return func() error {
				_, _, err := signin.OpenLink(t.Context(), db, token, noon)
				return err
			}
		},
		"by a code": func(d *door, db clearing.Database) func() error {
			require.NoError(t, d.ask("13800138000", noon))
			code := d.sent("ann", noon)
			return func() error {
				_, _, err := (&signin.Codes{DB: &second{Database: d.db, then: db}, Directory: telephones{"13800138000": "ann"}, Sender: signin.Outbox{}}).Open(t.Context(), d.alliance, "13800138000", code, noon)
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t)
			db := newSlow(d.db)
			open := enter(d, db)
			entered, forgotten := make(chan error, 1), make(chan error, 1)
			go func() { entered <- open() }()
			<-db.reached
			go func() { forgotten <- d.forgets("ann") }()
			d.waits()
			close(db.proceed)
			require.NoError(t, <-entered)
			require.NoError(t, <-forgotten)
			require.Zero(t, d.sessions("ann"))
		})
	}
}

func TestANewTelephoneEndsWhatTheOldOneOpens(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ann := signin.Person{Member: "ann"}
	enters := func() {
		_, _, err := signin.OpenLink(t.Context(), d.db, d.link(signin.Link{Person: ann}, noon), noon)
		require.NoError(t, err)
	}
	changed := func(by string) {
		d.write(func(ctx context.Context, tx clearing.Tx) error {
			return signin.TelephoneChanged(ctx, tx, d.alliance, "ann", by, noon)
		})
	}
	enters()
	require.NoError(t, d.ask("13800138000", noon))
	code := d.sent("ann", noon)
	changed("member:ann")
	_, err := d.byCode("13800138000", code, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "what was sent to the old one")
	require.Empty(t, d.sent("ann", noon))
	require.Equal(t, 1, d.sessions("ann"), "the member goes on")

	waiting := d.link(signin.Link{Person: ann}, noon)
	changed("organiser")
	require.Zero(t, d.sessions("ann"), "the old telephone may be lost")
	_, _, err = signin.OpenLink(t.Context(), d.db, waiting, noon)
	require.ErrorIs(t, err, signin.ErrRefused)

	events, err := signin.Events(t.Context(), d.db, d.alliance, ann, 0, 100)
	require.NoError(t, err)
	var by []string
	for _, e := range events {
		if e.Type == signin.TelephoneSet {
			by = append(by, e.By)
		}
	}
	require.Equal(t, []string{"organiser", signin.Itself}, by)
}
