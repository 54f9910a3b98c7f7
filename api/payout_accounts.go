package api

import (
	"context"
	"time"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/settlement"
)

// GetPayoutAccount returns the ends of what a member entered.
func (h *handlers) GetPayoutAccount(ctx context.Context, r routes.GetPayoutAccountRequestObject) (routes.GetPayoutAccountResponseObject, error) {
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	ends, err := store.PayoutEnds(ctx, scopeOf(ctx).alliance.ID, r.Member)
	return routes.GetPayoutAccount200JSONResponse(payoutEnds(ends)), err
}

// SetPayoutAccount keeps where a member is paid.
func (h *handlers) SetPayoutAccount(ctx context.Context, r routes.SetPayoutAccountRequestObject) (routes.SetPayoutAccountResponseObject, error) {
	sc := scopeOf(ctx)
	sc.hide(r.Body.Holder, r.Body.Number, value(r.Body.TaxNumber))
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	ends, err := store.SetPayout(ctx, sc.alliance, r.Member, people.Payout{
		Account:   settlement.Account{Holder: r.Body.Holder, Number: r.Body.Number, Bank: value(r.Body.Bank), BIC: value(r.Body.Bic), CNAPS: value(r.Body.Cnaps)},
		TaxNumber: value(r.Body.TaxNumber),
	}, sc.now.UTC().Truncate(time.Microsecond))
	return routes.SetPayoutAccount200JSONResponse(payoutEnds(ends)), err
}

// DeletePayoutAccount forgets where a member is paid.
func (h *handlers) DeletePayoutAccount(ctx context.Context, r routes.DeletePayoutAccountRequestObject) (routes.DeletePayoutAccountResponseObject, error) {
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	err = store.DeletePayout(ctx, scopeOf(ctx).alliance.ID, r.Member, scopeOf(ctx).now)
	return routes.DeletePayoutAccount204Response{}, err
}

func payoutEnds(e people.PayoutEnds) spec.PayoutAccountEnds {
	return spec.PayoutAccountEnds{AccountEnd: e.AccountEnd, TaxNumberEnd: given(e.TaxNumberEnd)}
}
