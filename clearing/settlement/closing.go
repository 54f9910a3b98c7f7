package settlement

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
)

// Take begins the settlement of a window that is closing: each of its transfers
// becomes an obligation, and each member's payout. If all counts as paid at once,
// nothing is left to do.
func (p *Processor) Take(c window.Closing) error {
	s := &p.state
	x := &Lifecycle{
		Period: c.Period, FirstSeq: c.FirstSeq, ClosedSeq: c.ClosedSeq, Phase: Closed, Policy: c.Policy.Settling,
		ReviewUntil: c.CutoffAt, digest: c.Digest, changed: true,
	}
	events := []Event{{Type: SettlementClosed, Period: x.Period, Data: map[string]string{
		"digest": fmt.Sprintf("%x", c.Digest), "transfers": itoa(int64(len(c.Transfers))), "payouts": itoa(int64(len(c.Payouts))),
	}}}
	s.Settlements = append(s.Settlements, x)
	if c.AtOnce {
		x.Phase, x.ApprovedAt, x.SettledAt = Settled, c.CutoffAt, c.CutoffAt
		return p.number(append(events, Event{Type: SettlementSettled, Period: x.Period}), c.CutoffAt, c.ClosedSeq)
	}
	x.ReviewUntil = s.days(c.CutoffAt, x.Policy.ReviewDays)
	for _, earlier := range s.Settlements {
		if earlier.Phase == InReview && earlier.ReviewUntil.After(x.ReviewUntil) {
			x.ReviewUntil = earlier.ReviewUntil // the oldest first
		}
	}
	if err := x.oblige(s.Alliance.ID, &c); err != nil {
		return err
	}
	for _, position := range c.Positions {
		if position.Transfer.Sign() > 0 {
			x.Creditors = append(x.Creditors, Net{position.Party, position.Transfer})
		}
	}
	if err := x.advance(ReviewBegins); err != nil {
		return err
	}
	return p.number(append(events, Event{Type: SettlementInReview, Period: x.Period, Data: map[string]string{
		"until": x.ReviewUntil.Format(time.RFC3339),
	}}), c.CutoffAt, c.ClosedSeq)
}

// oblige makes the obligations of a closing.
func (x *Lifecycle) oblige(allianceID int64, c *window.Closing) error {
	add := func(kind Kind, payer, payee string, amount money.Amount) error {
		if amount.IsZero() {
			return nil
		}
		o := newObligation(x, kind, payer, payee, amount)
		o.unsaved = true
		return x.add(allianceID, o)
	}
	for _, t := range c.Transfers {
		kind := Direct
		switch clearing.Custody {
		case t.From:
			kind = Payout
		case t.To:
			kind = Collection
		}
		if err := add(kind, t.From, t.To, t.Amount); err != nil {
			return err
		}
	}
	for _, payout := range c.Payouts {
		if err := add(Commission, clearing.Custody, payout.Member, payout.Net()); err != nil {
			return err
		}
	}
	return nil
}
