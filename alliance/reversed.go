package alliance

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Reversed is a transaction that undoes another one, or a part of it.
const Reversed ledger.Type = "reversed"

// Reverse undoes a transaction, or with Amount a part of one that can be undone in
// parts.
type Reverse struct {
	Of     Reference
	Amount *string
}

// Event returns Reversed.
func (Reverse) Event() ledger.Type { return Reversed }

func reversed() *Kind {
	return &Kind{
		Type:  Reversed,
		Label: ledger.Label{Chinese: "冲正", English: "Reversal"},
		Command: command(
			[]Field{transactionField("of"), amountField("amount").optional()},
			func(v Values) Reverse { return Reverse{Of: v.Transaction("of"), Amount: v.Optional("amount")} },
			func(c Reverse, l Loader) { l.Original(c.Of) },
			(*State).decideReversal),
		Apply:      (*State).applyReversal,
		Commission: CommissionClawedBack,
		Undoes:     true,
	}
}

// decideReversal undoes a transaction. It mirrors the original's entries, and gives back
// uses, points and pool. The reversal is booked now, not when the original was. The card
// may be frozen.
func (s *State) decideReversal(c Reverse, at time.Time) (Record, error) {
	original := s.original(c.Of)
	if original == nil {
		return Record{}, refuse(CodeUnknownEvent, "there is no such transaction that could be reversed")
	}
	if original.Type == Reversed || original.InFull {
		return Record{}, refuse(CodeAlreadyReversed, "%s is reversed already, or is a reversal itself", ledger.ID(original.Seq))
	}
	undo := s.Registry.Kind(original.Type).Reversal
	part, err := s.part(original, undo, c.Amount)
	if err != nil {
		return Record{}, err
	}
	card := s.current(original.Card)
	if err := card.standing(); err != nil {
		return Record{}, err
	}
	if undo.Check != nil {
		if err := undo.Check(original, card); err != nil {
			return Record{}, err
		}
	}

	b := newEntries(s.Setup.Currency)
	left := int64(0)
	if undo.Mirror != nil {
		if left, err = undo.Mirror(s, b, original, part.Minor()); err != nil {
			return Record{}, err
		}
	} else {
		b.mirror(original.Entries)
	}
	b.readdress(original.Card, card.Code)
	r := s.on(card, original.Merchant)
	r.Corrects = original.Seq
	r.Facts = Facts{
		InFull: left == 0, Amount: part.Minor(), Commissions: original.Facts.Commissions,
		Benefit: original.Facts.Benefit, Uses: -original.Facts.Uses, Points: -original.Facts.Points,
	}
	if item := original.Facts.growth().Item; item != nil {
		r.Facts.withGrowth().Item = &ItemFacts{Code: item.Code, Count: -item.Count}
	}
	s.giveCouponBack(&r, original, card)
	if err := s.takeBack(b, &r, original, card); err != nil {
		return Record{}, err
	}
	return b.post(r, Reversed, at, s.Setup.Version(original.Terms))
}

// original finds the transaction that a reference names, if it is one that can
// be reversed or once could.
func (s *State) original(of Reference) *Original {
	original := s.logged(of)
	if original == nil {
		return nil
	}
	if kind := s.Registry.Kind(original.Type); kind == nil || (kind.Reversal == nil && !kind.Undoes) {
		return nil
	}
	return original
}

// logged finds the transaction that a reference names.
func (s *State) logged(of Reference) *Original {
	seq := of.Seq
	if seq == 0 {
		seq = s.Keys[of]
	}
	return s.Log[seq]
}

// part returns what is to be undone of a transaction that can be undone in parts; of
// any other, zero.
func (s *State) part(original *Original, undo *Reversal, text *string) (money.Amount, error) {
	zero := s.Setup.Currency.Zero()
	if !undo.InParts {
		if text != nil {
			return zero, refuse(CodeInvalidAmount, "only a spend can be reversed in part; leave the amount out")
		}
		return zero, nil
	}
	left, err := s.Setup.Currency.Minor(original.Facts.Amount).Sub(original.Undone)
	if err != nil || text == nil {
		return left, err
	}
	part, err := s.amount("amount", *text)
	if err != nil {
		return zero, err
	}
	if part.Cmp(left) > 0 {
		r := refuse(CodeInvalidAmount, "amount: only %s of the spend still stands, and this is %s", left, part)
		r.Data = map[string]string{"available": left.String(), "required": part.String()}
		return zero, r
	}
	return part, nil
}

// applyReversal folds in what a reversal has undone.
func (s *State) applyReversal(card *Card, r *Record) error {
	original := s.Log[r.Corrects]
	if original == nil {
		return fmt.Errorf("it reverses %s, which is not in the log", ledger.ID(r.Corrects))
	}
	var err error
	if original.Undone, err = original.Undone.Add(s.Setup.Currency.Minor(r.Facts.Amount)); err != nil {
		return err
	}
	original.InFull = r.Facts.InFull
	kind := s.Registry.Kind(original.Type)
	if kind == nil || kind.Reversal == nil {
		return fmt.Errorf("it reverses %s, a %q, which can't be reversed", ledger.ID(r.Corrects), original.Type)
	}
	s.applyUndone(card, r, original, kind)
	if kind.Reversal.Apply != nil {
		kind.Reversal.Apply(s, card, original)
	}
	for _, c := range r.Facts.Commissions {
		s.noteCommissionState(r.Corrects, c.Level, CommissionStateClawedBack)
	}
	if s.Changes != nil {
		s.Changes.Undone[r.Corrects] = original
	}
	return nil
}

// applyUndone folds into the card what no longer stands: its use, the sums by which it is
// refunded, and its growth.
func (s *State) applyUndone(card *Card, r *Record, original *Original, kind *Kind) {
	if original.InFull && kind.UsesCard {
		card.Unreversed--
		if !kind.CoolingOff {
			card.Redeemed--
		}
	}
	amount, bonus := original.Facts.Amount, original.Facts.Bonus
	if kind.Reversal.InParts {
		amount = r.Facts.Amount
	}
	if kind.Totals != nil {
		kind.Totals(card, -amount, -bonus)
	}
	points := s.applyTakenBack(card, r)
	if kind.Consumption {
		s.grow(card, r, -amount, -original.Facts.Points-points)
	} else {
		s.grow(card, r, 0, -points)
	}
}
