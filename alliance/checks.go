package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// card returns a card that the circle has sold.
func (s *State) card(code string) (*Card, error) {
	if card := s.Cards[code]; card != nil {
		return card, nil
	}
	return nil, refuse(CodeUnknownCard, "no card %q was sold in this circle", code)
}

// merchantKnown refuses a merchant that is not of the circle, or no more.
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

// merchantSells refuses a merchant that is not of the circle, or may not sell cards
// and top them up: one that gave notice, or did not pay.
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

// home returns the merchant that a card has its home at: who sold it, unless it has
// left. What backed its cards it has paid in then, and the card goes on as one that
// was sold online.
func (s *State) home(card *Card) string {
	if merchant := s.Setup.Merchants[card.Home]; merchant != nil && merchant.Left {
		return ""
	}
	return card.Home
}

// cardAt returns a card, or the refusal of whichever of card and merchant is the first
// that is unknown.
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

// usable refuses a cancelled or a frozen card.
func (c *Card) usable() error {
	if c.Cancelled {
		return refuse(CodeCardCancelled, "card %q is cancelled: its sale was reversed", c.Code)
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

// withinCap refuses entries that would lower the acting merchant's position, less
// what it still owes for closed months, to below its debit cap.
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

// capOf returns the debit cap of a merchant in minor units for the record, so
// that an audit knows which cap was in force; nil if it has none.
func (s *State) capOf(merchant string) *int64 {
	m := s.Setup.Merchants[merchant]
	if m == nil || !m.Capped {
		return nil
	}
	limit := m.DebitCap.Minor()
	return &limit
}

// on returns the record of something that concerns a card.
func (s *State) on(card *Card, merchant string) Record {
	return Record{Transaction: ledger.Transaction{
		Card: card.Code, Merchant: merchant, Home: s.home(card), Member: card.Member, Previous: card.LastSeq,
	}}
}

// sellerOwes says whether the card's seller brings money in only when the card
// is honoured.
func sellerOwes(terms *Terms, home string) bool { return terms.Funding == AtUse && home != "" }
