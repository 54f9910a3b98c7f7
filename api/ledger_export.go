package api

import (
	"context"
	"net/http"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/merchant/access"
)

// GetJournal exports the ledger of the circle or of one shop.
func (h *handlers) GetJournal(ctx context.Context, r routes.GetJournalRequestObject) (routes.GetJournalResponseObject, error) {
	sc := scopeOf(ctx)
	format, err := export.ParseFormat(string(r.Params.Format))
	if err != nil {
		return nil, problem.Malformed("format", "is wrong: %v", err)
	}
	merchant, err := sc.grant.At(r.Params.Merchant)
	if err != nil {
		return nil, err
	}
	if !sc.Principal.Sees(access.Ledgers, value(merchant)) {
		return nil, problem.Absent("merchant")
	}
	books, err := export.Open(ctx, h.pool, sc.alliance, export.Selection{Format: format, Merchant: value(merchant), Period: value(r.Params.Period)})
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	return &streamedLedger{ctx: ctx, books: books, format: format, slots: &h.streams}, nil
}

// streamedLedger is a ledger export that is read from the database while it is sent.
type streamedLedger struct {
	ctx    context.Context // the generated code asks for the answer without one
	books  *export.Journal
	format export.Format
	slots  *streamSlots
}

// VisitGetJournalResponse sends the export.
func (s *streamedLedger) VisitGetJournalResponse(w http.ResponseWriter) error {
	return sendPiecewise(s.ctx, w, s.slots, s.format.MediaType(), func(ctx context.Context, out *stream) error {
		return s.books.Write(ctx, out)
	})
}
