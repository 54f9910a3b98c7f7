package api

import (
	"context"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// ListObligations returns who is to pay whom for a closed month; a shop, its own.
func (h *handlers) ListObligations(ctx context.Context, r spec.ListObligationsRequestObject) (spec.ListObligationsResponseObject, error) {
	sc := scopeOf(ctx)
	size, err := pageSize(r.Params.Limit)
	if err != nil {
		return nil, err
	}
	after, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var answer spec.ListObligations200JSONResponse
	err = clearing.Snapshot(ctx, h.pool, func(db ledger.Querier) error {
		if _, err := settlement.Find(ctx, db, sc.circle.ID, r.Period); err != nil {
			return err
		}
		found, err := settlement.Obligations(ctx, db, sc.circle, r.Period, sc.shop(), after, size+1)
		if err != nil {
			return err
		}
		found, answer.NextCursor = cut(found, size, sc.operation.id, func(o *settlement.Obligation) string { return strconv.Itoa(o.Number) })
		accounts, err := settlement.PartyAccounts(ctx, db, sc.circle.ID)
		answer.Items = each(found, func(o *settlement.Obligation) spec.Obligation { return sc.obligation(o, accounts) })
		return err
	})
	return answer, err
}

func (s *scope) obligation(o *settlement.Obligation, accounts map[string]settlement.Account) spec.Obligation {
	s.hideMember(o)
	view := spec.Obligation{
		Reference: o.Reference, Period: o.Period, Number: o.Number, Kind: string(o.Kind), Payer: o.Payer, Payee: o.Payee,
		Amount: o.Amount.String(), Outstanding: o.Outstanding().String(), Held: o.Disputed.String(), Carried: o.Carried.String(),
		Paid: o.Paid.String(), Sent: o.Sent.String(), Drawn: o.Drawn.String(), State: string(o.Status),
		DueAt: instant(o.DueAt), DefaultAt: instant(o.DefaultAt), Reminders: o.Reminders, Returns: o.Returns,
	}
	if o.Run > 0 {
		view.Run = &o.Run
	}
	if account, known := accounts[o.PaidTo()]; known {
		to := bankAccount(account)
		view.PayTo = &to
	}
	if covered, err := o.ReferenceCovered(s.circle.ID); err == nil {
		view.Covers = given(covered)
	}
	if len(o.Bearers) > 0 && s.organiser() {
		bearers := each(o.Bearers, func(b settlement.Bearer) spec.Bearer {
			return spec.Bearer{Party: b.Party, Borne: b.Borne.String(), Recovered: b.Recovered.String()}
		})
		view.Bearers = &bearers
	}
	return view
}

// hideMember keeps the code of a member who is paid out of the log.
func (s *scope) hideMember(o *settlement.Obligation) {
	if o.Kind == settlement.Commission {
		s.hide(o.Payee)
	}
}

// ListDisputes returns disputes, the newest first; a shop, its own.
func (h *handlers) ListDisputes(ctx context.Context, r spec.ListDisputesRequestObject) (spec.ListDisputesResponseObject, error) {
	sc := scopeOf(ctx)
	size, err := pageSize(r.Params.Limit)
	if err != nil {
		return nil, err
	}
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	verdict := settlement.Verdict("")
	if r.Params.State != nil {
		verdict = settlement.Verdict(*r.Params.State)
	}
	found, err := settlement.Disputes(ctx, h.pool, sc.circle, value(r.Params.Period), sc.shop(), verdict, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(d *settlement.Dispute) string { return strconv.FormatInt(d.Number, 10) })
	return spec.ListDisputes200JSONResponse{NextCursor: next, Items: each(found, sc.dispute)}, nil
}

func (s *scope) dispute(d *settlement.Dispute) spec.Dispute {
	view := spec.Dispute{
		Number: d.Number, Period: d.Period, Party: d.Party, Transaction: ledger.ID(d.Seq), Effect: d.Effect.String(), Held: d.Disputed().String(),
		Reason: d.Reason, State: string(d.Verdict), OpenedAt: d.OpenedAt, AnsweredAt: instant(d.AnsweredAt), Answer: given(d.Answer), Against: given(d.Against),
	}
	if d.Verdict == settlement.Adjusted {
		view.Adjusted = given(d.Adjusted.String())
	}
	return view
}

// ListCover returns caps, deposits and holds; of a shop, its own.
func (h *handlers) ListCover(ctx context.Context, r spec.ListCoverRequestObject) (spec.ListCoverResponseObject, error) {
	sc := scopeOf(ctx)
	size, err := pageSize(r.Params.Limit)
	if err != nil {
		return nil, err
	}
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var answer spec.ListCover200JSONResponse
	err = h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		setup, err := h.setups.Setup(ctx, db, head)
		if err != nil {
			return err
		}
		limit := size + 1
		if !sc.organiser() {
			limit = len(setup.Shops)
		}
		covers, err := alliance.Covers(ctx, db, sc.circle, setup, after, limit)
		if !sc.organiser() {
			covers = own(covers, sc.shop())
		}
		covers, answer.NextCursor = cut(covers, size, sc.operation.id, func(c alliance.Cover) string { return c.Shop.Code })
		answer.Items = each(covers, cover)
		return err
	})
	return answer, err
}

func own(covers []alliance.Cover, shop string) []alliance.Cover {
	for i, c := range covers {
		if c.Shop.Code == shop {
			return covers[i : i+1]
		}
	}
	return nil
}

func cover(c alliance.Cover) spec.Cover {
	view := spec.Cover{
		Merchant: c.Shop.Code, Standing: string(c.Shop.Standing()), LeavesAt: instant(c.Shop.LeavesAt), Position: c.Position.String(), Owed: c.Owed.String(),
		Deposit: c.Deposit.String(), Held: c.Held.String(), BorneByOthers: c.Borne.String(),
	}
	if c.Shop.Capped {
		view.DebitCap, view.Headroom = given(c.Shop.DebitCap.String()), given(c.Headroom.String())
	}
	return view
}

// ListEvents returns changes of state, the oldest first; a shop, what concerns it.
func (h *handlers) ListEvents(ctx context.Context, r spec.ListEventsRequestObject) (spec.ListEventsResponseObject, error) {
	sc := scopeOf(ctx)
	size, err := pageSize(r.Params.Limit)
	if err != nil {
		return nil, err
	}
	after := int64(0)
	if r.Params.After != nil {
		after = *r.Params.After
	}
	found, err := settlement.Events(ctx, h.pool, sc.circle.ID, sc.shop(), after, size)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	answer := spec.ListEvents200JSONResponse{Items: make([]spec.Event, 0, len(found))}
	for _, e := range found {
		sc.hide(e.Member)
		view, err := convert[spec.Event](e)
		if err != nil {
			return nil, err
		}
		answer.Items = append(answer.Items, view)
		answer.NextAfter = &e.Number
	}
	return answer, nil
}
