package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// reverse undoes a transaction at its own time: it mirrors the original and
// gives back uses, points and pool. Of a spend it may undo a part.
func (s *State) reverse(c Reverse, at time.Time) (Record, error) {
	original := s.original(c.Of)
	if original == nil {
		return Record{}, refuse(CodeUnknownEvent, "there is no transaction that this could reverse")
	}
	if original.Type == Reversed || original.InFull {
		return Record{}, refuse(CodeAlreadyReversed, "%s is reversed already, or is a reversal itself", ledger.ID(original.Seq))
	}
	part, err := s.part(original, c.Amount)
	if err != nil {
		return Record{}, err
	}
	card := s.Cards[original.Card]
	if err := reversible(original, card); err != nil {
		return Record{}, err
	}
	if err := held(original, card, s.Setup.Currency); err != nil {
		return Record{}, err
	}

	d := newDraft(s.Setup.Currency)
	r := s.on(card, original.Merchant)
	r.Corrects = original.Seq
	r.Facts = Facts{InFull: true, Benefit: original.Facts.Benefit, Uses: -original.Facts.Uses, Points: -original.Facts.Points}
	terms := s.Setup.Version(original.Terms)
	switch original.Type {
	case ValueSpent:
		left, err := s.undoSpend(d, terms, original, card, part)
		if err != nil {
			return Record{}, err
		}
		r.Facts.InFull, r.Facts.Amount = left.IsZero(), part.Minor()
	case CardSold:
		r.Facts.Commissions = original.Facts.Commissions
		d.mirror(withReleased(original))
	default:
		d.mirror(original.Entries)
	}
	return d.post(r, Reversed, at, terms)
}

// original finds the transaction that a reference names, if it is one that can
// be reversed or once could.
func (s *State) original(of Reference) *Original {
	seq := of.Seq
	if seq == 0 {
		seq = s.Keys[of]
	}
	original := s.Log[seq]
	if original == nil {
		return nil
	}
	switch original.Type {
	case CardSold, CardToppedUp, ValueSpent, PassUsed, CouponUsed, PurchaseRecorded, PointsSpent, Reversed:
		return original
	}
	return nil
}

// part returns what is to be undone of a spend; of anything else, zero.
func (s *State) part(original *Original, text *string) (money.Amount, error) {
	zero := s.Setup.Currency.Zero()
	if original.Type != ValueSpent {
		if text != nil {
			return zero, refuse(CodeInvalidAmount, "only a spend can be reversed in part; leave the amount out")
		}
		return zero, nil
	}
	stands, err := s.Setup.Currency.Minor(original.Facts.Amount).Sub(original.Undone)
	if err != nil || text == nil {
		return stands, err
	}
	part, err := s.amount("amount", *text)
	if err != nil {
		return zero, err
	}
	if part.Cmp(stands) > 0 {
		r := refuse(CodeInvalidAmount, "amount: %s of the spend still stands, less than %s", stands, part)
		r.Data = map[string]string{"available": stands.String(), "required": part.String()}
		return zero, r
	}
	return part, nil
}

// reversible refuses what the state of the card forbids. A reversal needs no
// unfrozen card. A pass given back after the card expired would be lost and its
// pool is gone, so that is refused; a coupon's discount can go back at any time.
func reversible(original *Original, card *Card) error {
	if card.Cancelled {
		return card.usable()
	}
	switch original.Type {
	case CardSold:
		if card.Standing > 0 {
			return refuse(CodeCardInUse, "%d transactions on card %q still stand; reverse them first", card.Standing, card.Code)
		}
		return card.unexpired()
	case PassUsed:
		return card.unexpired()
	}
	return nil
}

// held refuses a reversal that would need value, bonus or points that the card
// no longer has.
func held(original *Original, card *Card, currency money.Currency) error {
	switch original.Type {
	case CardToppedUp:
		amount, bonus := currency.Minor(original.Facts.Amount), currency.Minor(original.Facts.Bonus)
		if card.Value.Cmp(amount) < 0 {
			return short(CodeInsufficientValue, "principal of", card.Value, amount)
		}
		if card.Bonus.Cmp(bonus) < 0 {
			return short(CodeInsufficientValue, "bonus of", card.Bonus, bonus)
		}
	case PurchaseRecorded:
		if card.Points < original.Facts.Points {
			r := refuse(CodeInsufficientPoints, "the card has %d points and this needs %d", card.Points, original.Facts.Points)
			return r
		}
	}
	return nil
}

// undoSpend works every share of a spend out again on what still stands, and
// drafts the difference; so parts that add up to the whole leave nothing behind.
func (s *State) undoSpend(d *draft, terms *Terms, original *Original, card *Card, part money.Amount) (left money.Amount, err error) {
	currency := s.Setup.Currency
	whole, bonus := currency.Minor(original.Facts.Amount), currency.Minor(original.Facts.Bonus)
	principal, err := whole.Sub(bonus)
	if err != nil {
		return left, err
	}
	before, err := whole.Sub(original.Undone)
	if err != nil {
		return left, err
	}
	left, err = before.Sub(part)
	if err != nil {
		return left, err
	}
	standing := func(amount money.Amount) ([]ledger.Entry, error) {
		p, b, err := split(terms.SpendOrder, principal, bonus, amount)
		return spendEntries(terms, card.Code, original.Home, original.Merchant, p, b), err
	}
	old, err := standing(before)
	if err != nil {
		return left, err
	}
	renewed, err := standing(left)
	if err != nil {
		return left, err
	}
	for i := range old {
		difference, err := renewed[i].Amount.Sub(old[i].Amount)
		if err != nil {
			return left, err
		}
		d.debit(old[i].Account, difference)
	}
	return left, nil
}

// withReleased returns the entries of a sale with the commission where it is
// now: in payable, once it was released.
func withReleased(sale *Original) []ledger.Entry {
	entries := make([]ledger.Entry, len(sale.Entries))
	copy(entries, sale.Entries)
	for _, c := range sale.Facts.Commissions {
		if !sale.Released[c.Level] {
			continue
		}
		for i := range entries {
			if entries[i].Account == pendingOf(c.Member) && entries[i].Amount.Minor() == -c.Amount {
				entries[i].Account = payableOf(c.Member)
				break
			}
		}
	}
	return entries
}
