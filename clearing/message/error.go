package message

// Error is an error whose sentence goes on after that of a sentinel.
type Error struct {
	Message  Message
	sentinel error
}

// Wrap returns an error that wraps a sentinel and says more than what it is about, in words that languages have their own for. The format's
// first verb is for the sentinel.
func Wrap(format string, sentinel error, args ...any) error {
	return &Error{New(format, append([]any{sentinel}, args...)...), sentinel}
}

// Error returns the sentence in English.
func (e *Error) Error() string { return e.Message.English() }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.sentinel }
