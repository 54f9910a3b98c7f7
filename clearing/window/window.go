package window

import "time"

// Window is a settlement window: a calendar month in the circle's timezone,
// half-open [OpensAt, CutoffAt).
type Window struct {
	Period   string // "2026-10"
	OpensAt  time.Time
	CutoffAt time.Time
}

// Of returns the window of the month in which an instant falls.
func Of(at time.Time, location *time.Location) Window {
	year, month, _ := at.In(location).Date()
	w := monthWindow(year, month, location)
	// If clocks were put back over midnight of a first, a local date came twice. The
	// bounds decide.
	switch {
	case at.Before(w.OpensAt):
		return monthWindow(year, month-1, location)
	case !at.Before(w.CutoffAt):
		return monthWindow(year, month+1, location)
	}
	return w
}

// monthWindow returns the window of a month; month 0 and 13 are normalized as in time.Date.
func monthWindow(year int, month time.Month, location *time.Location) Window {
	return Window{
		Period:   time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"),
		OpensAt:  firstInstant(year, month, location),
		CutoffAt: firstInstant(year, month+1, location),
	}
}

// firstInstant returns the first instant of a month, in UTC. time.Date is not exact where a
// change of clocks skips or repeats midnight, so this searches for the earliest second whose
// local date is in the month or later.
func firstInstant(year int, month time.Month, location *time.Location) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	reached := func(unix int64) bool {
		y, m, _ := time.Unix(unix, 0).In(location).Date()
		return y > first.Year() || (y == first.Year() && m >= first.Month())
	}
	return time.Unix(firstSecond(first.Unix(), reached), 0).UTC()
}
