package demo

import "github.com/lianka/lianka/api/spec"

// visitShops has members visit shops.
func (sim *simulation) visitShops() {
	turn := sim.turn % turns
	// This rate makes a member visit a shop every five days or so, at weekends more often.
	const tries, in = 18, 1_000_000
	expected := len(sim.members) * sim.footfall(turn, sim.holiday) * tries
	n := expected / in
	if sim.rng.IntN(in) < expected%in {
		n++
	}
	for range n {
		m := sim.members[sim.rng.IntN(len(sim.members))]
		if m.turn == sim.turn || m.returning || sim.rng.IntN(5) >= m.outings {
			continue
		}
		if c := m.card(); c != nil {
			s := sim.destination(m, c)
			v := visit{simulation: sim, till: sim.tillOf(s), card: c, merchant: s}
			v.held, v.points = c.held(), c.points
			v.queueRequests()
		}
	}
}

// destination returns the shop that a member visits: by preference, and rather where the
// card has a pass.
func (sim *simulation) destination(m *member, c *card) *merchant {
	weights := make([]int, len(sim.merchants))
	for i, s := range sim.merchants {
		weights[i] = s.busy(sim.turn%turns, sim.holiday) * m.preferences[i]
		if b := c.benefitAt(s, true); b != nil && c.left[b.code] > 0 {
			weights[i] *= 2
		}
	}
	weights[0]++ // so that there is a choice even if the member likes none of the open shops
	return sim.merchants[sim.pick(weights)]
}

// visit is a member at a till. held and points are the card's balances after the requests
// that are planned already.
type visit struct {
	*simulation
	till     *till
	merchant *merchant
	card     *card
	held     fen
	points   int64
}

// do queues a request about the card at the till.
func (v *visit) do(expect string, r request, then func(*spec.Receipt)) *exchange {
	return v.simulation.do(v.till, v.card, expect, r, then)
}

// queueRequests queues the requests of the visit.
func (v *visit) queueRequests() {
	c := v.card
	if c.frozen {
		if v.chance(15) { // the member forgot having reported the card as lost
			v.do("card_frozen", purchase(c.code, v.amount(v.merchant.low, v.merchant.high)), nil)
		}
		return
	}
	if c.product == taster && c.expired(v.at) && c.held() == 0 && v.chance(40) {
		v.sell(c.owner, explorer, v.till, nil)
		return
	}
	v.makeMistakes()
	if v.pass() && !v.chance(30) {
		return
	}
	bill := v.amount(v.merchant.low, v.merchant.high)
	bill -= v.coupon(bill)
	bill -= v.payWithPoints(bill)
	if bill > 0 {
		v.pay(bill)
	}
}

// makeMistakes queues requests that are refused, such as one for a mistyped card.
func (v *visit) makeMistakes() {
	c := v.card
	switch n := v.rng.IntN(1000); {
	case n < 4: // a digit too many
		v.do("unknown_card", purchase(c.code+"0", v.amount(v.merchant.low, v.merchant.high)), nil)
	case n < 7:
		for i := range c.product.benefits {
			b := &c.product.benefits[i]
			if b.isPass() && !b.honouredAt(v.merchant) && !c.expired(v.at) && c.left[b.code] > 0 {
				v.do("wrong_merchant", usePass(c.code, b, 1), nil)
				return
			}
		}
	case n < 8 && v.till.number > 0: // the till restarted and reuses its last receipt number
		v.till.number--
		v.do("idempotency_conflict", purchase(c.code, 1), nil).delivery = delivered
	case n < 10 && c.unreversed > 0 && c.home == v.merchant: // the member wants to return a used card
		v.do("card_in_use", undo(c.sale, 0), nil)
	}
}

// pass uses a pass if the card has one here, and reports whether it did.
func (v *visit) pass() bool {
	c := v.card
	b := c.benefitAt(v.merchant, true)
	if b == nil {
		return false
	}
	left := c.left[b.code]
	note := func(r *spec.Receipt) { c.left[b.code] = *r.UsesLeft }
	switch {
	case c.expired(v.at):
		if v.chance(25) {
			v.do("card_expired", usePass(c.code, b, 1), nil)
		}
		return false
	case left == 0:
		if v.chance(5) {
			v.do("benefit_exhausted", usePass(c.code, b, 1), nil)
		}
		return false
	case !v.chance(75):
		return false
	case left >= 2 && v.chance(4): // two uses are booked instead of one, and reversed at once
		wrong := v.do("", usePass(c.code, b, 2), note)
		v.do("", undoReceipt(wrong.key), func(r *spec.Receipt) {
			note(r)
			c.unreversed--
		})
		v.do("", usePass(c.code, b, 1), note)
	case left >= 2 && v.merchant.code == "kids" && v.chance(50): // two children
		v.do("", usePass(c.code, b, 2), note)
	default:
		v.do("", usePass(c.code, b, 1), note)
	}
	return true
}

