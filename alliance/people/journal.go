package people

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Erasure is a person that was erased.
type Erasure struct {
	Circle string    `json:"circle"`
	Member string    `json:"member"`
	At     time.Time `json:"erased_at"`
}

// Journal is the file in which erasures are remembered, outside the database: a line of JSON
// for each, with the circle, the member's code and the time. It only grows. Several processes may
// share a file.
type Journal struct{ name string }

// ErrJournal: the file can't be read to its end. A line that is lost may be somebody who comes
// back, so nothing is served.
var ErrJournal = errors.New("the file of erasures is damaged; mend the line, or take it from another copy")

// OpenJournal returns the journal in a file, which it makes if there is none.
func OpenJournal(name string) (*Journal, error) {
	j := &Journal{name}
	return j, j.within(func(*lockedfile.File, []Erasure) error { return nil })
}

// Name returns the name of the file.
func (j *Journal) Name() string { return j.name }

// Erasures returns all that is remembered.
func (j *Journal) Erasures() ([]Erasure, error) {
	var all []Erasure
	err := j.within(func(_ *lockedfile.File, known []Erasure) error {
		all = known
		return nil
	})
	return all, err
}

// Remember adds those erasures that are not remembered yet, and returns when they are safe on
// the disk.
func (j *Journal) Remember(erasures ...Erasure) error {
	return j.within(func(f *lockedfile.File, known []Erasure) error {
		has := make(map[[2]string]bool, len(known))
		for _, e := range known {
			has[e.key()] = true
		}
		var lines bytes.Buffer
		for _, e := range erasures {
			if has[e.key()] {
				continue
			}
			has[e.key()] = true
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			lines.Write(append(line, '\n'))
		}
		if lines.Len() == 0 {
			return nil
		}
		if _, err := f.Write(lines.Bytes()); err != nil {
			return err
		}
		return f.Sync()
	})
}

func (e Erasure) key() [2]string { return [2]string{e.Circle, e.Member} }

// within runs a function with the locked file, which stands at its end, and what is in it. A
// last line without an end was being written when the process died; its erasure was never
// committed, and the line is cut off.
func (j *Journal) within(f func(*lockedfile.File, []Erasure) error) (err error) {
	file, err := lockedfile.OpenFile(j.name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var known []Erasure
	whole := int64(0)
	for lines, number := bufio.NewReader(file), 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var e Erasure
		if json.Unmarshal(line, &e) != nil || e.Circle == "" || e.Member == "" || e.At.IsZero() {
			return fmt.Errorf("%s: line %d: %w", j.name, number, ErrJournal)
		}
		known = append(known, e)
		whole += int64(len(line))
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	return f(file, known)
}
