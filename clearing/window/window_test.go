package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/window"
)

func location(t require.TestingT, name string) *time.Location {
	l, err := time.LoadLocation(name)
	require.NoError(t, err)
	return l
}

func instant(t require.TestingT, text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at.UTC()
}

func TestWindowIsAMonthInTheAlliancesTimezone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, zone, at, period, opens, cutoff string
	}{
		{"no change of clocks", "Asia/Shanghai", "2026-10-15T12:00:00Z", "2026-10", "2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"},
		{"the first instant is in", "Asia/Shanghai", "2026-09-30T16:00:00Z", "2026-10", "2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"},
		{"the cut-off is out", "Asia/Shanghai", "2026-09-30T15:59:59.999999Z", "2026-09", "2026-08-31T16:00:00Z", "2026-09-30T16:00:00Z"},
		{"the year turns", "Asia/Shanghai", "2026-12-31T15:59:59Z", "2026-12", "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"},
		{"an odd offset", "Asia/Kathmandu", "2026-10-15T12:00:00Z", "2026-10", "2026-09-30T18:15:00Z", "2026-10-31T18:15:00Z"},
		{"clocks change within", "Europe/Berlin", "2026-10-15T12:00:00Z", "2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		// On 1 October 2017 Paraguay went from 00:00 to 01:00: there was no midnight.
		{"midnight is skipped, at its end", "America/Asuncion", "2017-09-15T12:00:00Z", "2017-09", "2017-09-01T04:00:00Z", "2017-10-01T04:00:00Z"},
		{"midnight is skipped, at its start", "America/Asuncion", "2017-10-01T04:00:00Z", "2017-10", "2017-10-01T04:00:00Z", "2017-11-01T03:00:00Z"},
		{"the second before the gap", "America/Asuncion", "2017-10-01T03:59:59Z", "2017-09", "2017-09-01T04:00:00Z", "2017-10-01T04:00:00Z"},
		{"midnight is skipped in spring", "America/Havana", "2001-04-01T05:00:00Z", "2001-04", "2001-04-01T05:00:00Z", "2001-05-01T04:00:00Z"},
		// On 1 November 2026 Cuba goes from 01:00 back to 00:00: midnight comes twice.
		{"midnight comes twice, the first counts", "America/Havana", "2026-11-01T04:00:00Z", "2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"},
		{"midnight comes twice, the second is in", "America/Havana", "2026-11-01T05:00:00Z", "2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"},
		{"before both midnights", "America/Havana", "2026-11-01T03:59:59Z", "2026-10", "2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z"},
		// Samoa left out 30 December 2011.
		{"a day is skipped", "Pacific/Apia", "2011-12-31T12:00:00Z", "2012-01", "2011-12-31T10:00:00Z", "2012-01-31T10:00:00Z"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			got := window.Of(instant(t, c.at), location(t, c.zone))
			require.Equal(t, window.Window{Period: c.period, OpensAt: instant(t, c.opens), CutoffAt: instant(t, c.cutoff)}, got)
		})
	}
}

// This must hold in any timezone, and an instant must lie in the window that is found for it.
func TestWindowsHaveNoGapsAndNoOverlaps(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Asia/Shanghai", "Asia/Kathmandu", "Asia/Kolkata", "America/Asuncion", "America/Havana", "America/Santiago", "America/Nuuk",
		"Asia/Beirut", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Atlantic/Azores", "UTC",
	}
	from, to := instant(t, "2000-01-01T00:00:00Z").UnixMicro(), instant(t, "2060-01-01T00:00:00Z").UnixMicro()
	rapid.Check(t, func(t *rapid.T) {
		zone := location(t, rapid.SampledFrom(zones).Draw(t, "timezone"))
		at := time.UnixMicro(from + rapid.Int64Range(0, to-from).Draw(t, "at")).UTC()
		w := window.Of(at, zone)
		requireWithin(t, w, at)
		require.Equal(t, at.In(zone).Format("2006-01"), w.Period)
		for range 14 {
			require.Equal(t, time.UTC, w.CutoffAt.Location())
			require.Equal(t, w, window.Of(w.OpensAt, zone))
			require.Equal(t, w, window.Of(w.CutoffAt.Add(-time.Microsecond), zone))
			next := window.Of(w.CutoffAt, zone)
			require.Equal(t, w.CutoffAt, next.OpensAt)
			require.Greater(t, next.Period, w.Period)
			w = next
		}
	})
}

func requireWithin(t *rapid.T, w window.Window, at time.Time) {
	require.False(t, at.Before(w.OpensAt), "%s is before %+v", at, w)
	require.True(t, at.Before(w.CutoffAt), "%s is after %+v", at, w)
}
