package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
)

const (
	// maxStreams is how many answers are streamed at once. Each may hold a database
	// connection for as long as its reader takes, and the tills need most of those.
	maxStreams = 4
	// streamTimeout is how long one may take. It is longer than other requests get,
	// because the answer is sent while it is read.
	streamTimeout = 15 * time.Minute
)

// sendPiecewise sends an answer while it is read from the database. places bounds
// how many are sent at once. An error before the first byte becomes a problem. After
// that the connection is broken off, so that nobody takes a part for the whole.
func sendPiecewise(of context.Context, w http.ResponseWriter, places chan struct{}, mediaType string, write func(context.Context, *stream) error) error {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		return problem.New(problem.CodeBusy, "", "too many ledgers and statements are being sent; ask again in a moment")
	}
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
