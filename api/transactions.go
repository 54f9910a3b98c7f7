package api

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/access"
)

// ListTransactions returns a page of transactions, the newest first.
func (h *handlers) ListTransactions(ctx context.Context, r routes.ListTransactionsRequestObject) (routes.ListTransactionsResponseObject, error) {
	sc := scopeOf(ctx)
	filter, err := sc.transactionFilter(r.Params)
	if err != nil {
		return nil, err
	}
	size := filter.Limit
	filter.Limit++
	found, err := ledger.Page(ctx, h.pool, sc.alliance.ID, sc.alliance.Currency, filter)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(t ledger.Transaction) string { return strconv.FormatInt(t.Seq, 10) })
	found = slices.DeleteFunc(found, func(t ledger.Transaction) bool { return !sc.Principal.SeesTransaction(&t) })
	answer := routes.ListTransactions200JSONResponse{Items: make([]spec.Transaction, 0, len(found)), NextCursor: next}
	for i := range found {
		view, err := sc.transaction(&found[i])
		if err != nil {
			return nil, err
		}
		answer.Items = append(answer.Items, view)
	}
	return answer, nil
}

// transactionFilter returns the filter for ListTransactions. Who acts for a shop gets
// the list of that shop's account, or of a card.
func (s *scope) transactionFilter(p spec.ListTransactionsParams) (ledger.Filter, error) {
	f := ledger.Filter{Card: value(p.Card), Merchant: value(p.Merchant), Member: value(p.Member)}
	filters := 0
	for _, given := range []string{f.Card, f.Merchant, f.Member} {
		if given != "" {
			filters++
		}
	}
	if filters > 1 {
		return f, problem.Malformed("", "give at most one of card, merchant and member")
	}
	if s.grant.Member() != "" && f.Card == "" {
		return f, problem.Malformed("card", "is missing; name one of your cards")
	}
	if f.Member != "" && !s.Principal.Sees(access.Members) {
		return f, problem.At("member", problem.CodeForbidden, "what members earn is the organiser's to read")
	}
	at, err := s.grant.At(p.Merchant)
	if err != nil {
		return f, err
	}
	if f.Card == "" {
		f.Merchant = value(at)
	}
	f.Limit = pageSize(p.Limit)
	f.Before, err = readNumberCursor(s.operation.id, p.Cursor)
	return f, err
}

// GetTransaction returns a transaction.
func (h *handlers) GetTransaction(ctx context.Context, r routes.GetTransactionRequestObject) (routes.GetTransactionResponseObject, error) {
	sc := scopeOf(ctx)
	seq, err := ledger.ParseID(r.Transaction)
	if err != nil {
		return nil, problem.Absent("transaction")
	}
	found, err := ledger.BySeq(ctx, h.pool, sc.alliance.ID, sc.alliance.Currency, []int64{seq})
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	if len(found) == 0 || !sc.Principal.SeesTransaction(&found[0]) {
		return nil, problem.Absent("transaction")
	}
	view, err := sc.transaction(&found[0])
	return routes.GetTransaction200JSONResponse(view), err
}

// transaction returns a transaction as the caller may see it.
func (s *scope) transaction(t *ledger.Transaction) (spec.Transaction, error) {
	record, err := alliance.DecodeRecord(*t)
	if err != nil {
		return spec.Transaction{}, err
	}
	facts := &record.Facts
	view := spec.Transaction{
		Transaction: ledger.ID(t.Seq), Type: string(t.Type), BookedAt: t.BookedAt, OccurredAt: facts.OccurredAt, Presented: usedBy(facts.Presented), Window: t.Period, Terms: t.Terms,
		Card: given(t.Card), Merchant: given(t.Merchant), Home: given(t.Home), Corrects: transactionID(t.Corrects),
		Product: given(facts.Product), Benefit: given(facts.Benefit), Uses: number(facts.Uses), Points: number(facts.Points),
		Amount: s.minor(facts.Amount), Bonus: s.minor(facts.Bonus), ExpiresAt: facts.ExpiresAt, Entries: []spec.Entry{},
	}
	if s.Principal.SeesMember(t) {
		view.Member = given(t.Member)
	}
	if s.Principal.Sees(access.Hashes) {
		view.Hash = given(hex.EncodeToString(t.Hash[:]))
	}
	for _, e := range t.Entries {
		if s.Principal.SeesEntry(e) {
			view.Entries = append(view.Entries, spec.Entry{
				Account: spec.AccountKind(e.Account.Kind.String()), Owner: given(e.Account.Owner),
				Side: spec.EntrySide(e.Side()), Amount: e.Amount.Abs().String(),
			})
		}
	}
	return view, nil
}

// usedBy returns nil where there was nothing to choose.
func usedBy(by presentation.By) *spec.PresentedBy {
	if by == "" {
		return nil
	}
	view := spec.PresentedBy(by)
	return &view
}

// minor returns minor units as a decimal string, nil for zero.
func (s *scope) minor(n int64) *string {
	if n == 0 {
		return nil
	}
	return given(money.Amount.String(s.alliance.Currency.Minor(n)))
}

func number(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
