package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Receipt is the answer to a command that was booked, for a till to show and print. It
// is stored with the request, and a retry gets the same bytes. Amounts are decimal
// strings in major units.
type Receipt struct {
	Transaction string       `json:"transaction"` // "txn_17"
	Type        ledger.Type  `json:"type"`
	BookedAt    time.Time    `json:"booked_at"`
	Window      string       `json:"window"` // "2026-10"
	Merchant    string       `json:"merchant,omitempty"`
	Corrects    string       `json:"corrects,omitempty"`  // of a reversal: what it undoes
	Change      money.Amount `json:"position_change"`     // of the merchant's position: positive, the circle owes it more
	Points      int64        `json:"points,omitempty"`    // earned, or negative: spent
	UsesLeft    *int         `json:"uses_left,omitempty"` // of the benefit
	Card        CardBalance  `json:"card"`
}

// CardBalance is what is on a card after a command.
type CardBalance struct {
	Card   string       `json:"card"`
	Status Status       `json:"status"`
	Value  money.Amount `json:"value"`
	Bonus  money.Amount `json:"bonus"`
	Points int64        `json:"points"`
}

// Receipt returns the receipt of a record that was just applied.
func (s *State) Receipt(r *Record) Receipt {
	card := s.Cards[r.Card]
	receipt := Receipt{
		Transaction: ledger.ID(r.Seq), Type: r.Type, BookedAt: r.BookedAt, Window: r.Period,
		Merchant: r.Merchant, Points: r.Facts.Points, Change: s.Setup.Currency.Zero(),
		Card: CardBalance{Card: card.Code, Status: card.Status(), Value: card.Value, Bonus: card.Bonus, Points: card.Points},
	}
	if r.Corrects > 0 {
		receipt.Corrects = ledger.ID(r.Corrects)
	}
	if r.Merchant != "" {
		// The entries were summed when they were checked, so this can't overflow.
		moved, _ := movement(r.Entries, clearingOf(r.Merchant), s.Setup.Currency)
		receipt.Change = moved.Neg()
	}
	if r.Facts.Benefit != "" {
		for i, b := range s.Setup.Products[card.Product].Benefits {
			if b.Code == r.Facts.Benefit {
				left := card.UsesLeft[i]
				receipt.UsesLeft = &left
			}
		}
	}
	return receipt
}
