package api

import (
	"context"
	"encoding/hex"
	"net/http"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant/access"
)

// mostPDFLines bounds a statement as PDF, which is made in memory. The other formats
// are streamed and have no limit.
const mostPDFLines = 20_000

// GetStatement returns the statement of a party for a closed month.
func (h *handlers) GetStatement(ctx context.Context, r routes.GetStatementRequestObject) (routes.GetStatementResponseObject, error) {
	sc := scopeOf(ctx)
	party, err := sc.party(r.Params.Party)
	if err != nil {
		return nil, err
	}
	if !sc.Principal.Sees(access.Statements, party) {
		return nil, problem.Absent("party")
	}
	name := "json"
	if r.Params.Format != nil {
		name = string(*r.Params.Format)
	}
	format, err := statement.FormatOf(name)
	if err != nil {
		return nil, problem.Malformed("format", "is wrong: %v", err)
	}
	found, err := statement.Load(ctx, h.pool, h.setups.Registry(), sc.alliance, r.Period, party)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	if lines := found.Count; name == "pdf" && lines > mostPDFLines {
		return nil, problem.Malformed("format", "pdf holds at most %d lines, and this statement has %d; take csv or xlsx", mostPDFLines, lines)
	}
	return &streamedStatement{ctx, found, format, &h.streams}, nil
}

// streamedStatement is a statement that is read from the database while it is sent.
type streamedStatement struct {
	ctx    context.Context // the generated code asks for the answer without one
	found  statement.Statement
	format statement.Format
	slots  *streamSlots
}

// VisitGetStatementResponse sends the statement.
func (s *streamedStatement) VisitGetStatementResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Disposition", attachment(s.found.FileName(s.format)))
	return sendPiecewise(s.ctx, w, s.slots, s.format.MediaType, func(ctx context.Context, out *stream) error {
		return statement.Write(ctx, out, s.format.Name, s.found)
	})
}

// VerifySettlement recomputes a settlement from raw entries.
func (h *handlers) VerifySettlement(ctx context.Context, r routes.VerifySettlementRequestObject) (routes.VerifySettlementResponseObject, error) {
	var answer routes.VerifySettlement200JSONResponse
	err := h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		stored, fresh, err := store.Verify(ctx, db, head, setup, r.Period)
		answer = routes.VerifySettlement200JSONResponse{
			Period: r.Period, Digest: hex.EncodeToString(stored.Digest[:]), Recomputed: hex.EncodeToString(fresh.Digest[:]),
			Identical: stored.Digest == fresh.Digest,
		}
		return err
	})
	return answer, err
}

// netting returns what netting saved in a month.
func netting(s *window.Snapshot) *spec.Netting {
	n := s.Netting()
	return &spec.Netting{
		Gross: n.Gross.String(), GrossCount: n.GrossCount, Netted: n.Netted.String(), Transfers: len(s.Transfers), Saved: n.Saved.String(),
	}
}

func movements(p window.Position, currency func(int64) string) []spec.Movement {
	return each(p.Movements, func(m ledger.Movement) spec.Movement {
		return spec.Movement{Type: string(m.Type), Count: m.Count, Debits: currency(m.Debits), Credits: currency(m.Credits), Net: currency(m.Net())}
	})
}

// GetPayoutSlip returns what a closed month paid a member.
func (h *handlers) GetPayoutSlip(ctx context.Context, r routes.GetPayoutSlipRequestObject) (routes.GetPayoutSlipResponseObject, error) {
	sc := scopeOf(ctx)
	sc.hide(r.Member)
	var answer routes.GetPayoutSlip200JSONResponse
	err := h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		if _, err := settlement.Find(ctx, db, sc.alliance.ID, r.Period); err != nil {
			return err
		}
		statement, err := store.CommissionStatementOf(ctx, db, sc.alliance, r.Period, r.Member)
		if err != nil {
			return err
		}
		paid, err := settlement.OfMember(ctx, db, sc.alliance, r.Period, r.Member)
		if err != nil {
			return err
		}
		answer = routes.GetPayoutSlip200JSONResponse{
			Period: r.Period, Member: r.Member, Gross: statement.Paid.String(), Withheld: statement.Withheld.String(),
			Net: statement.Net().String(), State: spec.PayoutSlipStateNone,
		}
		if paid != nil {
			answer.State, answer.Reference, answer.Paid = spec.PayoutSlipState(paid.Status), &paid.Reference, given(paid.Paid.String())
		}
		answer.Withholding, err = h.withholding(ctx, db, head, r.Period)
		return err
	})
	return answer, err
}

// withholding returns the rule by which a closed month withheld tax, or nil.
func (h *handlers) withholding(ctx context.Context, db ledger.Querier, head *clearing.Head, period string) (*spec.Withholding, error) {
	setup, err := h.setups.Setup(ctx, db, head)
	if err != nil {
		return nil, err
	}
	terms, err := store.TermsOf(ctx, db, head, setup, period)
	if err != nil || terms.Withholding == nil {
		return nil, err
	}
	return &spec.Withholding{Table: terms.Withholding.Name, Title: terms.Withholding.Title}, nil
}

// GetTaxReport returns a page of the tax that a closed month withheld.
func (h *handlers) GetTaxReport(ctx context.Context, r routes.GetTaxReportRequestObject) (routes.GetTaxReportResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	answer := routes.GetTaxReport200JSONResponse{Period: r.Period}
	err = h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		if _, err := settlement.Find(ctx, db, sc.alliance.ID, r.Period); err != nil {
			return err
		}
		found, err := store.Payouts(ctx, db, sc.alliance, r.Period, after, size+1)
		if err != nil {
			return err
		}
		found, answer.NextCursor = cut(found, size, sc.operation.id, func(s store.CommissionStatement) string { return s.Member })
		answer.Items = each(found, func(s store.CommissionStatement) spec.TaxLine {
			sc.hide(s.Member)
			return spec.TaxLine{
				Member: s.Member, Gross: s.Paid.String(), Withheld: s.Withheld.String(), Net: s.Net().String(),
			}
		})
		answer.Withholding, err = h.withholding(ctx, db, head, r.Period)
		return err
	})
	return answer, err
}
