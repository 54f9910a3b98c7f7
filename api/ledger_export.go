package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/journal"
	"github.com/lianka/lianka/merchant/access"
)

const (
	// maxJournals is how many journals are sent at once. Each may hold a connection
	// of the database for as long as its reader takes, and the tills need most of
	// those.
	maxJournals = 4
	// journalTimeout is how long one may take. It is more than other requests get, as
	// it goes on being sent while it is read.
	journalTimeout = 15 * time.Minute
)

// GetJournal returns the books of the circle or of one shop.
func (h *handlers) GetJournal(ctx context.Context, r routes.GetJournalRequestObject) (routes.GetJournalResponseObject, error) {
	sc := scopeOf(ctx)
	format, err := journal.ParseFormat(string(r.Params.Format))
	if err != nil {
		return nil, problem.Malformed("format", "is none: "+err.Error())
	}
	shop, err := sc.grant.At(r.Params.Merchant)
	if err != nil {
		return nil, err
	}
	if !sc.Principal.Sees(access.Ledgers, value(shop)) {
		return nil, problem.Absent("merchant")
	}
	books, err := journal.Open(ctx, h.pool, sc.circle, journal.Selection{Format: format, Shop: value(shop), Period: value(r.Params.Period)})
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	return &sentJournal{ctx: ctx, books: books, format: format, places: h.journals}, nil
}

// sentJournal is a journal that is read from the database while it is sent.
type sentJournal struct {
	ctx    context.Context //nolint:containedctx // the generated code asks for the answer without one
	books  *journal.Journal
	format journal.Format
	places chan struct{}
}

// VisitGetJournalResponse sends the journal. An error before its first byte
// becomes a problem; after that all that can be done is to break off, so that
// nobody takes a part for the whole.
func (s *sentJournal) VisitGetJournalResponse(w http.ResponseWriter) error {
	return sendPiecewise(s.ctx, w, s.places, s.format.MediaType(), func(ctx context.Context, out *stream) error {
		return s.books.Write(ctx, out)
	})
}

// sendPiecewise sends an answer that is read from the database meanwhile. places are
// as many as may be sent at once.
func sendPiecewise(of context.Context, w http.ResponseWriter, places chan struct{}, mediaType string, write func(context.Context, *stream) error) error {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		return &problem.Problem{Code: problem.CodeBusy, Detail: "as many journals and statements as may be are being sent; ask again in a moment"}
	}
	// What a request gets of time is for one answer, not for a stream; a caller who
	// has gone away shows when it is written to.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(of), journalTimeout)
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
	// errGone: the caller went away, or did not take what was sent in time.
	errGone = errors.New("the answer was not taken")
	// errBrokenOff: an answer that had begun ended in a fault, which its status does
	// not tell of.
	errBrokenOff = errors.New("the answer was broken off")
)

// stream is an answer that is sent piece by piece, each of which has sendTimeout to
// get away. Its header is written with the first.
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
	if err != nil && !errors.Is(err, http.ErrNotSupported) { // what is no connection has no deadline
		s.failed = err
		return 0, err
	}
	n, err := s.ResponseWriter.Write(piece)
	s.failed = err
	return n, err
}
