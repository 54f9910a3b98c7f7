package attempts

import "time"

// Limit is how often a subject may try something: at most Most times within a time, which
// begins with its first attempt. The last of them locks the subject for a while, if there is
// a Lock; else it waits for the end of the time.
type Limit struct {
	Name   string // of what is tried; a subject has a count of its own for each
	Most   int
	Within time.Duration
	Lock   time.Duration
}

// TooManyError says that something was tried too often.
type TooManyError struct {
	RetryAt time.Time // when it may be tried again
}

// Error says when it may be tried again.
func (e *TooManyError) Error() string {
	return "too many attempts; try again after " + e.RetryAt.UTC().Format(time.RFC3339)
}

// count is what a subject has tried under a limit.
type count struct {
	began  time.Time // zero: nothing
	made   int
	locked time.Time // until when; zero: it is not
}

// free returns when the subject may try again: now, or later.
func (l Limit) free(c count, now time.Time) time.Time {
	end := c.began.Add(l.Within)
	switch {
	case now.Before(c.locked):
		return c.locked
	case c.made >= l.Most && now.Before(end):
		return end
	}
	return now
}

// taken returns the count with an attempt that is made now.
func (l Limit) taken(c count, now time.Time) count {
	if c.began.IsZero() || !now.Before(c.began.Add(l.Within)) {
		c = count{began: now}
	}
	c.made++
	if c.made >= l.Most && l.Lock > 0 {
		c.locked = now.Add(l.Lock)
	}
	return c
}

// over returns when the count means nothing any more.
func (l Limit) over(c count) time.Time {
	if end := c.began.Add(l.Within); end.After(c.locked) {
		return end
	}
	return c.locked
}
