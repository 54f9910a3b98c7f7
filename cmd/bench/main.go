// Command bench compares Lianka with what the machine can do. It measures redemptions
// in process, over HTTP and replayed, a month-end, growth, and the reads that tills
// wait for. Each is measured next to pgbench TPC-B or a plain SQL statement, in the
// same run on the same PostgreSQL. It ends by auditing the books that it made.
//
// Its files belong together because every block of a run shares one cluster, one load
// generator and one report: figures are comparable only if they come from one run.
//
// # How it measures
//
// A durable PostgreSQL of its own (fsync, synchronous_commit and full_page_writes
// on) is started in a folder on disk and removed at the end. Yardstick and
// subject are measured in turns, at least five times. The median ratio of the pairs
// is reported with the smallest and the largest, so a busy minute spoils one pair and
// not the result. The load is closed-loop and
// deterministic, every answer is checked, and a wrong one fails the run.
//
// The load generator over HTTP, the server, and the replay are processes of
// their own: this program, started again. They end when their standard input closes,
// which also happens when this process is killed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	// As in lianka: the timezone database travels in the binary.
	_ "time/tzdata"

	"github.com/alecthomas/kong"
)

// commands are what the program can be started as. People start it as bench; the
// others are processes that it starts itself.
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
