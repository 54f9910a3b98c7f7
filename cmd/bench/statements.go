package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
)

// statementSettings load the extension that counts the cost of each statement. It has
// a cost itself, so published runs go without it.
var statementSettings = map[string]string{"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all"}

// enableStatements creates the extension.
func (b *bench) enableStatements(ctx context.Context) error {
	_, err := b.pool.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`)
	return err
}

// printStatements prints what each statement has cost since the last call.
func (b *bench) printStatements(ctx context.Context) error {
	rows, err := b.pool.Query(ctx, `
		SELECT calls, rows, total_exec_time, regexp_replace(query, '\s+', ' ', 'g') FROM pg_stat_statements
		WHERE total_exec_time > 1 ORDER BY total_exec_time DESC LIMIT 30`)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stderr, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(out, "calls\trows\tms\tµs a call\tµs a row\t  statement")
	var calls, count int64
	var took float64
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &count, &took, &query}, func() error {
		_, err := fmt.Fprintf(out, "%d\t%d\t%.0f\t%.1f\t%.2f\t  %s\n", calls, count, took, took*1000/float64(calls), took*1000/float64(max(count, 1)),
			strings.TrimSpace(query)[:min(len(strings.TrimSpace(query)), 100)])
		return err
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = b.pool.Exec(ctx, `SELECT pg_stat_statements_reset()`)
	return err
}
