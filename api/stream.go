package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
)

const (
	// maxStreams is how many answers are streamed at once. Each may hold a database
	// connection for as long as its reader takes, and the tills need the others.
	maxStreams = 8
	// maxAllianceStreams is how many of them one circle has at most, so that it does not
	// keep the others waiting.
	maxAllianceStreams = 4
	// streamTimeout is how long one may take. It is longer than other requests get,
	// because the answer is sent while it is read.
	streamTimeout = 15 * time.Minute
)

// streamSlots bounds how many answers are streamed at once, by circle and in all.
type streamSlots struct {
	mu         sync.Mutex
	ofAlliance map[int64]int
	all        int
}

// take takes a place for an answer of a circle, and returns what gives it back; nil if there is none.
func (s *streamSlots) take(allianceID int64) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == maxStreams || s.ofAlliance[allianceID] == maxAllianceStreams {
		return nil
	}
	if s.ofAlliance == nil {
		s.ofAlliance = make(map[int64]int)
	}
	s.all++
	s.ofAlliance[allianceID]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.ofAlliance[allianceID]--; s.ofAlliance[allianceID] == 0 {
			delete(s.ofAlliance, allianceID)
		}
	}
}

// sendPiecewise sends an answer while it is read from the database. slots bounds
// how many are sent at once. An error before the first byte becomes a problem. After
// that the connection is broken off, so that nobody takes a part for the whole.
func sendPiecewise(of context.Context, w http.ResponseWriter, slots *streamSlots, mediaType string, write func(context.Context, *stream) error) error {
	release := slots.take(scopeOf(of).alliance.ID)
	if release == nil {
		return problem.New(problem.CodeBusy, "", "too many ledgers and statements are being sent; ask again in a moment")
	}
	defer release()
	// The request's timeout is not meant for streams. A caller who has gone away is
	// noticed by the next write.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(of), streamTimeout)
	defer cancel()
	out := &stream{ResponseWriter: w, mediaType: mediaType}
	err := clearing.Unavailable(write(ctx, out))
	switch {
	case err == nil || !out.begun:
		return err
	case out.failed != nil:
		return fmt.Errorf("%w: %w", errGone, err)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
	return fmt.Errorf("%w: %w", errBrokenOff, err)
}

var (
	// errGone: the caller went away, or didn't read in time.
	errGone = errors.New("the answer was not taken")
	// errBrokenOff: the answer had begun when it failed, so its status doesn't tell.
	errBrokenOff = errors.New("the answer was broken off")
)

// stream is an answer that is sent in pieces, each within sendTimeout. The header
// goes with the first.
type stream struct {
	http.ResponseWriter
	mediaType string
	begun     bool
	failed    error // to send
}

// Write sends a piece.
func (s *stream) Write(piece []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.Header().Set("Content-Type", s.mediaType)
		s.WriteHeader(http.StatusOK)
	}
	err := http.NewResponseController(s.ResponseWriter).SetWriteDeadline(time.Now().Add(sendTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) { // a test recorder has no deadline
		s.failed = err
		return 0, err
	}
	n, err := s.ResponseWriter.Write(piece)
	s.failed = err
	return n, err
}
