package settlement

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing"
)

// never marks an instant that does not come.
var never time.Time

// defaults: the grace of an obligation is over. The payer's deposit is drawn; what
// is left is a loss, which falls as the terms say, in the open window; and the
// merchant is suspended. Where the money should have gone to another party, custody
// pays in its place.
func (s *State) defaults(x *Lifecycle, o *Obligation) (*posting, error) {
	a := newPosting(PaymentDefaulted)
	a.Merchant = merchantOf(o.Payer)
	unpaid := o.Outstanding()
	if err := o.advance(GraceEnds); err != nil {
		return nil, err
	}
	o.RemindAt, o.DefaultAt = never, never
	a.record(s.obligationEvent(o, PaymentDefaulted, unpaid))
	if o.Kind == Direct {
		if err := s.payInstead(a, x, o, unpaid); err != nil {
			return nil, err
		}
	}
	drawn := min(unpaid, -s.Balance(deposit(o.Payer)))
	if drawn > 0 {
		if err := s.begin(a, x); err != nil {
			return nil, err
		}
		a.move(s, deposit(o.Payer), receivable(o.Payer), drawn)
		o.Drawn, o.Paid = o.Drawn+drawn, o.Paid+drawn
		a.record(s.obligationEvent(o, DepositDrawn, drawn))
	}
	loss := unpaid - drawn
	switch {
	case loss > 0:
		s.shareLoss(a, x, o, loss)
	case o.Paid+o.Carried == o.Amount:
		if err := o.advance(AllArrives); err != nil {
			return nil, err
		}
	}
	if shop := s.Shops[o.Payer]; shop != nil && loss > 0 && !shop.Suspended {
		shop.Suspended, s.shopsChanged = true, true
		a.record(Event{Type: ShopSuspended, Party: shop.Code, Data: map[string]string{"reference": o.Reference}})
	}
	return a, nil
}

// payInstead makes custody pay what a party did not pay another.
func (s *State) payInstead(a *posting, x *Lifecycle, o *Obligation, minor int64) error {
	instead := &Obligation{
		Period: x.Period, Number: len(x.Obligations) + 1, Kind: Payout, Payer: clearing.Custody, Payee: o.Payee,
		Covers: o.Number, Amount: minor, Status: Payable, changed: true,
	}
	var err error
	if instead.Reference, err = referenceOf(s.Circle.ID, instead); err != nil {
		return err
	}
	x.Obligations = append(x.Obligations, instead)
	a.record(s.obligationEvent(instead, PayoutPayable, minor, "covers", o.Reference))
	return nil
}

// shareLoss lets a loss fall. With organiser_first it is the organiser's, up to its
// limit; what is beyond, or else all of it, is shared over those to whom the
// settlement gives money, in proportion to their nets, by the largest remainder. If
// there is nobody, it is the organiser's.
func (s *State) shareLoss(a *posting, x *Lifecycle, o *Obligation, loss int64) {
	first := int64(0)
	if x.Policy.OrganiserFirst && o.Payer != clearing.Organiser {
		first = loss
		if x.Policy.OrganiserLimit != nil {
			first = min(loss, *x.Policy.OrganiserLimit)
		}
	}
	var creditors []Net
	for _, c := range x.Creditors {
		stays := c.Party == clearing.Organiser || (s.Shops[c.Party] != nil && !s.Shops[c.Party].Left)
		if c.Party != o.Payer && stays && !(x.Policy.OrganiserFirst && c.Party == clearing.Organiser) {
			creditors = append(creditors, c)
		}
	}
	if len(creditors) == 0 {
		first = loss
	}
	borne := make(map[string]int64)
	if first > 0 {
		borne[clearing.Organiser] += first
	}
	for i, part := range Apportion(loss-first, creditors) {
		borne[creditors[i].Party] += part
	}
	for _, party := range slices.Sorted(maps.Keys(borne)) {
		part := borne[party]
		if part == 0 {
			continue
		}
		a.move(s, clearingOf(party), allowance(o.Payer), part)
		o.Bearers = append(o.Bearers, Bearer{Party: party, Borne: part})
		a.record(Event{Type: LossShared, Period: x.Period, Party: party, Reference: o.Reference, Data: map[string]string{"amount": s.amount(part).String()}})
	}
}

// recover gives money that came after a default back to those who bore the loss, in
// proportion to what each has not got back yet.
func (s *State) recover(a *posting, o *Obligation, minor int64) {
	left := make([]Net, len(o.Bearers))
	total := int64(0)
	for i, b := range o.Bearers {
		left[i] = Net{b.Party, b.Borne - b.Recovered}
		total += left[i].Amount
	}
	for i, part := range Apportion(min(minor, total), left) {
		if part == 0 {
			continue
		}
		b := &o.Bearers[i]
		b.Recovered += part
		a.move(s, allowance(o.Payer), clearingOf(b.Party), part)
		a.record(Event{Type: LossRecovered, Period: o.Period, Party: b.Party, Reference: o.Reference, Data: map[string]string{"amount": s.amount(part).String()}})
	}
}

// Apportion shares an amount in proportion to nets that are above zero, by the
// largest remainder, ties going to the lower code. The parts sum to the amount, if
// there is anybody; and if it is at most the sum of the nets, no part is above its
// net.
func Apportion(minor int64, nets []Net) []int64 {
	parts := make([]int64, len(nets))
	whole := new(big.Int)
	for _, n := range nets {
		whole.Add(whole, big.NewInt(n.Amount))
	}
	if whole.Sign() == 0 || minor == 0 {
		return parts
	}
	remainders := make([]*big.Int, len(nets))
	rest := minor
	for i, n := range nets {
		product := new(big.Int).Mul(big.NewInt(minor), big.NewInt(n.Amount))
		quotient, remainder := new(big.Int).QuoRem(product, whole, new(big.Int))
		parts[i], remainders[i] = quotient.Int64(), remainder
		rest -= parts[i]
	}
	order := make([]int, len(nets))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(remainders[j].Cmp(remainders[i]), cmp.Compare(nets[i].Party, nets[j].Party))
	})
	for _, i := range order[:rest] {
		parts[i]++
	}
	return parts
}

// remind tells every party whose payment is due and not there, and says when it will
// be told again.
func (s *State) remind(at time.Time) *posting {
	a := newPosting(PaymentReminded)
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			if o.Outstanding() <= 0 || o.RemindAt.IsZero() || o.RemindAt.After(at) {
				continue
			}
			o.changed = true
			next := days(o.RemindAt, max(1, x.Policy.ReminderDays))
			o.RemindAt = next
			if !next.Before(o.DefaultAt) {
				o.RemindAt = never
			}
			o.Reminders++
			a.record(s.obligationEvent(o, PaymentReminded, o.Outstanding(), "reminder", itoa(int64(o.Reminders)), "default_at", o.DefaultAt.Format(time.RFC3339)))
		}
	}
	return a
}
