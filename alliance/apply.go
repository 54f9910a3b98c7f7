package alliance

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// Apply folds a numbered record into the state. Cards and merchants that are not in
// the state are skipped. Of a transaction that the clearing house made, only the
// entries count.
func (s *State) Apply(r *Record) error {
	err := s.apply(r)
	s.LastSeq = r.Seq
	return err
}

func (s *State) apply(r *Record) error {
	kind := s.Registry.Kind(r.Type)
	if kind == nil {
		return s.applyEntries(r, CommissionUnchanged)
	}
	if kind.Create != nil {
		kind.Create(s, r)
	}
	var card *Card
	if !kind.OffCard {
		card = s.Cards[r.Card]
	}
	if err := s.applyEntries(r, kind.Commission); err != nil {
		return err
	}
	if uploads, ok := s.Late[r.Merchant]; ok && r.Late {
		s.Late[r.Merchant] = uploads.with(r)
	}
	if card != nil {
		card.LastSeq = r.Seq
		card.Points += r.Facts.Points
		if r.Facts.Uses != 0 {
			s.applyUses(card, r)
		}
		if kind.UsesCard {
			card.Unreversed++
			if !kind.CoolingOff {
				card.Redeemed++
			}
		}
		if kind.Totals != nil {
			kind.Totals(card, r.Facts.Amount, r.Facts.Bonus)
		}
	}
	if r.Facts.Growth != nil {
		s.applyGrowthFacts(card, r.Facts.Growth)
	}
	if kind.Apply != nil {
		if err := kind.Apply(s, card, r); err != nil {
			return fmt.Errorf("%s: %w", ledger.ID(r.Seq), err)
		}
	}
	if kind.Schedules != nil {
		for _, work := range kind.Schedules(r) {
			s.Schedule(work, r.BookedAt)
		}
	}
	if kind.Consumption && card != nil {
		climbed := s.grow(card, r, r.Facts.Amount, r.Facts.Points)
		if len(s.Setup.Campaigns) > 0 {
			s.causeGifts(card, r, climbed)
		}
	}
	if len(s.Setup.Campaigns) > 0 {
		s.dropRefused()
	}
	return nil
}

// applyGrowthFacts folds in what open holds reserve, what is committed to budgets, and what
// was taken out of the mall.
func (s *State) applyGrowthFacts(card *Card, f *GrowthFacts) {
	if f.Hold != nil && card != nil {
		card.reserve(f.Hold.Reserved)
	}
	for _, change := range f.Budgets {
		s.campaignSums(change.Campaign).Committed += change.Amount
	}
	if f.Item != nil {
		s.applyItem(f.Item)
	}
}

// reserve adds to what open holds reserve of a card.
func (c *Card) reserve(minor int64) {
	c.Held += minor
	if minor > 0 {
		c.Holds++
	} else {
		c.Holds--
	}
}

// Remember keeps a record that may be reversed, under the caller and key that made it.
func (s *State) Remember(r Record, by Reference) {
	s.Log[r.Seq] = &Original{Record: r, Undone: s.Setup.Currency.Zero()}
	if by.Key != "" || by.Caller != "" {
		s.Keys[by] = r.Seq
	}
}

func (s *State) applyEntries(r *Record, effect CommissionEffect) error {
	for _, e := range r.Entries {
		if err := s.applyEntry(e); err != nil {
			return fmt.Errorf("%s, %s: %w", ledger.ID(r.Seq), e.Account, err)
		}
		s.noteCommission(effect, e)
	}
	return nil
}

// applyEntry posts an entry to the balance of its account. Card balances and
// positions are credit balances; entries are debit positive.
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
func (s *State) applyUses(card *Card, r *Record) {
	if r.Facts.growth().Gift != nil {
		s.applyGiftUses(card, r)
		return
	}
	product := s.Setup.Products[card.Product]
	for i := range product.Benefits {
		if product.Benefits[i].Code == r.Facts.Benefit {
			card.UsesLeft[i] -= int(r.Facts.Uses)
		}
	}
}

// noteCommission notes in the changes how an entry changes a member's commission. The
// state itself does not keep commission. A credit is a gain for the member.
func (s *State) noteCommission(effect CommissionEffect, e ledger.Entry) {
	if s.Changes == nil || (e.Account.Kind != ledger.CommissionPending && e.Account.Kind != ledger.CommissionPayable) {
		return
	}
	sums := s.Changes.Members[e.Account.Owner]
	if sums == nil {
		sums = &CommissionSums{}
		s.Changes.Members[e.Account.Owner] = sums
	}
	gained := -e.Amount.Minor()
	if e.Account.Kind == ledger.CommissionPending {
		sums.Pending += gained
	} else {
		sums.Payable += gained
	}
	switch effect {
	case CommissionEarned:
		sums.Earned += gained
	case CommissionClawedBack:
		sums.ClawedBack -= gained
	}
}

// noteCommissionState notes the new state of a commission.
func (s *State) noteCommissionState(saleSeq int64, level int, state string) {
	if s.Changes != nil {
		s.Changes.Moved = append(s.Changes.Moved, CommissionState{SaleSeq: saleSeq, Level: level, State: state})
	}
}

// Schedule puts work on the agenda that a record causes. Work at the very instant of
// the record is done right after it.
func (s *State) Schedule(work DueWork, bookedAt time.Time) {
	s.Due.Push(work)
	c := s.Changes
	if c == nil {
		return
	}
	c.Scheduled[work.Key()] = work
	if work.At.After(bookedAt) && (c.NextDue.IsZero() || work.At.Before(c.NextDue)) {
		c.NextDue = work.At
	}
}

// Unschedule removes work from the agenda that no longer has to be done.
func (s *State) Unschedule(work DueWork) {
	s.Due.remove(work)
	s.noteEnded(work)
}

// noteEnded notes that due work was done or dropped.
func (s *State) noteEnded(work DueWork) {
	if s.Changes == nil {
		return
	}
	if _, ok := s.Changes.Scheduled[work.Key()]; ok {
		delete(s.Changes.Scheduled, work.Key()) // it was never saved
		return
	}
	s.Changes.Ended = append(s.Changes.Ended, work)
}
