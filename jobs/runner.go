package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/lianka/lianka/clearing/sequencer"
)

// maxWorkers is how many jobs a process works on at once. Each may hold a
// connection of the pool, which the tills need more.
const maxWorkers = 4

// ErrFuture says that circles can't be advanced to an instant that has not come yet.
var ErrFuture = errors.New("that instant has not come yet")

// Config is what a Runner works with.
type Config struct {
	Pool      *pgxpool.Pool
	Sequencer *sequencer.Sequencer
	Logger    *slog.Logger     // nil: nothing is logged
	Clock     func() time.Time // the clock of live circles; nil: time.Now
	Refresh   time.Duration    // how often new timezones are looked for; zero: a minute
}

// Runner runs the schedules and works on the jobs, together with the Runners of
// other processes on the same database.
type Runner struct {
	pool      *pgxpool.Pool
	sequencer *sequencer.Sequencer
	logger    *slog.Logger
	clock     func() time.Time
	refresh   time.Duration
	client    *river.Client[pgx.Tx]
	scheduled map[string]bool // the timezones that have their schedules

	cancel  context.CancelFunc // ends watching for new timezones
	watched chan struct{}      // closed when that has ended
}

// New returns a runner that does nothing before Start.
func New(c Config) (*Runner, error) {
	if c.Pool == nil || c.Sequencer == nil {
		return nil, errors.New("jobs: a pool and a sequencer are needed")
	}
	r := &Runner{
		pool: c.Pool, sequencer: c.Sequencer, logger: c.Logger, clock: c.Clock, refresh: c.Refresh,
		scheduled: make(map[string]bool),
	}
	if r.logger == nil {
		r.logger = slog.New(slog.DiscardHandler)
	}
	if r.clock == nil {
		r.clock = time.Now
	}
	if r.refresh == 0 {
		r.refresh = time.Minute
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &sweepWorker{runner: r})
	river.AddWorker(workers, &advanceWorker{runner: r})
	var err error
	r.client, err = river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		ErrorHandler: &failures{r.logger},
		Logger:       r.logger,
		// Jobs may start a little late. LISTEN would occupy a connection, and
		// doesn't work through a pooler that shares connections.
		PollOnly: true,
		Queues:   map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		Workers:  workers,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return r, nil
}

// Start starts the runner. The context is for starting only, and doesn't stop the runner
// when it ends. A runner can be started once.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.addSchedules(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := r.client.Start(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	ctx, r.cancel = context.WithCancel(ctx)
	r.watched = make(chan struct{})
	go r.watch(ctx)
	return nil
}

// Stop takes no more jobs and waits for the running ones. If the context ends first, Stop
// cancels them and returns the context's error; another process or the next start does
// them. The sequencer must be stopped after the runner.
func (r *Runner) Stop(ctx context.Context) error {
	if r.cancel == nil {
		return nil
	}
	r.cancel()
	<-r.watched
	err := r.client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, r.client.StopAndCancel(hard))
}

// Run advances every live circle to an instant at once, without the queue. Circles in
// which nothing falls due are not touched. A circle that fails does not stop the others.
// Run returns ErrFuture if the instant has not come yet.
func (r *Runner) Run(ctx context.Context, asOf time.Time) error {
	if asOf.After(r.clock()) {
		return fmt.Errorf("%w: %s", ErrFuture, asOf.Format(time.RFC3339))
	}
	alliances, err := dueAlliances(ctx, r.pool, "", asOf)
	if err != nil {
		return err
	}
	var errs []error
	for _, allianceID := range alliances {
		errs = append(errs, r.advance(ctx, allianceID, asOf))
	}
	return errors.Join(errs...)
}

// watch adds schedules for new timezones until the context ends.
func (r *Runner) watch(ctx context.Context) {
	defer close(r.watched)
	ticker := time.NewTicker(r.refresh)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if err := r.addSchedules(ctx); err != nil && ctx.Err() == nil {
			r.logger.WarnContext(ctx, "new timezones could not be looked for; trying again", "error", err)
		}
	}
}

// addSchedules adds the schedules of each timezone that doesn't have them yet. One of
// the two fires at once, to catch up on missed ticks.
func (r *Runner) addSchedules(ctx context.Context) error {
	names, err := timezones(ctx, r.pool)
	if err != nil {
		return err
	}
	for _, timezone := range names {
		if r.scheduled[timezone] {
			continue
		}
		r.scheduled[timezone] = true
		added, err := r.schedules(timezone)
		if err != nil {
			// Commands still do the due work of its circles. The other timezones must get
			// their schedules.
			r.logger.ErrorContext(ctx, "circles of a timezone have no schedule", "error", err)
			continue
		}
		r.client.PeriodicJobs().AddMany(added)
	}
	return nil
}

func (r *Runner) schedules(timezone string) ([]*river.PeriodicJob, error) {
	monthEnd, err := MonthEnd(timezone)
	if err != nil {
		return nil, err
	}
	due, err := Due(timezone)
	if err != nil {
		return nil, err
	}
	sweep := func() (river.JobArgs, *river.InsertOpts) {
		return Sweep{Timezone: timezone, AsOf: AsOf(r.clock())}, nil
	}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(monthEnd, sweep, nil),
		river.NewPeriodicJob(due, sweep, &river.PeriodicJobOpts{RunOnStart: true}),
	}, nil
}
