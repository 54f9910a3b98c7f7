package settlement

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// LossRecovered is the type of the event of a loss that was paid back in part.
const LossRecovered = "loss.recovered"

// shareLoss shares a loss. With organiser_first the organiser bears it up to its limit.
// The rest, or all of it otherwise, is shared among the settlement's creditors in
// proportion to their nets, by the largest remainder. Without creditors the organiser
// bears it.
func (s *State) shareLoss(p *posting, x *Lifecycle, o *Obligation, loss money.Amount) {
	first := s.zero()
	if x.Policy.OrganiserFirst && o.Payer != clearing.Organiser {
		first = loss
		if x.Policy.OrganiserLimit != nil {
			first = money.Min(loss, s.amount(*x.Policy.OrganiserLimit))
		}
	}
	var creditors []Net
	for _, c := range x.Creditors {
		stays := c.Party == clearing.Organiser || (s.Merchants[c.Party] != nil && !s.Merchants[c.Party].Left)
		if c.Party != o.Payer && stays && !(x.Policy.OrganiserFirst && c.Party == clearing.Organiser) {
			creditors = append(creditors, c)
		}
	}
	if len(creditors) == 0 {
		first = loss
	}
	borne := make(map[string]money.Amount)
	if first.Sign() > 0 {
		borne[clearing.Organiser] = first
	}
	for i, part := range Apportion(loss.Minus(first), creditors) {
		party := creditors[i].Party
		if before, ok := borne[party]; ok {
			part = part.Plus(before)
		}
		borne[party] = part
	}
	for _, party := range slices.Sorted(maps.Keys(borne)) {
		part := borne[party]
		if part.IsZero() {
			continue
		}
		p.move(clearingOf(party), allowance(o.Payer), part)
		o.Bearers = append(o.Bearers, Bearer{Party: party, Borne: part, Recovered: s.zero()})
		p.record(Event{Type: LossShared, Period: x.Period, Party: party, Reference: o.Reference, Data: map[string]string{"amount": part.String()}})
	}
}

// recover distributes money that came after a default to those who bore the loss, in
// proportion to what they have not got back yet.
func (s *State) recover(p *posting, o *Obligation, amount money.Amount) {
	left := make([]Net, len(o.Bearers))
	total := s.zero()
	for i, b := range o.Bearers {
		left[i] = Net{b.Party, b.Borne.Minus(b.Recovered)}
		total = total.Plus(left[i].Amount)
	}
	for i, part := range Apportion(money.Min(amount, total), left) {
		if part.IsZero() {
			continue
		}
		b := &o.Bearers[i]
		b.Recovered = b.Recovered.Plus(part)
		p.move(allowance(o.Payer), clearingOf(b.Party), part)
		p.record(Event{Type: LossRecovered, Period: o.Period, Party: b.Party, Reference: o.Reference, Data: map[string]string{"amount": part.String()}})
	}
}

// Apportion shares an amount in proportion to nets that are above zero, by the
// largest remainder, ties going to the lower code. The parts sum to the amount, if
// there is anybody; and if it is at most the sum of the nets, no part is above its
// net.
func Apportion(amount money.Amount, nets []Net) []money.Amount {
	currency := amount.Currency()
	parts := make([]money.Amount, len(nets))
	whole := new(big.Int)
	for i, n := range nets {
		parts[i] = currency.Zero()
		whole.Add(whole, big.NewInt(n.Amount.Minor()))
	}
	if whole.Sign() == 0 || amount.IsZero() {
		return parts
	}
	remainders := make([]*big.Int, len(nets))
	rest := amount
	for i, n := range nets {
		product := new(big.Int).Mul(big.NewInt(amount.Minor()), big.NewInt(n.Amount.Minor()))
		quotient, remainder := new(big.Int).QuoRem(product, whole, new(big.Int))
		parts[i], remainders[i] = currency.Minor(quotient.Int64()), remainder
		rest = rest.Minus(parts[i])
	}
	order := make([]int, len(nets))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(remainders[j].Cmp(remainders[i]), cmp.Compare(nets[i].Party, nets[j].Party))
	})
	for _, i := range order[:rest.Minor()] {
		parts[i] = parts[i].Plus(currency.Minor(1))
	}
	return parts
}
