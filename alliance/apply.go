package alliance

import (
	"fmt"

	"github.com/lianka/lianka/clearing/ledger"
)

// Apply folds a record, which has its number, into the state. What the state
// does not hold (another card, a merchant that no command names) is passed over.
func (s *State) Apply(r Record) error {
	if r.Type == CardSold {
		s.open(r)
	}
	var card *Card
	if r.onCard() {
		card = s.Cards[r.Card]
	}
	for _, e := range r.Entries {
		if err := s.applyEntry(e); err != nil {
			return fmt.Errorf("%s, %s: %w", ledger.ID(r.Seq), e.Account, err)
		}
	}
	if uploads, ok := s.Late[r.Merchant]; ok && r.Late {
		s.Late[r.Merchant] = uploads.with(&r)
	}
	if card != nil {
		card.LastSeq = r.Seq
		card.Points += r.Facts.Points
		if r.Facts.Uses != 0 {
			s.applyUses(card, r)
		}
	}
	switch r.Type {
	case CardFrozen:
		card.Frozen = true
	case CardUnfrozen:
		card.Frozen = false
	case CardExpired:
		card.Expired = true
	case CommissionReleased:
		if sale := s.Log[r.Facts.SaleSeq]; sale != nil {
			sale.Released[r.Facts.Level] = true
		}
	case CardToppedUp, ValueSpent, PassUsed, CouponUsed, PurchaseRecorded, PointsSpent:
		card.Standing++
	case Reversed:
		return s.applyReversal(card, r)
	}
	return nil
}

// Remember keeps a record among those that may be reversed, under the caller
// and key that made it.
func (s *State) Remember(r Record, by Reference) {
	s.Log[r.Seq] = &Original{Record: r, Undone: s.Setup.Currency.Zero()}
	if by.Key != "" || by.Caller != "" {
		s.Keys[by] = r.Seq
	}
}

// open creates the card of a sale, binds the buyer to its upline, and puts on
// the agenda what the sale brings about later.
func (s *State) open(r Record) {
	zero := s.Setup.Currency.Zero()
	card := &Card{
		Code: r.Card, Product: r.Facts.Product, Member: r.Member, Home: r.Home,
		SoldSeq: r.Seq, SoldAt: r.BookedAt, Value: zero, Bonus: zero, Pool: zero,
	}
	if product := s.Setup.Products[r.Facts.Product]; product != nil {
		card.UsesLeft = make([]int, len(product.Benefits))
		for i := range product.Benefits {
			card.UsesLeft[i] = product.Benefits[i].Uses
		}
	}
	if r.Facts.ExpiresAt != nil {
		card.ExpiresAt = *r.Facts.ExpiresAt
	}
	s.Cards[r.Card] = card
	if r.Facts.Joined {
		s.Members[r.Member] = &Member{Code: r.Member, Referrer: r.Facts.Referrer, Second: r.Facts.Second}
	}
	for _, work := range DueOf(r) {
		s.Due.Push(work)
	}
}

// DueOf returns the work that a sale brings about later.
func DueOf(sale Record) []DueWork {
	var due []DueWork
	for _, c := range sale.Facts.Commissions {
		due = append(due, DueWork{
			At: *sale.Facts.ReleaseAt, Rank: RankRelease, SaleSeq: sale.Seq, Level: c.Level, Member: c.Member, Amount: c.Amount,
		})
	}
	if sale.Facts.ExpiresAt != nil {
		due = append(due, DueWork{At: *sale.Facts.ExpiresAt, Rank: RankExpiry, SaleSeq: sale.Seq, Card: sale.Card})
	}
	return due
}

// applyEntry posts an entry to the balance that the state holds of its account.
// Card balances and positions are credit balances, entries debit positive.
func (s *State) applyEntry(e ledger.Entry) (err error) {
	switch e.Account.Kind {
	case ledger.Merchants:
		if position, ok := s.Positions[e.Account.Owner]; ok {
			s.Positions[e.Account.Owner], err = position.Sub(e.Amount)
		}
	case ledger.Receivables:
		if owed, ok := s.Owed[e.Account.Owner]; ok {
			s.Owed[e.Account.Owner], err = owed.Add(e.Amount)
		}
	case ledger.CardValue:
		if card := s.Cards[e.Account.Owner]; card != nil {
			card.Value, err = card.Value.Sub(e.Amount)
		}
	case ledger.CardBonus:
		if card := s.Cards[e.Account.Owner]; card != nil {
			card.Bonus, err = card.Bonus.Sub(e.Amount)
		}
	case ledger.CardPool:
		if card := s.Cards[e.Account.Owner]; card != nil {
			card.Pool, err = card.Pool.Sub(e.Amount)
		}
	}
	return err
}

// applyUses takes uses from a benefit, or gives them back.
func (s *State) applyUses(card *Card, r Record) {
	product := s.Setup.Products[card.Product]
	for i := range product.Benefits {
		if product.Benefits[i].Code == r.Facts.Benefit {
			card.UsesLeft[i] -= int(r.Facts.Uses)
		}
	}
}

func (s *State) applyReversal(card *Card, r Record) error {
	original := s.Log[r.Corrects]
	if original == nil {
		return fmt.Errorf("%s reverses %s, which is not in the log", ledger.ID(r.Seq), ledger.ID(r.Corrects))
	}
	original.InFull = r.Facts.InFull
	if original.Type == CardSold {
		card.Cancelled = true
		s.Due.Drop(original.Seq)
		return nil
	}
	var err error
	if original.Undone, err = original.Undone.Add(s.Setup.Currency.Minor(r.Facts.Amount)); err != nil {
		return err
	}
	if original.InFull {
		card.Standing--
	}
	return nil
}
