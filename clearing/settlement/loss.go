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
// proportion to their nets, none of which bears more than its net. What is left then, the
// organiser bears. Nobody bears what he himself owes: a loss that no other can bear stays
// a claim against the organiser.
func (s *State) shareLoss(p *posting, x *Lifecycle, o *Obligation, loss money.Amount) {
	borne := make(map[string]money.Amount)
	organiser := o.Payer != clearing.Organiser
	first := s.zero()
	if x.Policy.OrganiserFirst && organiser {
		first = loss
		if x.Policy.OrganiserLimit != nil {
			first = money.Min(loss, s.amount(*x.Policy.OrganiserLimit).Minus(s.bears(x, clearing.Organiser, o.Payer)))
		}
		if first.Sign() < 0 { // it bears what nobody else could
			first = s.zero()
		}
	}
	rest := loss.Minus(first)
	creditors := s.lossCreditors(x, o.Payer)
	for i, part := range shareUpTo(rest, creditors) {
		rest = rest.Minus(part)
		borne[creditors[i].Party] = part
	}
	if organiser {
		own := first.Plus(rest)
		if before, ok := borne[clearing.Organiser]; ok {
			own = own.Plus(before)
		}
		borne[clearing.Organiser] = own
	}
	for _, party := range slices.Sorted(maps.Keys(borne)) {
		part := borne[party]
		if part.IsZero() {
			continue
		}
		p.move(clearingOf(party), allowance(o.Payer), part)
		o.bear(party, part)
		p.record(Event{Type: LossShared, Period: x.Period, Party: party, Reference: o.Reference, Data: map[string]string{"amount": part.String()}})
	}
}

// bears returns what a party bears of a settlement's losses and has not got back: of
// those that a payer causes, or of all if payer is empty. A loss that was paid after all,
// whose obligation isn't read, was given back in full.
func (s *State) bears(x *Lifecycle, party, payer string) money.Amount {
	sum := s.zero()
	for _, o := range x.Obligations {
		for _, b := range o.Bearers {
			if b.Party == party && (payer == "" || o.Payer == payer) {
				sum = sum.Plus(b.left())
			}
		}
	}
	return sum
}

// lossCreditor is a creditor that shares in a loss, and the most that it can bear.
type lossCreditor struct {
	Net
	most money.Amount
}

// lossCreditors returns who shares in a loss that a payer causes, with what they still
// can bear: their nets, less what they bear of the settlement's other losses.
func (s *State) lossCreditors(x *Lifecycle, payer string) []lossCreditor {
	var creditors []lossCreditor
	for _, c := range x.Creditors {
		stays := c.Party == clearing.Organiser || (s.Merchants[c.Party] != nil && !s.Merchants[c.Party].Left)
		if c.Party == payer || !stays || (x.Policy.OrganiserFirst && c.Party == clearing.Organiser) {
			continue
		}
		if most := c.Amount.Minus(s.bears(x, c.Party, "")); most.Sign() > 0 {
			creditors = append(creditors, lossCreditor{c, most})
		}
	}
	return creditors
}

// shareUpTo shares an amount in proportion to nets, as [Apportion] does, but gives nobody
// more than the most that it can bear: what is over is shared among the others. The parts
// sum to less than the amount only if all bear their most.
func shareUpTo(amount money.Amount, creditors []lossCreditor) []money.Amount {
	parts := make([]money.Amount, len(creditors))
	open := make([]int, len(creditors)) // who has not reached its most
	for i := range creditors {
		parts[i], open[i] = amount.Currency().Zero(), i
	}
	for rest := amount; rest.Sign() > 0 && len(open) > 0; {
		nets := make([]Net, len(open))
		for k, i := range open {
			nets[k] = creditors[i].Net
		}
		shares := Apportion(rest, nets)
		var below []int
		over := false
		for k, i := range open {
			if shares[k].Cmp(creditors[i].most) <= 0 {
				below = append(below, i)
				continue
			}
			over = true
			parts[i], rest = creditors[i].most, rest.Minus(creditors[i].most)
		}
		if !over {
			for k, i := range open {
				parts[i] = shares[k]
			}
			break
		}
		open = below
	}
	return parts
}

// recover distributes money that came after a default to those who bore the loss, in
// proportion to what they have not got back yet.
func (s *State) recover(p *posting, o *Obligation, amount money.Amount) {
	left := make([]Net, len(o.Bearers))
	total := s.zero()
	for i, b := range o.Bearers {
		left[i] = Net{b.Party, b.left()}
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
