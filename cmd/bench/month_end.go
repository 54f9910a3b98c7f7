package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// The subjects of the month-end.
const (
	scan        = "scan: SELECT account, sum(amount) … GROUP BY account"
	scanKinds   = "the same by the ten kinds of account: GROUP BY kind"
	recomputing = "recomputing from raw entries"
	closing     = "closing"
)

// monthEnd measures the closing of a month, and working it out again from the raw
// entries, next to a serial scan of the month's entries. Each closing but the last
// is undone.
func (b *bench) monthEnd(ctx context.Context) error {
	m := b.large
	if m.closed {
		return errors.New("the month is closed already")
	}
	conn, err := pgx.Connect(ctx, b.url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `SET max_parallel_workers_per_gather = 0`); err != nil {
		return err
	}
	e := &ending{bench: b, metropolis: m, conn: conn}
	if err := e.settle(ctx); err != nil {
		return err
	}
	head, err := clearing.ReadHead(ctx, b.pool, m.alliance.ID)
	if err != nil {
		return err
	}
	e.lastSeq = head.LastSeq
	if err := e.keep(ctx); err != nil {
		return err
	}
	if err := e.lay(ctx); err != nil {
		return err
	}
	if _, err := e.scan(scan)(ctx); err != nil { // warm
		return err
	}
	var found results
	for turn := range b.plan.pairs {
		if turn > 0 {
			if err := e.undo(ctx); err != nil {
				return err
			}
		}
		one, err := turns(ctx, 1, []subject{
			{scan, e.scan(scan)}, {scanKinds, e.scan(scanKinds)}, {closing, e.close}, {recomputing, e.recompute},
		})
		if err != nil {
			return err
		}
		found.append(one)
	}
	m.closed = true
	t := table{title: fmt.Sprintf("Month-end over %d entries and %d shops", e.entries, m.merchants), rows: [][]string{{"", "ms", "× scan", "peak RSS MiB"}}}
	for _, name := range found.names {
		row := []string{name, spread(found.of(name, func(s sample) float64 { return milliseconds(s.Took) }), 1), "", plain(found.of(name, rssMiB).median, 0)}
		if name != scan {
			row[2] = spread(found.ratio(name, scan, seconds), 3)
		}
		t.rows = append(t.rows, row)
	}
	t.notes = []string{"The scans are serial, in one warm session, over a plain table that holds just the entries of the month, a row each. An account is a kind with its owner, such as merchants:cafe."}
	b.report.add(t)
	b.report.key("close_x_scan", found.ratio(closing, scan, seconds))
	b.report.key("recompute_x_scan", found.ratio(recomputing, scan, seconds))
	return nil
}

// ending is a month-end that is measured again and again.
type ending struct {
	*bench
	*metropolis
	conn    *pgx.Conn
	lastSeq int64 // of the month, before its closing
	entries int64
}

