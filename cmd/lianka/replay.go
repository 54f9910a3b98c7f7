package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/cmd/tuning"
)

// replayCommand plays a scenario.
type replayCommand struct {
	Scenario string `arg:"" help:"Folder with circle.yaml (the rules) and events.jsonl (what happened)." type:"path"`
	Out      string `required:"" help:"Folder to write the CSV files to." type:"path" placeholder:"DIR"`
	Journal  string `help:"Write the books too, as journal.FORMAT: hledger, beancount or csv." enum:",hledger,beancount,csv" default:"" placeholder:"FORMAT"`
	Until    string `help:"Play up to this instant, such as 2026-11-01T00:00:00+08:00: what falls due then is done, later events are not. The default is the last event." placeholder:"TIME"`

	databaseFlags
}

// Help teaches what a replay is for.
func (replayCommand) Help() string {
	return `A replay tries the rules of a circle on past months before it is signed, loads the sales of an offline till, or checks a month by hand. It plays the events through the same sequencer and rule book as the API, in a database that is thrown away afterwards, and writes positions.csv, transfers.csv, commissions.csv, cards.csv, rejections.csv and trial_balance.csv; with --journal also the books themselves, as lianka export does. A circle with holds, tiers, campaigns or a mall has files about these too (holds.csv, tiers.csv, campaigns.csv, gifts.csv, items.csv), and no journal yet.

Exit code 2 means that a file was refused: standard error names the line and the reason, and nothing was written.

  lianka replay ./riverside --out ./result --until 2026-11-01T00:00:00+08:00`
}

// Run plays the scenario.
func (c *replayCommand) Run(ctx context.Context, env *environment) error {
	tuning.Replay()
	var until time.Time
	if c.Until != "" {
		var err error
		if until, err = scenario.ParseInstant([]byte(c.Until)); err != nil {
			return &refusedError{fmt.Errorf("--until: %w", err)}
		}
	}
	db, err := c.openScratch(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	summary, err := replay.Run(ctx, db.pool, replay.Options{Scenario: c.Scenario, Out: c.Out, Until: until, Journal: export.Format(c.Journal)}, time.Now)
	var file *scenario.FileError
	if errors.As(err, &file) || errors.Is(err, fs.ErrNotExist) {
		return &refusedError{err}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.out, "%s: %d events in %s, %d rejected; written to %s\n",
		summary.Alliance.Code, summary.Events, summary.Elapsed.Round(time.Millisecond), summary.Rejections, c.Out)
	return err
}
