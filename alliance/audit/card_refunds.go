package audit

import (
	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// foldRefundOfCard checks what a member got for a card that was given back: at most its price,
// and at most the principal of the top-ups that stood. The card was given back once.
func (a *auditor) foldRefundOfCard(r *alliance.Record) {
	a.looked(givenBack, 1)
	refund, sale := r.Facts.Growth.Refund, a.saleOf(r.Card)
	if before := a.cardRefunds[sale]; before != 0 {
		a.fault(givenBack, "transaction %d refunds card %q, which transaction %d has refunded", r.Seq, r.Card, before)
	}
	a.cardRefunds[sale] = r.Seq
	original, ok := a.recalled[r.Facts.SaleSeq]
	if !ok || r.Facts.SaleSeq != sale {
		a.fault(givenBack, "transaction %d refunds the sale %d of card %q, which transaction %d sold", r.Seq, r.Facts.SaleSeq, r.Card, sale)
		return
	}
	if refund.Price < 0 || refund.Price > original.Facts.Amount {
		a.fault(givenBack, "transaction %d refunds %s of the price of card %q, which was %s", r.Seq, a.amount(refund.Price), r.Card, a.amount(original.Facts.Amount))
	}
	if card := a.state.Cards[r.Card]; card != nil && (refund.Value < 0 || refund.Value > card.ToppedUp) {
		a.fault(givenBack, "transaction %d refunds %s of stored value of card %q, which was topped up by %s", r.Seq, a.amount(refund.Value), r.Card, a.amount(card.ToppedUp))
	}
	a.checkPayer(r, original.Merchant)
}

// checkPayer checks that who pays a refund is credited with all of it. A merchant that took a
// share of the price, or owes what backs the card, is debited with that by the same transaction.
func (a *auditor) checkPayer(r *alliance.Record, seller string) {
	paid := r.Facts.Growth.Refund.Price + r.Facts.Growth.Refund.Value
	payer := ledger.Account{Kind: ledger.Custody}
	if r.Merchant != "" {
		payer = clearing.PartyAccount(r.Merchant)
	}
	credited := int64(0)
	for _, e := range r.Entries {
		if e.Account == payer {
			credited -= e.Amount.Minor()
		}
	}
	if r.Facts.Amount != paid || credited > paid || credited != paid && (r.Merchant == "" || r.Merchant != seller) {
		a.fault(givenBack, "transaction %d refunds %s of the price and of stored value of card %q, says %s, and credits %s with %s", r.Seq,
			a.amount(paid), r.Card, a.amount(r.Facts.Amount), payer, a.amount(credited))
	}
}

// compareRefundOfCard compares the sums by which a card is refunded with the log. Nothing is
// left on a card that was.
func (a *auditor) compareRefundOfCard(stored, fold *alliance.Card) {
	if stored.Refunded != fold.Refunded || stored.Refunded != (stored.ReplacedBy == nil && a.cardRefunds[stored.SoldSeq] != 0) {
		a.fault(givenBack, "card %q is stored as %s, and the log folds to %s", stored.Code, stored.Status(), fold.Status())
	}
	if stored.Redeemed != fold.Redeemed || stored.ToppedUp != fold.ToppedUp || stored.ToppedUpBonus != fold.ToppedUpBonus {
		a.fault(givenBack, "card %q is stored with top-ups of %s and %s bonus and %d other uses that stand; the log folds to %s, %s, %d", stored.Code,
			a.amount(stored.ToppedUp), a.amount(stored.ToppedUpBonus), stored.Redeemed, a.amount(fold.ToppedUp), a.amount(fold.ToppedUpBonus), fold.Redeemed)
	}
	if !stored.Refunded {
		if stored.Spent != fold.Spent {
			a.fault(givenBack, "card %q has %s spent by its sums, and the log folds to %s", stored.Code, a.amount(stored.Spent), a.amount(fold.Spent))
		}
		return
	}
	value, bonus, pool := a.cardSums(stored.Code)
	if !stored.Value.IsZero() || !stored.Bonus.IsZero() || !stored.Pool.IsZero() || value != 0 || bonus != 0 || pool != 0 || stored.Points != 0 || stored.Held != 0 {
		a.fault(givenBack, "something is left on card %q, which was refunded", stored.Code)
	}
	for _, g := range stored.Gifts {
		for _, c := range g.Coupons {
			if !c.Ended {
				a.fault(givenBack, "the coupon %q of the gift %d is live on card %q, which was refunded", c.Code, g.Seq, stored.Code)
			}
		}
	}
}
