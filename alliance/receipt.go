package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Receipt is the answer to a command that was booked, for a till to show and print. All of
// it follows from the record and the card as it was then. It is stored with the request,
// and a retry gets the same bytes. Amounts are decimal strings in major units, and those
// of the command are never below zero: what kind it is says in which direction they went.
type Receipt struct {
	Transaction string        `json:"transaction"` // "txn_17"
	Type        ledger.Type   `json:"type"`
	BookedAt    time.Time     `json:"booked_at"`
	Window      string        `json:"window"` // "2026-10"
	Merchant    string        `json:"merchant,omitempty"`
	Corrects    string        `json:"corrects,omitempty"`      // of a reversal: what it undoes
	Presented   string        `json:"presented,omitempty"`     // what the card was used by, in a circle that asks for codes
	Amount      money.Amount  `json:"amount,omitzero"`         // what it was about: the bill, the price, what was spent; of a reversal what was undone
	Discount    money.Amount  `json:"discount,omitzero"`       // of a coupon: what the bill was reduced by
	Principal   *money.Amount `json:"principal,omitempty"`     // how much of the card's value bought was moved; nil: no stored value was
	Bonus       *money.Amount `json:"bonus,omitempty"`         // how much of its value granted, likewise
	Change      money.Amount  `json:"position_change"`         // of the merchant's position: positive, the circle owes it more
	Points      int64         `json:"points,omitempty"`        // earned, or negative: spent
	Worth       money.Amount  `json:"points_worth,omitzero"`   // what these points pay
	Uses        int64         `json:"uses,omitempty"`          // taken from the benefit, or negative: given back
	UsesLeft    *int          `json:"uses_left,omitempty"`     // of the benefit
	Hold        string        `json:"hold,omitempty"`          // of a capture or void: what it ends
	Replaces    string        `json:"replaces,omitempty"`      // of a replacement: the code that died
	Item        string        `json:"item,omitempty"`          // of the mall
	Count       int64         `json:"count,omitempty"`         // how many of it; of a reversal negative
	Cash        money.Amount  `json:"cash,omitzero"`           // to be paid for it at the till beside the points
	Refund      *Refund       `json:"refund,omitempty"`        // of a card that was given back
	Ended       []CouponEnd   `json:"coupons_ended,omitempty"` // coupons of gifts that ended with it, though uses were left
	Card        CardBalance   `json:"card"`                    // of a replacement the new one
	Caused      []Caused      `json:"caused,omitempty"`        // what followed at once, in its order
}

// Refund is what a member gets for a card.
type Refund struct {
	Ground    Ground       `json:"ground"`
	PricePart money.Amount `json:"price_part"` // of the price of the card
	ValuePart money.Amount `json:"value_part"` // of stored value
}

// Caused is a transaction that a command has caused. What another card got is not told.
type Caused struct {
	Transaction string       `json:"transaction"`
	Type        ledger.Type  `json:"type"`
	Campaign    string       `json:"campaign,omitempty"`
	Card        string       `json:"card,omitempty"`
	Points      int64        `json:"points,omitempty"`
	Bonus       money.Amount `json:"bonus,omitzero"`
	Coupons     []string     `json:"coupons,omitempty"`
}

// CardBalance is what is on a card after a command.
type CardBalance struct {
	Card   string       `json:"card"`
	Status Status       `json:"status"`
	Value  money.Amount `json:"value"`
	Bonus  money.Amount `json:"bonus"`
	Held   money.Amount `json:"held,omitzero"` // of both, what open holds reserve
	Points int64        `json:"points"`
	Worth  money.Amount `json:"points_worth,omitzero"` // what the points pay by the terms in force
}

// Receipt returns the receipt of a record that was applied last, together with what it has
// caused.
func (s *State) Receipt(r *Record, caused ...Record) Receipt {
	card := s.current(r.Card)
	receipt := Receipt{
		Transaction: ledger.ID(r.Seq), Type: r.Type, BookedAt: r.BookedAt, Window: r.Period,
		Merchant: r.Merchant, Amount: s.subject(r), Points: r.Facts.Points, Uses: r.Facts.Uses, Change: s.Setup.Currency.Zero(),
		Worth: s.Setup.Version(r.Terms).worth(r.Facts.Points), Presented: string(r.Facts.Presented),
		Card: CardBalance{
			Card: card.Code, Status: card.Status(), Value: card.Value, Bonus: card.Bonus, Held: s.Setup.Currency.Minor(card.Held),
			Points: card.Points, Worth: s.Setup.Current().worth(card.Points),
		},
	}
	if facts := r.Facts.Growth; facts != nil {
		s.addGrowth(&receipt, r.Card, facts)
	}
	for i := range caused {
		receipt.Caused = append(receipt.Caused, s.caused(&caused[i], card))
	}
	if r.Corrects > 0 {
		receipt.Corrects = ledger.ID(r.Corrects)
	}
	if r.Merchant != "" {
		// The entries were summed when they were checked, so this can't overflow.
		moved, _ := movement(r.Entries, clearingOf(r.Merchant), s.Setup.Currency)
		receipt.Change = moved.Neg()
	}
	receipt.Principal, receipt.Bonus = storedValueMoved(r)
	if gift := r.Facts.growth().Gift; gift != nil && r.Facts.Benefit != "" {
		receipt.UsesLeft, receipt.Discount = s.giftCouponLeft(card, gift, r.Facts.Benefit)
	} else if r.Facts.Benefit != "" {
		benefits := s.Setup.Products[card.Product].Benefits
		for i := range benefits {
			if b := &benefits[i]; b.Code == r.Facts.Benefit {
				left := card.UsesLeft[i]
				receipt.UsesLeft = &left
				if b.Kind == Coupon {
					receipt.Discount = b.Discount
				}
			}
		}
	}
	return receipt
}

