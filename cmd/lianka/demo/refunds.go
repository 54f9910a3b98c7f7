package demo

import "github.com/lianka/lianka/api/spec"

// refund schedules the refund of a spend: a part, which the rest may follow, or all.
func (sim *simulation) refund(c *card, t *till, s *merchant, transaction string, amount fen) {
	sim.schedule(1, 10, c, s, func() {
		part := amount / fen(2+sim.rng.IntN(3))
		if part > 0 && sim.chance(70) {
			sim.do(t, c, "", undo(transaction, part), func(*spec.Receipt) {
				if sim.chance(25) {
					sim.schedule(1, 20, c, s, func() { sim.refundAll(c, t, s, transaction) })
				}
			})
			return
		}
		sim.refundAll(c, t, s, transaction)
	})
}

// refundAll refunds what is left of a spend.
func (sim *simulation) refundAll(c *card, t *till, s *merchant, transaction string) {
	sim.do(t, c, "", undo(transaction, 0), func(*spec.Receipt) {
		c.unreversed--
		if sim.chance(30) { // a colleague who does not know of it refunds it again
			sim.schedule(1, 6, c, s, func() { sim.do(sim.tillOf(s), c, "already_reversed", undo(transaction, 0), nil) })
		}
	})
}

// returnGoods schedules the reversal of a purchase. It is refused if the member has spent
// the points that the purchase earned.
func (sim *simulation) returnGoods(c *card, t *till, s *merchant, bought *spec.Receipt) {
	sim.schedule(1, 12, c, s, func() {
		expect := ""
		if bought.Points != nil && c.points < *bought.Points {
			expect = "insufficient_points"
		}
		sim.do(t, c, expect, undo(bought.Transaction, 0), func(*spec.Receipt) { c.unreversed-- })
	})
}

// reportLostCards now and then has a member report a card as lost. Some of these cards
// are tried by their finders, and most are found again.
func (sim *simulation) reportLostCards() {
	if len(sim.members) == 0 || sim.rng.IntN(4000) >= len(sim.members) {
		return
	}
	m := sim.members[sim.rng.IntN(len(sim.members))]
	c := m.card()
	if m.turn == sim.turn || m.returning || c == nil || c.frozen {
		return
	}
	sim.do(sim.hotline, c, "", freeze(c.code), func(*spec.Receipt) {
		if sim.chance(60) {
			sim.schedule(1, 6, c, nil, func() {
				s := sim.anyMerchant()
				sim.do(sim.tillOf(s), c, "card_frozen", spend(c.code, sim.amount(s.low, s.high)), nil)
			})
		}
		if sim.chance(80) {
			sim.schedule(8, 40, c, c.home, func() { sim.do(c.seller, c, "", unfreeze(c.code), nil) })
		}
	})
}
