package scenario

import (
	"fmt"
	"time"
)

// ParseInstant reads a time of RFC 3339 with capitals T and Z, and returns it in
// UTC with all of its digits up to the nanosecond. A leap second is refused: it
// has no place among the seconds that everything else counts. So is a time out of
// the years 1000 to 9000: before them lies the instant that the books take for none, and
// after them what falls due a century later would have a year of five digits.
//
// Package time is more liberal than the RFC, so the shape is checked here and the
// calendar there.
func ParseInstant(text []byte) (time.Time, error) {
	if !shapedAsInstant(text) {
		return time.Time{}, fmt.Errorf("%q is not a time of RFC 3339 with an offset, such as 2026-10-01T09:00:00+08:00", clip(string(text)))
	}
	var at time.Time
	if err := at.UnmarshalText(text); err != nil {
		return at, fmt.Errorf("there is no time %q", clip(string(text)))
	}
	at = at.UTC()
	if at.Year() < firstYear || at.Year() > lastYear {
		return at, fmt.Errorf("%s lies outside of the years %d to %d in UTC", text, firstYear, lastYear)
	}
	return at, nil
}

const (
	firstYear = 1000
	lastYear  = 9000
)

func shapedAsInstant(text []byte) bool {
	const whole = "0000-00-00T00:00:00"
	if !matches(text, whole) {
		return false
	}
	rest := text[len(whole):]
	if len(rest) > 0 && rest[0] == '.' {
		digits := 1
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 1 {
			return false
		}
		rest = rest[digits:]
	}
	if len(rest) == 1 {
		return rest[0] == 'Z'
	}
	return len(rest) == len("+00:00") && (rest[0] == '+' || rest[0] == '-') && matches(rest[1:], "00:00") &&
		string(rest[1:3]) <= "23" && string(rest[4:6]) <= "59"
}

// matches reports whether the text begins as the pattern has it; 0 stands for any
// digit.
func matches(text []byte, pattern string) bool {
	if len(text) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		digit := pattern[i] == '0' && text[i] >= '0' && text[i] <= '9'
		if !digit && (pattern[i] == '0' || text[i] != pattern[i]) {
			return false
		}
	}
	return true
}
