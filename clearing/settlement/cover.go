package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
)

// lodgeDeposit: money came in that covers what a merchant may come to owe. It
// raises no cap.
func (s *State) lodgeDeposit(c LodgeDeposit) (*posting, error) {
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	if shop.Left {
		return nil, refuse(CodeNoticeGiven, "%q has left the circle", shop.Code)
	}
	a := newPosting(DepositLodged)
	a.Merchant = shop.Code
	a.move(s, custody(), deposit(shop.Code), minor)
	a.record(s.covering(shop.Code, DepositLodged, minor, minor, c.Note))
	return a, nil
}

// returnDeposit: a deposit was paid back, which a merchant can't ask for while it
// owes for closed months.
func (s *State) returnDeposit(c ReturnDeposit) (*posting, error) {
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	if lodged := -s.Balance(deposit(shop.Code)); minor > lodged {
		return nil, short(CodeInsufficientDeposit, "the deposit of "+shop.Code+" is", s.amount(lodged), s.amount(minor))
	}
	if owed := s.Balance(receivable(shop.Code)); owed > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s for closed months, which the deposit covers", shop.Code, s.amount(owed))
	}
	a := newPosting(DepositReturned)
	a.Merchant = shop.Code
	a.move(s, deposit(shop.Code), custody(), minor)
	a.record(s.covering(shop.Code, DepositReturned, minor, -minor, c.Note))
	return a, nil
}

// remitTax: tax that was kept back from commission was paid to the tax office, at
// most what is kept.
func (s *State) remitTax(c RemitTax) (*posting, error) {
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	kept := -s.Balance(withheldTax())
	if minor > kept {
		return nil, short(CodeInsufficientTax, "the tax that is kept back and not remitted is", s.amount(kept), s.amount(minor))
	}
	a := newPosting(TaxRemitted)
	a.move(s, withheldTax(), custody(), minor)
	e := Event{Type: TaxRemitted, Data: map[string]string{"amount": s.amount(minor).String(), "kept": s.amount(kept - minor).String()}}
	if c.Note != "" {
		e.Data["note"] = c.Note
	}
	a.record(e)
	return a, nil
}

// covering returns an event about a deposit, which a change is about to be booked
// to.
func (s *State) covering(shop, kind string, minor, change int64, note string) Event {
	e := Event{Type: kind, Party: shop, Data: map[string]string{
		"amount": s.amount(minor).String(), "deposit": s.amount(change - s.Balance(deposit(shop))).String(),
	}}
	if note != "" {
		e.Data["note"] = note
	}
	return e
}

func (s *State) shop(code string) (*clearing.Shop, error) {
	if shop := s.Shops[code]; shop != nil {
		return shop, nil
	}
	return nil, refuse(CodeUnknownParty, "no merchant %q is in this circle", code)
}

// adjust: the books are corrected between two parties, in the open window.
func (s *State) adjust(c Adjust) (*posting, error) {
	for _, party := range []string{c.From, c.To} {
		if err := s.knownParty(party); err != nil {
			return nil, err
		}
	}
	if c.From == c.To {
		return nil, refuse(CodeUnknownParty, "an adjustment is between two parties, and %q is one", c.From)
	}
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	a := newPosting(PositionAdjusted)
	a.Merchant = merchantOf(c.To)
	data := map[string]string{"amount": s.amount(minor).String(), "from": c.From, "to": c.To, "reason": c.Reason}
	if c.Corrects != 0 {
		if _, ok := s.Lines[c.Corrects]; !ok {
			return nil, refuse(CodeUnknownLine, "there is no transaction %s that this could correct", lineID(c.Corrects))
		}
		a.Corrects = c.Corrects
		data["corrects"] = lineID(c.Corrects)
	}
	a.move(s, clearingOf(c.From), clearingOf(c.To), minor)
	for _, party := range []string{c.From, c.To} {
		a.record(Event{Type: PositionAdjusted, Party: party, Data: data})
	}
	return a, nil
}

// giveNotice: a merchant will leave. It sells no more from now on, and honours cards
// until then.
func (s *State) giveNotice(c GiveNotice, at time.Time) (*posting, error) {
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	if !shop.LeavesAt.IsZero() {
		return nil, refuse(CodeNoticeGiven, "%q gave notice already, and leaves at %s", shop.Code, shop.LeavesAt.Format(time.RFC3339))
	}
	leaves := c.LeavesAt.UTC().Truncate(time.Microsecond)
	if !leaves.After(at) {
		return nil, refuse(CodeInvalidInstant, "leaves_at: %s is not after now, %s", leaves.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	shop.LeavesAt = leaves
	s.shopsChanged = true
	a := newPosting(ShopGaveNotice)
	a.Merchant = shop.Code
	a.record(Event{Type: ShopGaveNotice, Party: shop.Code, Data: map[string]string{"leaves_at": leaves.Format(time.RFC3339)}})
	return a, nil
}

// leave: the notice of a merchant is over.
func (s *State) leave(shop *clearing.Shop) *posting {
	shop.Left = true
	s.shopsChanged = true
	a := newPosting(ShopLeft)
	a.Merchant = shop.Code
	a.record(Event{Type: ShopLeft, Party: shop.Code})
	return a
}

// reinstate: a suspended merchant may sell again, once nothing of what it defaulted
// on is outstanding.
func (s *State) reinstate(c Reinstate) (*posting, error) {
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	if !shop.Suspended {
		return nil, refuse(CodeNotSuspended, "%q is not suspended", shop.Code)
	}
	owed := int64(0)
	s.eachDue(shop.Code, func(_ *Lifecycle, o *Obligation) {
		if o.Status == Defaulted {
			owed += o.Outstanding()
		}
	})
	if owed > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s of what it defaulted on", shop.Code, s.amount(owed))
	}
	shop.Suspended = false
	s.shopsChanged = true
	a := newPosting(ShopReinstated)
	a.Merchant = shop.Code
	a.record(Event{Type: ShopReinstated, Party: shop.Code})
	return a, nil
}
