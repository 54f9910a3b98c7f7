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
	return grant.Check("card", card.Home) // "" if the card is unknown
}

// acting returns the merchant at which an operation acts: the one that is named, or
// the only one that the caller may act at. It returns nil if neither is there.
func (s *scope) acting(operation string, named *string) (*string, error) {
	grant, err := s.Principal.For(operation)
	if err != nil {
		return nil, err
	}
	return grant.At(named)
}

// actingSomewhere is acting for an operation that can't do without a merchant.
func (s *scope) actingSomewhere(operation string, named *string) (string, error) {
	at, err := s.acting(operation, named)
	if err != nil {
		return "", err
	}
	if at == nil {
		return "", problem.Malformed("merchant", "is missing; an organiser key names the merchant where this happens")
	}
	return *at, nil
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
