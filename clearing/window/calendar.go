package window

import "time"

// AddDays returns the same time of day, n days later in a calendar. Where a change of
// clocks skips that time of day, it is the first instant after the gap. So a deadline at
// midnight stays at midnight, however long the days between are.
func AddDays(at time.Time, n int, location *time.Location) time.Time {
	if n == 0 {
		return at.UTC()
	}
	local := at.In(location)
	year, month, day := local.Date()
	hour, minute, second := local.Clock()
	later := time.Date(year, month, day+n, hour, minute, second, local.Nanosecond(), location)
	wanted := time.Date(year, month, day+n, hour, minute, second, local.Nanosecond(), time.UTC)
	if wall(later).Equal(wanted) {
		return later.UTC()
	}
	// The search is for whole seconds: changes of clocks are at such.
	unix := firstSecond(wanted.Unix(), func(unix int64) bool { return !wall(time.Unix(unix, 0).In(location)).Before(wanted) })
	return time.Unix(unix, 0).UTC()
}

// wall returns what a clock shows at an instant, as if it were UTC.
func wall(at time.Time) time.Time {
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	return time.Date(year, month, day, hour, minute, second, at.Nanosecond(), time.UTC)
}

// firstSecond returns the earliest second within two days of another that fulfils a
// condition, which all later ones fulfil too.
func firstSecond(about int64, reached func(unix int64) bool) int64 {
	const day = 24 * 60 * 60
	before, after := about-2*day, about+2*day
	for after-before > 1 {
		middle := before + (after-before)/2
		if reached(middle) {
			after = middle
		} else {
			before = middle
		}
	}
	return after
}
