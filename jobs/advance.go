package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/lianka/lianka/clearing"
)

// maxAttempts is how often a job is tried before it is left to the next sweep.
const maxAttempts = 5

// AdvanceAlliance lets time pass in a live circle up to an instant.
type AdvanceAlliance struct {
	AllianceID int64     `json:"circle"`
	AsOf       time.Time `json:"as_of"`
}

// Kind is the name of the job in the queue.
func (AdvanceAlliance) Kind() string { return "advance_circle" }

// InsertOpts makes the same circle and instant one job.
func (AdvanceAlliance) InsertOpts() river.InsertOpts { return once() }

// once are the options of jobs that are known by their arguments.
func once() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: maxAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type advanceWorker struct {
	river.WorkerDefaults[AdvanceAlliance]
	runner *Runner
}

// Timeout is more than the sequencer gives a batch.
func (*advanceWorker) Timeout(*river.Job[AdvanceAlliance]) time.Duration { return 2 * time.Minute }

// Work does the job. A job from a process whose clock is ahead waits.
func (w *advanceWorker) Work(ctx context.Context, job *river.Job[AdvanceAlliance]) error {
	if early := job.Args.AsOf.Sub(w.runner.clock()); early > 0 {
		return river.JobSnooze(early)
	}
	return w.runner.advance(ctx, job.Args.AllianceID, job.Args.AsOf)
}

// advance brings a circle to an instant, unless it lives by a clock of its own.
func (r *Runner) advance(ctx context.Context, id int64, asOf time.Time) error {
	alliance, err := clearing.FindAlliance(ctx, r.pool, id)
	if err != nil {
		return fmt.Errorf("circle %d: %w", id, err)
	}
	if alliance.Mode != clearing.Live {
		return nil
	}
	if err := r.sequencer.Advance(ctx, id, asOf); err != nil {
		return fmt.Errorf("circle %q as of %s: %w", alliance.Code, asOf.Format(time.RFC3339), err)
	}
	return nil
}
