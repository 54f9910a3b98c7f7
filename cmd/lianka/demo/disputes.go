package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// dispute is a line that a shop disputes.
type dispute struct {
	merchant *merchant
	against  *merchant // who bears the adjustment; nil: the organiser refuses
	number   int64
	amount   fen // of the line, below zero: the shop owes it
	claim    fen // what was paid to the wrong shop
	held     fen
}

// openDisputes has two shops dispute a line each, with their own keys. One disputes a
// top-up, rightly: the money went to another shop. The other wrongly disputes the sale
// of a card.
func (m *monthEnd) openDisputes(ctx context.Context) error {
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
		t, amount, err := m.largestCharge(s, kind)
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
			d.against = m.nextMerchant(s)
			reason = "充值款进了" + d.against.name + "的收款码"
		}
		if err := m.openDispute(ctx, &d, t, reason); err != nil {
			return err
		}
		if m.disputes = append(m.disputes, d); len(m.disputes) == 2 {
			break
		}
	}
	return nil
}

func (s *story) merchant(code string) *merchant {
	return s.merchants[slices.IndexFunc(s.merchants, func(at *merchant) bool { return at.code == code })]
}

// nextMerchant returns the shop that follows in the circle's order.
func (m *monthEnd) nextMerchant(s *merchant) *merchant {
	return m.merchants[(slices.Index(m.merchants, s)+1)%len(m.merchants)]
}

// largestCharge returns the transaction of a type that lowered a shop's position most in
// the month, or nil if there is none. Among equal amounts the lowest card code decides,
// because the order of booking differs between runs.
func (m *monthEnd) largestCharge(s *merchant, kind spec.TransactionType) (*spec.Transaction, fen, error) {
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

// openDispute opens a dispute, and notes how much of the shop's payment is held.
func (m *monthEnd) openDispute(ctx context.Context, d *dispute, t *spec.Transaction, reason string) error {
	receipt, err := book(ctx, d.merchant.office, openDispute(m.st.period, t.Transaction, reason))
	if err != nil {
		return err
	}
	params := spec.ListDisputesParams{State: ptr(spec.DisputeState("open"))}
	answer, err := m.org.ListDisputesWithResponse(ctx, &params)
	if err != nil {
		return err
	}
	page, err := expect200(answer.JSON200, answer.Body)
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

// answerDisputes has the organiser refuse one dispute and accept the other.
func (m *monthEnd) answerDisputes(ctx context.Context) error {
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
