package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// dispute is a line that a shop objects to.
type dispute struct {
	merchant *merchant
	against  *merchant // nil: the organiser refuses
	number   int64
	amount   fen // of the line, below zero: the shop owes it
	claim    fen // what was paid to the wrong shop
	held     fen
}

// object has two shops object to a line each, with their own keys: one to a top-up
// that was paid to another shop, and one to the sale of a card, without reason.
func (m *monthEnd) object(ctx context.Context) error {
	all, err := m.obligations(ctx)
	if err != nil {
		return err
	}
	owed, err := largest(all, isOwedByMerchant)
	if err != nil {
		return err
	}
	for i := range owed {
		s := m.merchant(owed[i].Payer)
		if len(m.disputes) > 0 && m.disputes[0].merchant == s {
			continue
		}
		first := len(m.disputes) == 0
		kind := "card.sold"
		if first {
			kind = "card.topped_up"
		}
		t, amount, err := m.worst(s, kind)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		d := dispute{merchant: s, amount: amount}
		reason := "这张卡不是我们店卖的"
		if first {
			if d.claim, err = parseFen(*t.Amount); err != nil {
				return err
			}
			d.against = m.neighbour(s)
			reason = "充值款进了" + d.against.name + "的收款码"
		}
		if err := m.open(ctx, &d, t, reason); err != nil {
			return err
		}
		if m.disputes = append(m.disputes, d); len(m.disputes) == 2 {
			break
		}
	}
	return nil
}

func (m *monthEnd) merchant(code string) *merchant {
	return m.merchants[slices.IndexFunc(m.merchants, func(s *merchant) bool { return s.code == code })]
}

// neighbour returns the shop that stands next in the circle's order.
func (m *monthEnd) neighbour(s *merchant) *merchant {
	return m.merchants[(slices.Index(m.merchants, s)+1)%len(m.merchants)]
}

// worst returns the line of a type that lowered a shop's position most in the month;
// nil if there is none. Lines of the same amount are told apart by their cards, not
// by which was booked first: that may be another one each time.
func (m *monthEnd) worst(s *merchant, kind spec.TransactionType) (*spec.Transaction, fen, error) {
	var worst *spec.Transaction
	var least fen
	for i := range m.st.log {
		t := &m.st.log[i]
		if t.Type != kind || t.Merchant == nil || *t.Merchant != s.code || t.Card == nil {
			continue
		}
		var change fen
		for j := range t.Entries {
			if partyOf(&t.Entries[j]) == s.code {
				amount, err := moved(&t.Entries[j])
				if err != nil {
					return nil, 0, err
				}
				change += amount
			}
		}
		if change < 0 && (worst == nil || cmp.Or(cmp.Compare(change, least), cmp.Compare(*t.Card, *worst.Card)) < 0) {
			worst, least = t, change
		}
	}
	return worst, least, nil
}

// open opens a dispute, and checks that the line is held out of what the shop pays.
func (m *monthEnd) open(ctx context.Context, d *dispute, t *spec.Transaction, reason string) error {
	receipt, err := book(ctx, officeOf(d.merchant), openDispute(m.st.period, t.Transaction, reason))
	if err != nil {
		return err
	}
	params := spec.ListDisputesParams{State: ptr(spec.DisputeState("open"))}
	answer, err := m.org.ListDisputesWithResponse(ctx, &params)
	if err != nil {
		return err
	}
	page, err := said200(answer.JSON200, answer.Body)
	if err != nil {
		return err
	}
	if len(page.Items) == 0 || page.Items[0].Transaction != t.Transaction || len(receipt.Events) != 1 {
		return fmt.Errorf("the dispute of %s about %s is not the newest one that is open", d.merchant.code, t.Transaction)
	}
	d.number = page.Items[0].Number
	if d.held, err = parseFen(page.Items[0].Held); err != nil {
		return err
	}
	m.note("Disputes 异议", "%s: %s, card %s, %s: “%s”. %s is held out of its payment.", d.merchant.code, t.Type, *t.Card, d.amount.grouped(), reason, d.held.grouped())
	return nil
}

// answer has the organiser answer what shops objected to.
func (m *monthEnd) answer(ctx context.Context) error {
	for i := range m.disputes {
		d := &m.disputes[i]
		if d.against == nil {
			const reply = "售卡小票出自贵店收银台"
			if _, err := book(ctx, m.office, refuseDispute(d.number, reply)); err != nil {
				return err
			}
			m.note("Answers 答复", "%s is refused: “%s”. Its %s is due as before.", d.merchant.code, reply, d.held.grouped())
			continue
		}
		const reply = "已核对收款记录，同意"
		if _, err := book(ctx, m.office, adjustDispute(d.number, d.against.code, d.claim, reply)); err != nil {
			return err
		}
		m.note("Answers 答复", "%s is right: “%s”. %s is booked against %s, in %s, where what was held goes too.", d.merchant.code, reply,
			d.claim.grouped(), d.against.code, m.at.Format("January"))
	}
	return nil
}
