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
	Corrects    string        `json:"corrects,omitempty"`    // of a reversal: what it undoes
	Amount      money.Amount  `json:"amount,omitzero"`       // what it was about: the bill, the price, what was spent; of a reversal what was undone
	Discount    money.Amount  `json:"discount,omitzero"`     // of a coupon: what the bill was reduced by
	Principal   *money.Amount `json:"principal,omitempty"`   // how much of the card's value bought was moved; nil: no stored value was
	Bonus       *money.Amount `json:"bonus,omitempty"`       // how much of its value granted, likewise
	Change      money.Amount  `json:"position_change"`       // of the merchant's position: positive, the circle owes it more
	Points      int64         `json:"points,omitempty"`      // earned, or negative: spent
	Worth       money.Amount  `json:"points_worth,omitzero"` // what these points pay
	Uses        int64         `json:"uses,omitempty"`        // taken from the benefit, or negative: given back
	UsesLeft    *int          `json:"uses_left,omitempty"`   // of the benefit
	Card        CardBalance   `json:"card"`
}

// CardBalance is what is on a card after a command.
type CardBalance struct {
	Card   string       `json:"card"`
	Status Status       `json:"status"`
	Value  money.Amount `json:"value"`
	Bonus  money.Amount `json:"bonus"`
	Points int64        `json:"points"`
	Worth  money.Amount `json:"points_worth,omitzero"` // what the points pay by the terms in force
}

// Receipt returns the receipt of a record that was just applied.
func (s *State) Receipt(r *Record) Receipt {
	card := s.Cards[r.Card]
	receipt := Receipt{
		Transaction: ledger.ID(r.Seq), Type: r.Type, BookedAt: r.BookedAt, Window: r.Period,
		Merchant: r.Merchant, Amount: s.subject(r), Points: r.Facts.Points, Uses: r.Facts.Uses, Change: s.Setup.Currency.Zero(),
		Worth: s.Setup.Version(r.Terms).worth(r.Facts.Points),
		Card: CardBalance{
			Card: card.Code, Status: card.Status(), Value: card.Value, Bonus: card.Bonus, Points: card.Points, Worth: s.Setup.Current().worth(card.Points),
		},
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

// subject returns what a record is about. A reversal that can't be in parts says
// nothing of its own: it is about all that it undoes.
func (s *State) subject(r *Record) money.Amount {
	if original := s.Log[r.Corrects]; r.Facts.Amount == 0 && original != nil {
		return s.Setup.Currency.Minor(original.Facts.Amount)
	}
	return s.Setup.Currency.Minor(r.Facts.Amount)
}

// storedValueMoved returns how much principal and bonus a record moved on its card, or
// nil if it moved no stored value.
func storedValueMoved(r *Record) (principal, bonus *money.Amount) {
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