// coupon uses a coupon if the card has one here, and returns the discount.
func (v *visit) coupon(bill fen) fen {
	c := v.card
	b := c.benefitAt(v.merchant, false)
	if b == nil || c.left[b.code] == 0 || c.expired(v.at) {
		return 0
	}
	if bill < max(b.threshold, b.discount) {
		if v.chance(30) {
			v.do("below_threshold", useCoupon(c.code, b, bill), nil)
		}
		return 0
	}
	if !v.chance(80) {
		return 0
	}
	v.do("", useCoupon(c.code, b, bill), func(r *spec.Receipt) { c.left[b.code] = *r.UsesLeft })
	return b.discount
}

// payWithPoints may pay a part of the bill with points. It returns that part.
func (v *visit) payWithPoints(bill fen) fen {
	hundreds := min(v.points, int64(bill)) / 100
	if hundreds < 3 || !v.chance(25) {
		return 0
	}
	if v.chance(5) { // the member thinks that there are more
		v.do("insufficient_points", spendPoints(v.card.code, v.points+100), nil)
	}
	points := hundreds * 100
	v.do("", spendPoints(v.card.code, points), nil)
	v.points -= points
	return fen(points) * pointWorth
}

// pay pays the bill with stored value, by other means, or both.
func (v *visit) pay(bill fen) {
	switch {
	case v.held >= bill && v.chance(85):
		v.spend(bill)
	case v.held > 0 && v.held < bill && v.chance(40):
		if v.chance(50) {
			v.do("insufficient_value", spend(v.card.code, bill), nil)
		}
		if v.chance(45) && v.topUp() && v.held >= bill {
			v.spend(bill)
			return
		}
		rest := bill - v.held
		v.spend(v.held)
		v.buy(rest)
	case v.held < bill && v.chance(7) && v.topUp() && v.held >= bill:
		v.spend(bill)
	default:
		v.buy(bill)
	}
}

func (v *visit) spend(bill fen) {
	c, t, s := v.card, v.till, v.merchant
	v.held -= bill
	v.do("", spend(c.code, bill), func(r *spec.Receipt) {
		if v.chance(4) {
			v.refund(c, t, s, r.Transaction, bill)
		}
	})
}

func (v *visit) buy(bill fen) {
	c, t, s := v.card, v.till, v.merchant
	v.points += int64(bill / yuan * perUnit)
	v.do("", purchase(c.code, bill), func(r *spec.Receipt) {
		if v.chance(2) {
			v.returnGoods(c, t, s, r)
		}
	})
}

// offers are the top-ups on offer, with their bonus.
var offers = []struct {
	amount, bonus fen
	often         int
}{{200 * yuan, 0, 3}, {300 * yuan, 15 * yuan, 5}, {500 * yuan, 40 * yuan, 4}, {1000 * yuan, 100 * yuan, 2}}

// topUp tops the card up, and reports whether it did: not all shops sell stored value,
// and a card has a limit.
func (v *visit) topUp() bool {
	weights := make([]int, len(offers))
	for i := range offers {
		weights[i] = offers[i].often
	}
	offer := offers[v.pick(weights)]
	at := v.till.merchant
	if at != nil && !at.topsUp {
		return false
	}
	sponsored := at != nil && at.sponsors
	if v.chance(3) { // a zero too many
		if v.held+10*(offer.amount+offer.bonus) > valueLimit {
			v.do("over_value_limit", topUp(v.card.code, 10*offer.amount, 10*offer.bonus, sponsored), nil)
		}
	}
	if v.held+offer.amount+offer.bonus > valueLimit {
		return false
	}
	v.do("", topUp(v.card.code, offer.amount, offer.bonus, sponsored), nil)
	v.held += offer.amount + offer.bonus
	return true
}
