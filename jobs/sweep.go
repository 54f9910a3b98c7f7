package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Sweep adds an AdvanceAlliance job for each live circle of a timezone in which
// something falls due at or before an instant.
type Sweep struct {
	Timezone string    `json:"timezone"`
	AsOf     time.Time `json:"as_of"`
}

// Kind is the name of the job in the queue.
func (Sweep) Kind() string { return "sweep" }

// InsertOpts makes sweeps of the same timezone and instant a single job.
func (Sweep) InsertOpts() river.InsertOpts { return once() }

type sweepWorker struct {
	river.WorkerDefaults[Sweep]
	runner *Runner
}

// Work adds the jobs. They are unique, so a sweep that is repeated adds none.
func (w *sweepWorker) Work(ctx context.Context, job *river.Job[Sweep]) error {
	alliances, err := dueAlliances(ctx, w.runner.pool, job.Args.Timezone, job.Args.AsOf)
	if err != nil || len(alliances) == 0 {
		return err
	}
	inserts := make([]river.InsertManyParams, len(alliances))
	for i, allianceID := range alliances {
		inserts[i].Args = AdvanceAlliance{AllianceID: allianceID, AsOf: job.Args.AsOf}
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, inserts)
	return err
}
