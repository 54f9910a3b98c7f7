package alliance

import (
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Uploads counts what a merchant has uploaded late in a window: redemptions, and how
// much they moved its position in either direction, in minor units.
type Uploads struct{ Count, Moved int64 }

// with adds a redemption to the count.
func (u Uploads) with(r *Record) Uploads { return Uploads{u.Count + 1, u.Moved + moved(r)} }

// moved returns how much a record moves the acting merchant's position in either
// direction, in minor units.
func moved(r *Record) int64 {
	sum := int64(0)
	for _, e := range r.Entries {
		if e.Account == clearingOf(r.Merchant) {
			sum += max(e.Amount.Minor(), -e.Amount.Minor())
		}
	}
	return sum
}

// checkRedemption applies the two rules that all redemptions share, after their own:
// a card whose home is suspended may be refused elsewhere, and a late upload must be
// within the limits of the terms.
func (s *State) checkRedemption(r *Record, c Redemption, at time.Time) error {
	if err := s.honoursHome(r); err != nil {
		return err
	}
	return s.checkLate(r, c, at)
}

// honoursHome refuses a card elsewhere than at its home if that is suspended and the terms say
// so.
func (s *State) honoursHome(r *Record) error {
	home := s.Setup.Merchants[r.Home]
	if s.Setup.Current().RefuseDefaulted && home != nil && home.Suspended && r.Home != r.Merchant {
		return refuse(CodeHomeSuspended, "the card was sold by %q, which has not paid; until it has, it is honoured only there", r.Home)
	}
	return nil
}

// checkLate refuses a late upload that is not within the limits of the terms.
func (s *State) checkLate(r *Record, c Redemption, at time.Time) error {
	terms := s.Setup.Current()
	if c.OccurredAt == nil {
		return nil
	}
	occurred := c.OccurredAt.UTC().Truncate(time.Microsecond)
	if occurred.After(at) {
		return refuse(CodeInvalidInstant, "occurred_at: %s has not come yet", occurred.Format(time.RFC3339))
	}
	if terms.Offline == nil {
		return refuse(CodeOfflineNotAllowed, "the terms of this circle allow no redemption to be uploaded after it happened")
	}
	if card := s.Cards[r.Card]; card != nil && occurred.Before(card.SoldAt.Truncate(time.Second)) { // tills tell whole seconds
		refusal := refuse(CodeBeforeSale, "occurred_at: %s is before the card was sold, at %s", occurred.Format(time.RFC3339), card.SoldAt.Format(time.RFC3339))
		refusal.Data = map[string]string{"sold_at": card.SoldAt.Format(time.RFC3339)}
		return refusal
	}
	if oldest := at.Add(-time.Duration(terms.Offline.MaxHours) * time.Hour); occurred.Before(oldest) {
		return refuse(CodeOfflineTooLate, "a redemption may be uploaded within %d h, and this happened at %s", terms.Offline.MaxHours, occurred.Format(time.RFC3339))
	}
	r.Facts.OccurredAt = &occurred
	after := s.Late[r.Merchant].with(r)
	if after.Count > int64(terms.Offline.MaxCount) || after.Moved > terms.Offline.MaxAmount.Minor() {
		return tooMuch(terms.Offline, after, s.Setup.Currency)
	}
	return nil
}

func tooMuch(limits *Offline, after Uploads, currency money.Currency) error {
	moved := currency.Minor(after.Moved)
	r := refuse(CodeOfflineTooMuch, "this would be late upload %d in the window, and move %s in all; at most %d that move %s are allowed",
		after.Count, moved, limits.MaxCount, limits.MaxAmount)
	r.Data = map[string]string{"count": strconv.FormatInt(after.Count, 10), "amount": moved.String()}
	return r
}
