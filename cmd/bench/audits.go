package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/cmd/tuning"
)

// The results of the audit in benchmarks.json.
const (
	clean    = "clean"
	notClean = "faults"
)

// slowAudit is how long an audit may take before its time is printed.
const slowAudit = 5 * time.Second

// auditTarget is a circle that the run made.
type auditTarget struct {
	pool    *pgxpool.Pool
	dataset *dataset
}

// auditLater has a circle audited at the end of the run.
func (b *bench) auditLater(pool *pgxpool.Pool, d *dataset) {
	b.auditing.Lock()
	defer b.auditing.Unlock()
	b.auditTargets = append(b.auditTargets, &auditTarget{pool, d})
}

// audit audits all circles of the run, two at a time.
func (b *bench) audit(ctx context.Context) error {
	defer b.stage("audit")()
	defer tuning.Fold()()
	b.sequencer = nil // frees its memory: nothing is booked after this
	pools := make(map[*pgxpool.Pool]bool)
	for _, a := range b.auditTargets {
		pools[a.pool] = true
	}
	for pool := range pools {
		if _, err := pool.Exec(ctx, `ANALYZE`); err != nil {
			return err
		}
	}
	group, both := errgroup.WithContext(ctx)
	group.SetLimit(2)
	var mu sync.Mutex
	transactions, alliances, faults := int64(0), 0, 0
	for _, a := range b.auditTargets {
		group.Go(func() error {
			began := time.Now()
			found, err := audit.Run(both, a.pool, alliance.Standard(), a.dataset.alliance.ID)
			if err != nil {
				return fmt.Errorf("auditing %s: %w", a.dataset.code, err)
			}
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			if took > slowAudit {
				_, _ = fmt.Fprintf(os.Stderr, "        %s: %d transactions in %.1fs\n", a.dataset.code, found.Transactions, took.Seconds())
			}
			transactions += found.Transactions
			alliances++
			if !found.Clean() {
				faults++
				return found.Print(os.Stderr)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if alliances == 0 {
		return nil
	}
	b.report.keys["audit"] = clean
	if faults > 0 {
		b.report.keys["audit"] = notClean
	}
	b.report.add(table{title: "Audit", rows: [][]string{
		{"circles", "transactions", "circles with faults"},
		{fmt.Sprint(alliances), fmt.Sprint(transactions), fmt.Sprint(faults)},
	}})
	return nil
}
