package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// checkTransaction checks that a grant reaches a transaction. It may do so before
// the command is decided, because a transaction never changes.
func (h *handlers) checkTransaction(ctx context.Context, grant access.Grant, seq int64) error {
	al := scopeOf(ctx).alliance
	found, err := ledger.BySeq(ctx, h.pool, al.ID, al.Currency, []int64{seq})
	if err != nil {
		return clearing.Unavailable(err)
	}
	merchant := ""
	if len(found) > 0 {
		merchant = found[0].Merchant
	}
	return grant.Check("transaction", merchant)
}

// checkCard checks that a grant reaches a card. It may do so before the command is
// decided, because the merchant that sold a card never changes.
func (h *handlers) checkCard(ctx context.Context, grant access.Grant, code string) error {
	card, err := store.FindCard(ctx, h.pool, scopeOf(ctx).alliance, code)
	if err != nil && !errors.Is(err, alliance.ErrCardUnknown) {
		return clearing.Unavailable(err)
	}
	if grant.Member() != "" {
		return grant.CheckMember("card", card.Member) // the order is decided for who holds it then
	}
	return grant.Check("card", card.Home) // "" if the card is unknown
}

// party returns the party that a request is about.
func (s *scope) party(named *string) (string, error) {
	party, err := s.grant.At(named)
	if err != nil {
		return "", err
	}
	if party == nil {
		return "", problem.Malformed("party", "is missing; an organiser key names the party")
	}
	return *party, nil
}
