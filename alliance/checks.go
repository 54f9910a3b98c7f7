package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// card returns a card that the circle has sold.
func (s *State) card(code string) (*Card, error) {
	if card := s.Cards[code]; card != nil {
		return card, nil
	}
	if presentation.Mistyped(code) {
		return nil, refuse(CodeUnknownCard, "no card %q was sold in this circle; its check digit says that the number is mistyped", code)
	}
	return nil, refuse(CodeUnknownCard, "no card %q was sold in this circle", code)
}

// merchantKnown refuses a merchant that is not, or no longer, in the circle.
func (s *State) merchantKnown(code string) error {
	merchant := s.Setup.Merchants[code]
	if merchant == nil {
		return refuse(CodeUnknownMerchant, "no merchant %q is in this circle", code)
	}
	if merchant.Left {
		return refuse(CodeMerchantLeft, "%q left this circle at %s", code, merchant.LeavesAt.Format(time.RFC3339))
	}
	return nil
}

// merchantSells refuses a merchant that is not in the circle, or that may not sell or
// top up cards because it gave notice or is suspended.
func (s *State) merchantSells(code string) error {
	if err := s.merchantKnown(code); err != nil {
		return err
	}
	switch merchant := s.Setup.Merchants[code]; {
	case !merchant.LeavesAt.IsZero():
		return refuse(CodeMerchantLeaving, "%q leaves this circle at %s and sells no more", code, merchant.LeavesAt.Format(time.RFC3339))
	case merchant.Suspended:
		return refuse(CodeMerchantSuspended, "%q is suspended because it has not paid; it neither sells nor tops up until the organiser reinstates it", code)
	}
	return nil
}

// home returns the merchant that sold a card, unless it has left the circle. A merchant
// that leaves pays in what backs its cards, so they go on like cards sold online.
func (s *State) home(card *Card) string {
	if merchant := s.Setup.Merchants[card.Home]; merchant != nil && merchant.Left {
		return ""
	}
	return card.Home
}

// cardAt returns a card. It refuses an unknown card first, then an unknown merchant.
func (s *State) cardAt(card, merchant string) (*Card, error) {
	c, err := s.card(card)
	if err != nil {
		return nil, err
	}
	return c, s.merchantKnown(merchant)
}

// amount reads an amount that must be above zero.
func (s *State) amount(what, text string) (money.Amount, error) {
	amount, err := money.Parse(text, s.Setup.Currency)
	if err != nil {
		return amount, refuse(CodeInvalidAmount, "%s: %v", what, err)
	}
	if amount.IsZero() {
		return amount, refuse(CodeInvalidAmount, "%s must be above zero", what)
	}
	return amount, nil
}

// standing refuses a card that is no more: replaced, cancelled or refunded.
func (c *Card) standing() error {
	switch {
	case c.ReplacedBy != nil:
		return refuse(CodeCardReplaced, "card %q was replaced; its new code has all that was on it", c.Code)
	case c.Cancelled:
		return refuse(CodeCardCancelled, "card %q is cancelled: its sale was reversed", c.Code)
	case c.Refunded:
		return refuse(CodeCardRefunded, "card %q was given back and refunded", c.Code)
	}
	return nil
}

// usable refuses a card that is no more, and a frozen one.
func (c *Card) usable() error {
	if err := c.standing(); err != nil {
		return err
	}
	if c.Frozen {
		return refuse(CodeCardFrozen, "card %q is frozen; unfreeze it first", c.Code)
	}
	return nil
}

// unexpired refuses a card whose passes and coupons have ended.
func (c *Card) unexpired() error {
	if c.Expired {
		return refuse(CodeCardExpired, "card %q expired at %s", c.Code, c.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

// withinCap refuses entries that would lower the acting merchant's position below its
// debit cap. What the merchant still owes for closed months counts.
func (s *State) withinCap(merchant string, entries []ledger.Entry) error {
	m := s.Setup.Merchants[merchant]
	if m == nil || !m.Capped {
		return nil
	}
	change, err := movement(entries, clearingOf(merchant), s.Setup.Currency)
	if err != nil || change.Sign() <= 0 {
		return err
	}
	position, ok := s.Positions[merchant]
	if !ok {
		position = s.Setup.Currency.Zero()
	}
	if owed, ok := s.Owed[merchant]; ok {
		if position, err = position.Sub(owed); err != nil {
			return err
		}
	}
	after, err := position.Sub(change)
	if err != nil {
		return refuse(CodeInvalidAmount, "the amounts are too large to be booked: %v", err)
	}
	if after.Cmp(m.DebitCap.Neg()) < 0 {
		r := refuse(CodeOverDebitCap, "this would lower the position of %q to %s, below its debit cap of %s", merchant, after, m.DebitCap)
		r.Data = map[string]string{"position": position.String(), "debit_cap": m.DebitCap.String(), "required": change.String()}
		return r
	}
	return nil
}

// capOf returns the debit cap of a merchant in minor units, nil if it has none. The
// record keeps it, so that the audit knows which cap was in force.
func (s *State) capOf(merchant string) *int64 {
	m := s.Setup.Merchants[merchant]
	if m == nil || !m.Capped {
		return nil
	}
	limit := m.DebitCap.Minor()
	return &limit
}

// on returns a record about a card, yet without type and entries.
func (s *State) on(card *Card, merchant string) Record {
	return Record{Transaction: ledger.Transaction{
		Card: card.Code, Merchant: merchant, Home: s.home(card), Member: card.Member, Previous: card.LastSeq,
	}}
}

// sellerOwes reports whether the card's seller pays in only when the card is used
// elsewhere.
func sellerOwes(terms *Terms, home string) bool { return terms.Funding == AtUse && home != "" }
