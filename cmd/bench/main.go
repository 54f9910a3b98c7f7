// Command bench compares Lianka with what the machine can do. It measures
// redemptions (in process, over HTTP and in a replay), a month-end, the effect of a
// growing ledger, and the reads that tills wait for. Each is measured next to pgbench
// TPC-B or a plain SQL statement, in the same run and on the same PostgreSQL. At the
// end it audits the books that it made.
//
// It is one program because figures are comparable only if they come from one run:
// all blocks of a run share a cluster, a load generator and a report.
//
// # How it measures
//
// The run starts a PostgreSQL of its own in a folder on disk, with fsync,
// synchronous_commit and full_page_writes on, and removes it at the end. Yardstick
// and subject are measured in turns, by default five times. The report gives the
// median of the ratios with the smallest and the largest, so one busy minute spoils
// one pair and not the result. The load is closed-loop and deterministic. Every
// answer is checked, and a wrong one fails the run.
//
// The HTTP load generator, the server and the replay each run in a process of their
// own, which is this program started again. It ends when its standard input closes,
// as happens too when the parent is killed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	// As in lianka, the binary contains the timezone database.
	_ "time/tzdata"

	"github.com/alecthomas/kong"
)

// commands are the program's subcommands. All but bench are hidden: they are for the
// processes that bench starts.
type commands struct {
	Bench  benchCommand  `cmd:"" default:"withargs" help:"Measure (the default)."`
	Server serverCommand `cmd:"" hidden:""`
	Tills  tillsCommand  `cmd:"" hidden:""`
	Replay replayCommand `cmd:"" hidden:""`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var cli commands
	parser, err := kong.New(&cli, kong.Name("bench"), kong.Description("Measures Lianka against pgbench TPC-B on a PostgreSQL of its own."))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run()
}
