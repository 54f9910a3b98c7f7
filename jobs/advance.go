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

// AdvanceAlliance advances a live circle to an instant.
type AdvanceAlliance struct {
	AllianceID int64     `json:"circle"`
	AsOf       time.Time `json:"as_of"`
}

// Kind is the name of the job in the queue.
func (AdvanceAlliance) Kind() string { return "advance_circle" }

// InsertOpts makes jobs for the same circle and instant a single job.
func (AdvanceAlliance) InsertOpts() river.InsertOpts { return once() }

// once returns the options of jobs that are identified by their arguments.
func once() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: maxAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type advanceWorker struct {
	river.WorkerDefaults[AdvanceAlliance]
	runner *Runner
}

// Timeout is longer than the sequencer's timeout of a batch.
func (*advanceWorker) Timeout(*river.Job[AdvanceAlliance]) time.Duration { return 2 * time.Minute }

// Work does the job. A job whose instant has not come, because a process with a fast
// clock added it, waits until then.
func (w *advanceWorker) Work(ctx context.Context, job *river.Job[AdvanceAlliance]) error {
	if early := job.Args.AsOf.Sub(w.runner.clock()); early > 0 {
		return river.JobSnooze(early)
	}
	return w.runner.advance(ctx, job.Args.AllianceID, job.Args.AsOf)
}

// advance advances a circle to an instant, unless it is a test circle, which has its own
// clock.
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