// settle settles the months before, as a circle has by then: it lets time pass to
// the eve of the cut-off, and everybody pays.
func (e *ending) settle(ctx context.Context) error {
	if err := e.sequencer.Advance(ctx, e.alliance.ID, e.last.CutoffAt.Add(-time.Second)); err != nil {
		return err
	}
	windows, err := window.List(ctx, e.pool, e.alliance.ID)
	if err != nil {
		return err
	}
	slices.Reverse(windows)
	for _, w := range windows {
		asked, err := settlement.Obligations(ctx, e.pool, e.alliance, w.Period, "", 0, 1_000_000)
		if err != nil {
			return err
		}
		var orders []sequencer.Order
		for _, o := range asked {
			order := sequencer.Order{Caller: "bank", Key: o.Reference, At: e.last.CutoffAt.Add(-time.Second), Command: settlement.ConfirmPayout{Reference: o.Reference}}
			if o.Payee == clearing.Custody {
				order.Command = settlement.ReceivePayment{Reference: o.Reference, Amount: o.Amount.String()}
			}
			orders = append(orders, order)
		}
		for piece := range slices.Chunk(orders, sequencer.MaxBatch) {
			outcomes, err := e.sequencer.SubmitAll(ctx, e.alliance.ID, piece)
			if err != nil {
				return err
			}
			for _, outcome := range outcomes {
				if err := cmp.Or[error](outcome.Err, refusal(outcome.Refusal)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// refusal returns a refusal, if there is one, as an error.
func refusal(r *clearing.Refusal) error {
	if r == nil {
		return nil
	}
	return r
}

// lay writes the entries of the month to a table of a row each, which is what the
// yardstick scans: a plain table is read faster than the arrays in which Lianka
// keeps them.
func (e *ending) lay(ctx context.Context) error {
	_, err := e.conn.Exec(ctx, `
		CREATE TABLE month_entries AS
		SELECT alliance_id, seq, line, split_part(account, ':', 1)::account_kind AS kind, account, amount
		FROM transactions t, unnest(t.accounts, t.amounts) WITH ORDINALITY AS e (account, amount, line)
		WHERE alliance_id = `+fmt.Sprint(e.alliance.ID)+` AND seq BETWEEN `+fmt.Sprint(e.first)+` AND `+fmt.Sprint(e.lastSeq))
	if err != nil {
		return err
	}
	_, err = e.conn.Exec(ctx, `VACUUM ANALYZE month_entries`)
	return err
}

// scan reads the entries of the month.
func (e *ending) scan(name string) func(context.Context) (sample, error) {
	columns := "account"
	if name == scanKinds {
		columns = "kind"
	}
	return func(ctx context.Context) (sample, error) {
		began := time.Now()
		err := e.conn.QueryRow(ctx, `
			SELECT sum(n)::bigint FROM (
			    SELECT `+columns+`, sum(amount) AS total, count(*) AS n FROM month_entries
			    WHERE alliance_id = $1 AND seq BETWEEN $2 AND $3 GROUP BY `+columns+`) s`,
			e.alliance.ID, e.first, e.lastSeq).Scan(&e.entries)
		return sample{Took: time.Since(began)}, err
	}
}

// close lets the month end.
func (e *ending) close(ctx context.Context) (sample, error) {
	debug.FreeOSMemory()
	resetPeakRSS(os.Getpid())
	began := time.Now()
	err := e.sequencer.Advance(ctx, e.alliance.ID, e.last.CutoffAt)
	return sample{Took: time.Since(began), RSS: peakRSS(os.Getpid())}, err
}

// recompute works the settlement of the month out again from its raw entries, and
// compares it with the one that is stored.
func (e *ending) recompute(ctx context.Context) (sample, error) {
	began := time.Now()
	setup, err := store.LoadSetup(ctx, e.pool, e.alliance)
	if err != nil {
		return sample{}, err
	}
	fresh, err := window.Recompute(ctx, e.pool, e.alliance, e.last.Period, setup.Current().Policy(), func(string) bool { return false })
	if err != nil {
		return sample{}, err
	}
	took := time.Since(began)
	stored, err := window.Find(ctx, e.pool, e.alliance, e.last.Period)
	if err != nil {
		return sample{}, err
	}
	if fresh.Digest != stored.Digest {
		return sample{}, fmt.Errorf("the settlement %x is stored, and entries make %x", stored.Digest, fresh.Digest)
	}
	return sample{Took: took}, nil
}

// kept are the tables in which a closing changes rows instead of adding some.
var kept = []string{"heads", "balances", "windows"}

// keep saves what a closing will change, so that it can be undone.
func (e *ending) keep(ctx context.Context) error {
	for _, name := range kept {
		if _, err := e.pool.Exec(ctx, `CREATE TABLE kept_`+name+` AS SELECT t.* FROM `+name+` t WHERE alliance_id = `+fmt.Sprint(e.alliance.ID)); err != nil {
			return err
		}
	}
	_, err := e.pool.Exec(ctx, `CREATE TABLE kept_members AS SELECT t.* FROM members t WHERE alliance_id = `+fmt.Sprint(e.alliance.ID)+` AND payable <> 0`)
	return err
}

// undo takes the closing back, as no program of Lianka can: by a superuser with
// the triggers off that keep the books append-only.
func (e *ending) undo(ctx context.Context) error {
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		alliance := fmt.Sprint(e.alliance.ID)
		statements := []string{`SET LOCAL session_replication_role = replica`}
		for _, name := range []string{"transactions", "member_transactions"} {
			statements = append(statements, fmt.Sprintf(`DELETE FROM %s WHERE alliance_id = %s AND seq > %d`, name, alliance, e.lastSeq))
		}
		for _, name := range []string{"obligations", "settlements", "events", "positions", "transfers", "commission_statements"} {
			statements = append(statements, fmt.Sprintf(`DELETE FROM %s WHERE alliance_id = %s AND period = '%s'`, name, alliance, e.last.Period))
		}
		for _, name := range kept {
			statements = append(statements, `DELETE FROM `+name+` WHERE alliance_id = `+alliance, `INSERT INTO `+name+` SELECT * FROM kept_`+name)
		}
		statements = append(statements,
			`DELETE FROM members m USING kept_members k WHERE m.alliance_id = k.alliance_id AND m.member = k.member`,
			`INSERT INTO members SELECT * FROM kept_members`)
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("undoing the closing: %w", err)
			}
		}
		return nil
	})
}
