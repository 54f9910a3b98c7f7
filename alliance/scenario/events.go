package scenario

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/lianka/lianka/alliance"
)

// maxLine is the longest line of events.jsonl, in bytes, with its end.
const maxLine = 1 << 20

// Event is a line of events.jsonl.
type Event struct {
	Line    int               // from 1
	ID      string            // the idempotency key; it may be empty
	At      time.Time         // UTC, cut to the microsecond
	Hash    [sha256.Size]byte // of the content
	Command alliance.Command
}

// Reader reads events one after the other. It is not safe for concurrent use.
type Reader struct {
	name    string
	lines   *bufio.Reader
	line    int
	last    time.Time // of the line before, with all of its digits
	err     error     // what Next returns from now on
	object  object
	content []byte
}

// NewReader returns a reader of events, which are commands of the registry. Errors call
// the file by name. All events have the same caller, so a reversal names a key of that
// caller.
func NewReader(registry *alliance.Registry, name string, r io.Reader, caller string) *Reader {
	v := newVocabulary(registry)
	return &Reader{
		name: name, lines: bufio.NewReaderSize(r, maxLine), object: object{vocabulary: v, caller: caller, texts: make([]string, len(v.keys))},
	}
}

// Next returns the next event, io.EOF behind the last one, and else a
// [*FileError]. After an error it returns that error again.
func (r *Reader) Next() (Event, error) {
	if r.err != nil {
		return Event{}, r.err
	}
	line, err := r.lines.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(line) == 0 {
		r.err = io.EOF
		return Event{}, r.err
	}
	r.line++
	switch {
	case err == nil || errors.Is(err, io.EOF):
	case errors.Is(err, bufio.ErrBufferFull):
		return Event{}, r.refuse(fmt.Errorf("longer than %d bytes", maxLine), nil)
	default:
		return Event{}, r.refuse(fmt.Errorf("can't be read: %w", err), err)
	}
	event, err := r.event(bytes.TrimSuffix(line, []byte{'\n'}))
	if err != nil {
		return Event{}, r.refuse(err, nil)
	}
	return event, nil
}

func (r *Reader) refuse(reason, cause error) error {
	r.err = &FileError{File: r.name, Line: r.line, Reason: reason.Error(), Cause: cause}
	return r.err
}

// event reads a line. The error is the reason alone.
func (r *Reader) event(line []byte) (Event, error) {
	switch {
	case !utf8.Valid(line):
		return Event{}, fmt.Errorf("not UTF-8 at byte %d", validPrefix(line)+1)
	case len(bytes.TrimSpace(line)) == 0:
		return Event{}, errors.New("is blank; every line is an event")
	}
	o := &r.object
	if err := o.parse(line); err != nil {
		return Event{}, err
	}
	kind, err := o.typeOf(o)
	if err != nil {
		return Event{}, err
	}
	at, err := ParseInstant([]byte(o.Text("at")))
	if err != nil {
		return Event{}, fmt.Errorf("at: %w", err)
	}
	if r.line > 1 && at.Before(r.last) {
		return Event{}, fmt.Errorf("at: %s is earlier than the line before; events stand in the order of time", o.Text("at"))
	}
	r.last = at
	event := Event{Line: r.line, ID: o.Text("id"), At: at.Truncate(time.Microsecond), Command: kind.command.Read(o)}
	event.Hash, r.content = o.hash(r.content)
	return event, nil
}