// CoveredReceipt is a receipt for who has shown a card's number alone, in a circle that asks for
// codes: it doesn't tell what is on the card.
type CoveredReceipt struct {
	Receipt
	Card CoveredCard `json:"card"` // in place of the receipt's
}

// CoveredCard is a card without what is on it.
type CoveredCard struct {
	Card   string `json:"card"`
	Status Status `json:"status"`
}

// Covered returns the receipt without what is on the card.
func (r Receipt) Covered() CoveredReceipt {
	r.UsesLeft = nil
	return CoveredReceipt{r, CoveredCard{r.Card.Card, r.Card.Status}}
}

// addGrowth adds what a receipt says of holds, items and refunds.
func (s *State) addGrowth(receipt *Receipt, card string, facts *GrowthFacts) {
	receipt.Ended = facts.Ended
	if hold := facts.Hold; hold != nil && hold.Seq > 0 {
		receipt.Hold = ledger.ID(hold.Seq)
	}
	if receipt.Type == CardReplaced {
		receipt.Replaces = card
	}
	if item := facts.Item; item != nil {
		receipt.Item, receipt.Count = item.Code, item.Count
		if written := s.Setup.Items[item.Code]; written != nil && item.Count > 0 {
			receipt.Cash, _ = written.Cash.Times(item.Count) // it was multiplied when it was decided
		}
	}
	if refund := facts.Refund; refund != nil {
		currency := s.Setup.Currency
		receipt.Refund = &Refund{Ground: refund.Ground, PricePart: currency.Minor(refund.Price), ValuePart: currency.Minor(refund.Value)}
	}
}

// caused returns what is told of a transaction that a command about a card has caused.
func (s *State) caused(r *Record, card *Card) Caused {
	c := Caused{Transaction: ledger.ID(r.Seq), Type: r.Type}
	gift := r.Facts.growth().Gift
	if gift != nil {
		c.Campaign = gift.Campaign
	}
	if to := s.current(r.Card); to != card {
		return c
	}
	c.Card, c.Points, c.Bonus = card.Code, r.Facts.Points, s.Setup.Currency.Minor(r.Facts.Bonus)
	if gift != nil {
		for _, coupon := range gift.Coupons {
			c.Coupons = append(c.Coupons, coupon.Code)
		}
	}
	return c
}

// subject returns what a record is about. A reversal that can't be in parts says
// nothing of its own: it is about all that it undoes.
func (s *State) subject(r *Record) money.Amount {
	if original := s.Log[r.Corrects]; r.Facts.Amount == 0 && original != nil {
		return s.Setup.Currency.Minor(original.Facts.Amount)
	}
	return s.Setup.Currency.Minor(r.Facts.Amount)
}

// storedValueMoved returns how much principal and bonus a record moved on its card, or
// nil if it moved no stored value. A replaced card's moves to itself.
func storedValueMoved(r *Record) (principal, bonus *money.Amount) {
	if r.Type == CardReplaced {
		return nil, nil
	}
	var moved *[2]money.Amount
	for _, e := range r.Entries {
		part := 0
		switch e.Account.Kind {
		case ledger.CardValue:
		case ledger.CardBonus:
			part = 1
		default:
			continue
		}
		if moved == nil {
			zero := e.Amount.Currency().Zero()
			moved = &[2]money.Amount{zero, zero}
		}
		moved[part] = e.Amount.Abs()
	}
	if moved == nil {
		return nil, nil
	}
	return &moved[0], &moved[1]
}

// worth returns what points pay, without their sign. A point is worth at most what is set
// aside for it, which was multiplied when it was earned, so this can't overflow.
func (t *Terms) worth(points int64) money.Amount {
	worth, _ := t.PointValue.Times(points)
	return worth.Abs()
}
