package api

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// QuoteRefund decides a refund as the rule book would now, and books nothing.
func (h *handlers) QuoteRefund(ctx context.Context, r routes.QuoteRefundRequestObject) (routes.QuoteRefundResponseObject, error) {
	sc := scopeOf(ctx)
	merchant, err := sc.grant.At(r.Body.Merchant)
	if err == nil {
		err = h.mayName(sc)
	}
	if err != nil {
		return nil, err
	}
	command := alliance.RefundCard{Card: r.Card, Ground: alliance.Ground(r.Body.Ground), Merchant: merchant}
	p, err := h.setups.Preview(ctx, h.pool, sc.alliance.ID, command, r.Card, sc.now)
	var refusal *clearing.Refusal
	if p.Card != nil {
		if err := sc.grant.CheckHolder(p.Card.Member); err != nil {
			return nil, h.countUnknown(ctx, err)
		}
	}
	if p.Card != nil && !sc.seesBalance(p.Card, p.Setup) {
		return nil, presentation.RefuseBalance()
	}
	err = h.countUnknown(ctx, err)
	switch {
	case errors.As(err, &refusal):
		return nil, &problem.Problem{Code: refusal.Code, Detail: refusal.Detail, Message: refusal.Message, Data: refusal.Data}
	case err != nil:
		return nil, clearing.Unavailable(err)
	}
	refund, currency := p.Facts.Growth.Refund, p.Setup.Currency
	total := currency.Minor(refund.Price + refund.Value)
	return routes.QuoteRefund200JSONResponse{
		Card: p.Card.Code, Ground: r.Body.Ground, Merchant: merchant, Clause: spec.RefundClause(p.Setup.RefundClause(p.Card, command.Ground)), QuotedAt: p.At,
		PricePart: currency.Minor(refund.Price).String(), ValuePart: currency.Minor(refund.Value).String(), Total: total.String(),
		Gives: sc.gives(&p, total.Minor()),
	}, nil
}

// gives returns what the parties give for a refund whose accounts the caller sees. What its payer lays out for the member is
// no gift of the payer's.
func (s *scope) gives(p *store.Preview, total int64) []spec.QuotedPart {
	sums := make(map[string]int64)
	payer := clearing.Custody
	if p.Merchant != "" {
		payer = p.Merchant
	}
	sums[payer] += total
	for _, e := range p.Entries {
		if !s.Principal.SeesEntry(e) {
			continue
		}
		party := e.Account.Owner
		switch e.Account.Kind {
		case ledger.Merchants:
		case ledger.CommissionPending, ledger.CommissionPayable:
			party = "member:" + e.Account.Owner
		case ledger.CardValue, ledger.CardBonus, ledger.CardPool, ledger.Issuers:
			party = "card"
		case ledger.PointsPool:
			party = "points"
		case ledger.Organiser:
			party = clearing.Organiser
		case ledger.Custody:
			party = clearing.Custody
		}
		sums[party] += e.Amount.Minor()
	}
	parts := []spec.QuotedPart{}
	for party, minor := range sums {
		if minor != 0 {
			parts = append(parts, spec.QuotedPart{Party: party, Amount: p.Setup.Currency.Minor(minor).String()})
		}
	}
	slices.SortFunc(parts, func(a, b spec.QuotedPart) int { return cmp.Compare(a.Party, b.Party) })
	return parts
}
