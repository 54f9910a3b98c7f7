package api

import (
	"context"
	"net/http"
	"time"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

func bankLine(l *settlement.ImportedLine) spec.BankLine {
	return spec.BankLine{
		Account: l.Account, Line: l.ID, Place: l.Place, Statement: l.Statement, Transaction: ledger.ID(l.Seq), BookedOn: bookedOn(l.BookedOn), Direction: direction(l.Credit),
		Returned: l.Returned, Amount: l.Amount.String(), References: append([]string{}, l.References...), Counterparty: l.Counterparty, Text: l.Text, Reason: given(l.Reason),
		Waits: l.Open, Outcome: l.Outcome, Twin: transactionID(l.Twin), ResolvedBy: transactionID(l.ResolvedSeq),
	}
}

// bookedOn returns the date of a line; empty: it can't be read.
func bookedOn(on time.Time) string {
	if on.IsZero() {
		return ""
	}
	return on.Format(time.DateOnly)
}

func direction(credit bool) spec.BankDirection {
	if credit {
		return spec.MoneyIn
	}
	return spec.MoneyOut
}

// bankLineOf returns the number of the transaction that took in the line of a path.
func bankLineOf(transaction string) (int64, error) {
	seq, err := ledger.ParseID(transaction)
	if err != nil {
		return 0, problem.Absent("bank line")
	}
	return seq, nil
}

// MatchBankLine says what a line is for.
func (h *handlers) MatchBankLine(ctx context.Context, r routes.MatchBankLineRequestObject) (routes.MatchBankLineResponseObject, error) {
	line, err := bankLineOf(r.Transaction)
	if err != nil {
		return nil, err
	}
	parts := each(r.Body.Parts, func(p spec.BankLinePart) settlement.LinePart {
		return settlement.LinePart{Reference: withoutSpaces(p.Reference), Amount: value(p.Amount)}
	})
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{line, r.Body}, settlement.MatchLine{Line: line, Parts: parts, Note: value(r.Body.Note)})
}

// LinkBankLine says that a line was booked by hand.
func (h *handlers) LinkBankLine(ctx context.Context, r routes.LinkBankLineRequestObject) (routes.LinkBankLineResponseObject, error) {
	line, err := bankLineOf(r.Transaction)
	if err != nil {
		return nil, err
	}
	seq, err := ledger.ParseID(r.Body.Transaction)
	if err != nil {
		return nil, problem.Malformed("transaction", "is not a transaction id such as txn_17")
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{line, r.Body}, settlement.LinkLine{Line: line, Transaction: seq})
}

// SuspendBankLine puts a line into suspense.
func (h *handlers) SuspendBankLine(ctx context.Context, r routes.SuspendBankLineRequestObject) (routes.SuspendBankLineResponseObject, error) {
	line, err := bankLineOf(r.Transaction)
	if err != nil {
		return nil, err
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{line, r.Body}, settlement.SuspendLine{Line: line, Note: value(r.Body.Note)})
}

// GiveBackBankLine books that money was given back.
func (h *handlers) GiveBackBankLine(ctx context.Context, r routes.GiveBackBankLineRequestObject) (routes.GiveBackBankLineResponseObject, error) {
	line, err := bankLineOf(r.Transaction)
	if err != nil {
		return nil, err
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{line, r.Body}, settlement.GiveBackLine{Line: line, Note: value(r.Body.Note)})
}

// TickOffBankLine ticks a line off.
func (h *handlers) TickOffBankLine(ctx context.Context, r routes.TickOffBankLineRequestObject) (routes.TickOffBankLineResponseObject, error) {
	line, err := bankLineOf(r.Transaction)
	if err != nil {
		return nil, err
	}
	command := settlement.TickOffLine{Line: line, Reason: r.Body.Reason}
	if r.Body.SameAs != nil {
		if command.SameAs, err = ledger.ParseID(*r.Body.SameAs); err != nil {
			return nil, problem.Malformed("same_as", "is not a transaction id such as txn_17")
		}
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{line, r.Body}, command)
}

// GetBankReconciliation compares custody with the bank.
func (h *handlers) GetBankReconciliation(ctx context.Context, _ routes.GetBankReconciliationRequestObject) (routes.GetBankReconciliationResponseObject, error) {
	sc := scopeOf(ctx)
	custody, err := h.custodysAccount(ctx)
	if err != nil {
		return nil, err
	}
	var found *settlement.Reconciliation
	err = clearing.ReadConsistent(ctx, h.pool, func(db ledger.Querier) (err error) {
		found, err = settlement.Reconcile(ctx, db, sc.alliance, custody)
		return err
	})
	if err != nil {
		return nil, err
	}
	view := routes.GetBankReconciliation200JSONResponse{
		Account: found.Account, Custody: found.Custody.String(), Difference: found.Difference().String(), Suspense: found.Suspense.String(), Explained: []spec.BankDifference{},
	}
	if found.Bank != nil {
		view.Bank, view.BankOn = given(found.Bank.String()), given(bookedOn(found.BankOn))
	}
	for _, part := range []struct {
		reason string
		amount money.Amount
	}{
		{"before", found.Before}, {"missing", found.Missing}, {"waiting", found.Waiting}, {"ticked_off", found.TickedOff}, {"half_shown", found.HalfShown},
		{"not_shown", found.NotShown}, {"elsewhere", found.Elsewhere},
	} {
		if !part.amount.IsZero() {
			view.Explained = append(view.Explained, spec.BankDifference{Reason: part.reason, Amount: part.amount.String()})
		}
	}
	return view, nil
}

// VisitMatchBankLineResponse writes the receipt.
func (b booked) VisitMatchBankLineResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitLinkBankLineResponse writes the receipt.
func (b booked) VisitLinkBankLineResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitSuspendBankLineResponse writes the receipt.
func (b booked) VisitSuspendBankLineResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitGiveBackBankLineResponse writes the receipt.
func (b booked) VisitGiveBackBankLineResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitTickOffBankLineResponse writes the receipt.
func (b booked) VisitTickOffBankLineResponse(w http.ResponseWriter) error { return b.write(w) }
