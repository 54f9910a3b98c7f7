package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/lianka/lianka/api/problem"
)

// defaultLimit is the size of a page, unless the request says otherwise.
const defaultLimit = 50

// cursorVersion begins each cursor, so that cursors of another form can be told
// apart.
const cursorVersion = "1"

// pageSize returns the parameter limit, whose bounds are the document's.
func pageSize(limit *int) int {
	if limit == nil {
		return defaultLimit
	}
	return *limit
}

// newCursor returns the cursor for what comes after a place in the list of an
// operation.
func newCursor(operation, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorVersion + "\n" + operation + "\n" + place))
}

// readCursor returns the place that a cursor of an operation stands for, "" without
// a cursor.
func readCursor(operation string, cursor *string) (string, error) {
	if cursor == nil {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return "", problem.Malformed("cursor", "is not one that this server gave")
	}
	parts := strings.SplitN(string(text), "\n", 3)
	if len(parts) != 3 || parts[0] != cursorVersion || parts[1] != operation || parts[2] == "" || !sane(parts[2], maxValue) {
		return "", problem.Malformed("cursor", "is not one that this list gave")
	}
	return parts[2], nil
}

// readNumberCursor is readCursor for a list in the order of numbers; it returns 0
// without a cursor.
func readNumberCursor(operation string, cursor *string) (int64, error) {
	place, err := readCursor(operation, cursor)
	if err != nil || place == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(place, 10, 64)
	if err != nil || n < 1 {
		return 0, problem.Malformed("cursor", "is not one that this list gave")
	}
	return n, nil
}

// cut shortens a list that was read with one item too many to its page, and returns
// the cursor of the next page if there is one.
func cut[T any](items []T, size int, operation string, place func(T) string) ([]T, *string) {
	if len(items) <= size {
		return items, nil
	}
	items = items[:size]
	next := newCursor(operation, place(items[size-1]))
	return items, &next
}

// each converts the items of a page.
func each[From, To any](items []From, f func(From) To) []To {
	made := make([]To, 0, len(items))
	for _, item := range items {
		made = append(made, f(item))
	}
	return made
}

// given returns nil for a text that is empty.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// value returns what a parameter or field is, zero if it was not given.
func value[T any](parameter *T) T {
	if parameter == nil {
		var zero T
		return zero
	}
	return *parameter
}
