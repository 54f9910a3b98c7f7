package jobs

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Settle is how long an instant must have passed before a job brings a circle to
// it: longer than the clocks of two servers differ, and than a command takes from
// reading the clock to its place in the line.
const Settle = 5 * time.Second

// AsOf returns the instant to which a job that is due now may bring a circle.
func AsOf(now time.Time) time.Time {
	return now.Add(-Settle).UTC().Truncate(time.Minute)
}

// The schedules fire ten seconds past the minute: when Settle is over, with as
// much again for a queue that is early.
const (
	monthEndSpec = "10 0 0 1 * *"
	// Not on the minute of the month-end, so that it is a second try.
	dueSpec = "10 3-58/5 * * * *"
)

// MonthEnd returns the schedule of the cut-off in a timezone: the first of each
// month, when midnight has just passed.
func MonthEnd(timezone string) (cron.Schedule, error) { return schedule(monthEndSpec, timezone) }

// Due returns the schedule of all else that falls due in a timezone: every five
// minutes.
func Due(timezone string) (cron.Schedule, error) { return schedule(dueSpec, timezone) }

func schedule(spec, timezone string) (cron.Schedule, error) {
	parser := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	s, err := parser.Parse("CRON_TZ=" + timezone + " " + spec)
	if err != nil {
		return nil, fmt.Errorf("schedule in timezone %q: %w", timezone, err)
	}
	return s, nil
}
