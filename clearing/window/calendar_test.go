package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/window"
)

func TestDaysAreOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, from string
		days       int
		want       string
	}{
		{"Asia/Shanghai", "2026-11-01T00:00:00", 3, "2026-11-04T00:00:00+08:00"},
		{"Europe/Berlin", "2026-03-27T00:00:00", 3, "2026-03-30T00:00:00+02:00"}, // a day of 23 hours is between
		{"Europe/Berlin", "2026-10-23T18:30:00", 7, "2026-10-30T18:30:00+01:00"}, // a day of 25 hours is between
		{"Europe/Berlin", "2026-03-28T02:30:00", 1, "2026-03-29T03:00:00+02:00"}, // a time that is skipped: the instant after
		{"America/New_York", "2026-10-31T12:00:00", 14, "2026-11-14T12:00:00-05:00"},
		{"Africa/Cairo", "2026-04-23T00:00:00", 1, "2026-04-24T01:00:00+03:00"}, // clocks go forward at midnight
		{"Africa/Cairo", "2026-04-23T00:00:00", 2, "2026-04-25T00:00:00+03:00"},
		{"Australia/Lord_Howe", "2026-10-03T02:15:00", 1, "2026-10-04T02:30:00+11:00"}, // by half an hour
	} {
		location, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		from, err := time.ParseInLocation("2006-01-02T15:04:05", c.from, location)
		require.NoError(t, err)
		want, err := time.Parse(time.RFC3339, c.want)
		require.NoError(t, err)
		require.Equal(t, want.UTC(), window.AddDays(from, c.days, location).UTC(), "%s %s + %d", c.zone, c.from, c.days)
	}
}

// Of an hour that comes twice each instant is its own.
func TestNoDaysChangeNothing(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	first := time.Date(2026, time.October, 25, 0, 30, 0, 1000, time.UTC)
	for _, at := range []time.Time{first, first.Add(time.Hour)} {
		require.Equal(t, at, window.AddDays(at, 0, berlin))
		require.Equal(t, time.Date(2026, time.October, 26, 1, 30, 0, 1000, time.UTC), window.AddDays(at, 1, berlin))
	}
}

// No day is lost or comes twice: what is n and m days later is n + m days later, but where
// the time of day is skipped.
func TestDaysAddUp(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Pacific/Apia"} {
		location, err := time.LoadLocation(zone)
		require.NoError(t, err)
		at := time.Date(2026, time.January, 1, 12, 0, 0, 0, location)
		for n := range 400 {
			after := window.AddDays(at, n, location).In(location)
			require.Equal(t, 12, after.Hour(), "%s %d", zone, n)
			require.Equal(t, after.UTC(), window.AddDays(window.AddDays(at, n/2, location), n-n/2, location), "%s %d", zone, n)
		}
	}
}
