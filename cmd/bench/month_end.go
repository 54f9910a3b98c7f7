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

// monthEnd measures the closing of a month, and its recomputation from the raw
// entries, next to a serial scan of the month's entries. Each closing but the last
// is undone.
func (b *bench) monthEnd(ctx context.Context) error {
	large := b.large
	if large.closed {
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
	run := &monthEndRun{bench: b, datasetWithHistory: large, conn: conn}
	if err := run.payEarlierMonths(ctx); err != nil {
		return err
	}
	head, err := clearing.ReadHead(ctx, b.pool, large.alliance.ID)
	if err != nil {
		return err
	}
	run.lastSeq = head.LastSeq
	if err := run.saveRows(ctx); err != nil {
		return err
	}
	if err := run.createScanTable(ctx); err != nil {
		return err
	}
	if _, err := run.scan(scan)(ctx); err != nil { // warm
		return err
	}
	var found results
	for turn := range b.plan.pairs {
		if turn > 0 {
			if err := run.undoClosing(ctx); err != nil {
				return err
			}
		}
		one, err := turns(ctx, 1, []subject{
			{scan, run.scan(scan)}, {scanKinds, run.scan(scanKinds)}, {closing, run.closeMonth}, {recomputing, run.recompute},
		})
		if err != nil {
			return err
		}
		found.append(one)
	}
	large.closed = true
	t := table{title: fmt.Sprintf("Month-end over %d entries and %d shops", run.entries, large.merchants), rows: [][]string{{"", "ms", "× scan", "peak RSS MiB"}}}
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

// monthEndRun is a month-end that is measured repeatedly.
type monthEndRun struct {
	*bench
	*datasetWithHistory
	conn    *pgx.Conn
	lastSeq int64 // number of the month's last transaction before its closing
	entries int64
}

// payEarlierMonths moves to just before the cut-off and pays all obligations of the
// earlier months, as a real circle would have done by then.
func (r *monthEndRun) payEarlierMonths(ctx context.Context) error {
	if err := r.sequencer.Advance(ctx, r.alliance.ID, r.last.CutoffAt.Add(-time.Second)); err != nil {
		return err
	}
	windows, err := window.List(ctx, r.pool, r.alliance.ID)
	if err != nil {
		return err
	}
	slices.Reverse(windows)
	for _, w := range windows {
		obligations, err := settlement.Obligations(ctx, r.pool, r.alliance, w.Period, "", 0, 1_000_000)
		if err != nil {
			return err
		}
		var orders []sequencer.Order
		for _, o := range obligations {
			order := sequencer.Order{Caller: "bank", Key: o.Reference, At: r.last.CutoffAt.Add(-time.Second), Command: settlement.ConfirmPayout{Reference: o.Reference}}
			if o.Payee == clearing.Custody {
				order.Command = settlement.ReceivePayment{Reference: o.Reference, Amount: o.Amount.String()}
			}
			orders = append(orders, order)
		}
		for batch := range slices.Chunk(orders, sequencer.MaxBatch) {
			outcomes, err := r.sequencer.SubmitAll(ctx, r.alliance.ID, batch)
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

// createScanTable writes the entries of the month to a table with a row each. The
// scans read this table, because it is read faster than the arrays in which Lianka
// keeps entries, which makes it the stricter comparison.
func (r *monthEndRun) createScanTable(ctx context.Context) error {
	_, err := r.conn.Exec(ctx, `
		CREATE TABLE month_entries AS
		SELECT alliance_id, seq, line, split_part(account, ':', 1)::account_kind AS kind, account, amount
		FROM transactions t, unnest(t.accounts, t.amounts) WITH ORDINALITY AS e (account, amount, line)
		WHERE alliance_id = `+fmt.Sprint(r.alliance.ID)+` AND seq BETWEEN `+fmt.Sprint(r.first)+` AND `+fmt.Sprint(r.lastSeq))
	if err != nil {
		return err
	}
	_, err = r.conn.Exec(ctx, `VACUUM ANALYZE month_entries`)
	return err
}

// scan returns a scan that sums the entries of the month, by account or by kind.
func (r *monthEndRun) scan(name string) func(context.Context) (sample, error) {
	columns := "account"
	if name == scanKinds {
		columns = "kind"
	}
	return func(ctx context.Context) (sample, error) {
		began := time.Now()
		err := r.conn.QueryRow(ctx, `
			SELECT sum(n)::bigint FROM (
			    SELECT `+columns+`, sum(amount) AS total, count(*) AS n FROM month_entries
			    WHERE alliance_id = $1 AND seq BETWEEN $2 AND $3 GROUP BY `+columns+`) s`,
			r.alliance.ID, r.first, r.lastSeq).Scan(&r.entries)
		return sample{Took: time.Since(began)}, err
	}
}

// closeMonth closes the month.
func (r *monthEndRun) closeMonth(ctx context.Context) (sample, error) {
	debug.FreeOSMemory()
	resetPeakRSS(os.Getpid())
	began := time.Now()
	err := r.sequencer.Advance(ctx, r.alliance.ID, r.last.CutoffAt)
	return sample{Took: time.Since(began), RSS: peakRSS(os.Getpid())}, err
}

// recompute recomputes the settlement of the month from its raw entries, and compares
// it with the one that is stored.
func (r *monthEndRun) recompute(ctx context.Context) (sample, error) {
	began := time.Now()
	setup, err := store.LoadSetup(ctx, r.pool, r.alliance)
	if err != nil {
		return sample{}, err
	}
	recomputed, err := window.Recompute(ctx, r.pool, r.alliance, r.last.Period, setup.Current().Policy(), func(string) bool { return false })
	if err != nil {
		return sample{}, err
	}
	took := time.Since(began)
	stored, err := window.Find(ctx, r.pool, r.alliance, r.last.Period)
	if err != nil {
		return sample{}, err
	}
	if recomputed.Digest != stored.Digest {
		return sample{}, fmt.Errorf("the settlement %x is stored, and entries make %x", stored.Digest, recomputed.Digest)
	}
	return sample{Took: took}, nil
}

// changedTables are the tables in which a closing changes rows instead of adding them.
var changedTables = []string{"heads", "balances", "windows"}

// saveRows copies the rows that a closing will change, so that it can be undone.
func (r *monthEndRun) saveRows(ctx context.Context) error {
	for _, name := range changedTables {
		if _, err := r.pool.Exec(ctx, `CREATE TABLE saved_`+name+` AS SELECT t.* FROM `+name+` t WHERE alliance_id = `+fmt.Sprint(r.alliance.ID)); err != nil {
			return err
		}
	}
	_, err := r.pool.Exec(ctx, `CREATE TABLE saved_members AS SELECT t.* FROM members t WHERE alliance_id = `+fmt.Sprint(r.alliance.ID)+` AND payable <> 0`)
	return err
}

// undoClosing removes what a closing wrote. Lianka itself can't do that: it takes a
// superuser, who turns off the triggers that keep the books append-only.
func (r *monthEndRun) undoClosing(ctx context.Context) error {
	return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		alliance := fmt.Sprint(r.alliance.ID)
		statements := []string{`SET LOCAL session_replication_role = replica`}
		for _, name := range []string{"transactions", "member_transactions"} {
			statements = append(statements, fmt.Sprintf(`DELETE FROM %s WHERE alliance_id = %s AND seq > %d`, name, alliance, r.lastSeq))
		}
		for _, name := range []string{"obligations", "settlements", "events", "positions", "transfers", "commission_statements"} {
			statements = append(statements, fmt.Sprintf(`DELETE FROM %s WHERE alliance_id = %s AND period = '%s'`, name, alliance, r.last.Period))
		}
		for _, name := range changedTables {
			statements = append(statements, `DELETE FROM `+name+` WHERE alliance_id = `+alliance, `INSERT INTO `+name+` SELECT * FROM saved_`+name)
		}
		statements = append(statements,
			`DELETE FROM members m USING saved_members s WHERE m.alliance_id = s.alliance_id AND m.member = s.member`,
			`INSERT INTO members SELECT * FROM saved_members`)
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("undoing the closing: %w", err)
			}
		}
		return nil
	})
}
