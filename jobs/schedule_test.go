package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/jobs"
)

// The last timezone had no midnight on 1 October 2017.
var timezones = []string{
	"UTC", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Berlin",
	"America/New_York", "Pacific/Kiritimati", "America/Asuncion",
}

func TestCutOffIsDoneWithinMinutes(t *testing.T) {
	t.Parallel()
	for _, timezone := range timezones {
		location, err := time.LoadLocation(timezone)
		require.NoError(t, err)
		monthEnd, err := jobs.MonthEnd(timezone)
		require.NoError(t, err)
		due, err := jobs.Due(timezone)
		require.NoError(t, err)
		at := time.Date(2017, time.January, 1, 12, 0, 0, 0, time.UTC)
		for range 240 {
			cutoff := window.Of(at, location).CutoffAt
			at = cutoff.Add(12 * time.Hour)
			second := due.Next(cutoff)
			require.LessOrEqual(t, second.Sub(cutoff), 5*time.Minute+10*time.Second, "%s in %s", cutoff, timezone)
			require.False(t, jobs.AsOf(second).Before(cutoff))

			first := monthEnd.Next(cutoff)
			if timezone == "America/Asuncion" && cutoff.In(location).Hour() != 0 {
				continue
			}
			require.Equal(t, 10*time.Second, first.Sub(cutoff), "%s in %s", cutoff, timezone)
			require.Equal(t, cutoff, jobs.AsOf(first))
			require.Equal(t, cutoff, jobs.AsOf(first.Add(-4*time.Second)), "cron is early")
			require.NotEqual(t, first, second, "the second try is another tick")
		}
	}
}

func TestAsOfLagsBehindTheClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	for range 10_000 {
		now = now.Add(37 * time.Millisecond)
		behind := now.Sub(jobs.AsOf(now))
		require.GreaterOrEqual(t, behind, jobs.Lag)
		require.Less(t, behind, jobs.Lag+time.Minute)
	}
}

func TestUnknownTimezone(t *testing.T) {
	t.Parallel()
	_, err := jobs.MonthEnd("Mars/Olympus")
	require.ErrorContains(t, err, "Mars/Olympus")
	_, err = jobs.Due("Mars/Olympus")
	require.Error(t, err)
}
