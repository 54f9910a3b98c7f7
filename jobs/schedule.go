package jobs

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Lag is how long ago an instant must be before a job advances a circle to it. It must be
// longer than the difference between two servers' clocks, and than a command takes from
// reading the clock to being queued.
const Lag = 5 * time.Second

// AsOf returns the instant to which a job that fires now may advance a circle.
func AsOf(now time.Time) time.Time {
	return now.Add(-Lag).UTC().Truncate(time.Minute)
}

// The schedules fire ten seconds past the minute: twice Lag, in case the queue fires
// early.
const (
	monthEndSpec = "10 0 0 1 * *"
	// It never fires in the minute of the month-end, so it is a second attempt.
	dueSpec = "10 3-58/5 * * * *"
)

// MonthEnd returns the schedule of the cut-off in a timezone: the first of each
// month, when midnight has just passed.
func MonthEnd(timezone string) (cron.Schedule, error) { return schedule(monthEndSpec, timezone) }

// Due returns the schedule of all other due work in a timezone: every five minutes.
func Due(timezone string) (cron.Schedule, error) { return schedule(dueSpec, timezone) }

func schedule(spec, timezone string) (cron.Schedule, error) {
	parser := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	s, err := parser.Parse("CRON_TZ=" + timezone + " " + spec)
	if err != nil {
		return nil, fmt.Errorf("schedule in timezone %q: %w", timezone, err)
	}
	return s, nil
}
