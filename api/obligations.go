package api

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant/access"
)

// ListObligations returns a page of who is to pay whom for a closed month.
func (h *handlers) ListObligations(ctx context.Context, r routes.ListObligationsRequestObject) (routes.ListObligationsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if after > math.MaxInt32 { // what the column holds
		return nil, problem.Malformed("cursor", "is not one that this list gave")
	}
	party, err := sc.Principal.Confined(access.Obligations)
	if err != nil {
		return nil, err
	}
	var answer routes.ListObligations200JSONResponse
	err = clearing.ReadConsistent(ctx, h.pool, func(db ledger.Querier) error {
		if _, err := settlement.Find(ctx, db, sc.alliance.ID, r.Period); err != nil {
			return err
		}
		found, err := settlement.Obligations(ctx, db, sc.alliance, r.Period, party, after, size+1)
		if err != nil {
			return err
		}
		found, answer.NextCursor = cut(found, size, sc.operation.id, func(o *settlement.Obligation) string { return strconv.Itoa(o.Number) })
		accounts, err := settlement.PartyAccounts(ctx, db, sc.alliance.ID)
		answer.Items = each(found, func(o *settlement.Obligation) spec.Obligation { return sc.obligation(o, accounts) })
		return err
	})
	return answer, err
}

func (s *scope) obligation(o *settlement.Obligation, accounts map[string]settlement.Account) spec.Obligation {
	s.hideMember(o)
	view := spec.Obligation{
		Reference: o.Reference, Period: o.Period, Number: o.Number, Kind: spec.ObligationKind(o.Kind), Payer: o.Payer, Payee: o.Payee,
		Amount: o.Amount.String(), Outstanding: o.Outstanding().String(), Held: o.Disputed.String(), Carried: o.Carried.String(),
		Paid: o.Paid.String(), Sent: o.Sent.String(), Drawn: o.Drawn.String(), State: spec.ObligationState(o.Status),
		DueAt: instant(o.DueAt), DefaultAt: instant(o.DefaultAt), DefaultedAt: instant(o.DefaultedAt), Reminders: o.Reminders, Returns: o.Returns,
	}
	if o.Run > 0 {
		view.Run = &o.Run
	}
	if account, known := accounts[o.PaidTo()]; known {
		to := bankAccount(account)
		view.PayTo = &to
	}
	if covered, err := o.ReferenceCovered(s.alliance.ID); err == nil {
		view.Covers = given(covered)
	}
	if len(o.Bearers) > 0 && s.Principal.Sees(access.Losses) {
		bearers := each(o.Bearers, func(b settlement.Bearer) spec.Bearer {
			return spec.Bearer{Party: b.Party, Borne: b.Borne.String(), Recovered: b.Recovered.String()}
		})
		view.Bearers = &bearers
	}
	return view
}

// hideMember keeps the code of a paid member out of the log.
func (s *scope) hideMember(o *settlement.Obligation) {
	if o.Kind == settlement.Commission {
		s.hide(o.Payee)
	}
}

// ListDisputes returns a page of disputes, the newest first.
func (h *handlers) ListDisputes(ctx context.Context, r routes.ListDisputesRequestObject) (routes.ListDisputesResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	party, err := sc.Principal.Confined(access.Disputes)
	if err != nil {
		return nil, err
	}
	verdict := settlement.Verdict("")
	if r.Params.State != nil {
		verdict = settlement.Verdict(*r.Params.State)
	}
	found, err := settlement.Disputes(ctx, h.pool, sc.alliance, value(r.Params.Period), party, verdict, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(d *settlement.Dispute) string { return strconv.FormatInt(d.Number, 10) })
	return routes.ListDisputes200JSONResponse{NextCursor: next, Items: each(found, sc.dispute)}, nil
}

func (s *scope) dispute(d *settlement.Dispute) spec.Dispute {
	view := spec.Dispute{
		Number: d.Number, Period: d.Period, Party: d.Party, Transaction: ledger.ID(d.Seq), Effect: d.Effect.String(), Held: d.Disputed().String(),
		Reason: d.Reason, State: spec.DisputeState(d.Verdict), OpenedAt: d.OpenedAt, AnswerBy: instant(d.AnswerBy), AnsweredAt: instant(d.AnsweredAt), Answer: given(d.Answer), Against: given(d.Against),
	}
	if d.Verdict == settlement.Adjusted {
		view.Adjusted = given(d.Adjusted.String())
	}
	return view
}

// ListCover returns a page of shops with their caps, deposits and disputed amounts.
func (h *handlers) ListCover(ctx context.Context, r routes.ListCoverRequestObject) (routes.ListCoverResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	party, err := sc.Principal.Confined(access.Cover)
	if err != nil {
		return nil, err
	}
	var answer routes.ListCover200JSONResponse
	err = h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		limit := size + 1
		if party != "" {
			limit = len(setup.Merchants)
		}
		covers, err := store.Covers(ctx, db, sc.alliance, setup, after, limit)
		covers = slices.DeleteFunc(covers, func(c store.Cover) bool { return !sc.Principal.Sees(access.Cover, c.Merchant.Code) })
		covers, answer.NextCursor = cut(covers, size, sc.operation.id, func(c store.Cover) string { return c.Merchant.Code })
		answer.Items = each(covers, cover)
		return err
	})
	return answer, err
}

func cover(c store.Cover) spec.Cover {
	view := spec.Cover{
		Merchant: c.Merchant.Code, Standing: string(c.Merchant.Status()), LeavesAt: instant(c.Merchant.LeavesAt), Position: c.Position.String(), Owed: c.Owed.String(),
		Deposit: c.Deposit.String(), Held: c.Disputed.String(), BorneByOthers: c.Borne.String(),
	}
	if c.Merchant.Capped {
		view.DebitCap, view.Headroom = given(c.Merchant.DebitCap.String()), given(c.Headroom.String())
	}
	return view
}
