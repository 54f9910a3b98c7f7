package demo

import "github.com/lianka/lianka/api/spec"

// refund takes a spend back later: a part of it, the rest too, or all.
func (l *life) refund(c *card, t *till, s *merchant, transaction string, amount fen) {
	l.later(1, 10, c, s, func() {
		part := amount / fen(2+l.rng.IntN(3))
		if part > 0 && l.chance(70) {
			l.do(t, c, "", undo(transaction, part), func(*spec.Receipt) {
				if l.chance(25) {
					l.later(1, 20, c, s, func() { l.refundAll(c, t, s, transaction) })
				}
			})
			return
		}
		l.refundAll(c, t, s, transaction)
	})
}

// refundAll refunds what is left of a spend.
func (l *life) refundAll(c *card, t *till, s *merchant, transaction string) {
	l.do(t, c, "", undo(transaction, 0), func(*spec.Receipt) {
		c.standing--
		if l.chance(30) { // a colleague who does not know of it refunds it again
			l.later(1, 6, c, s, func() { l.do(l.tillOf(s), c, "already_reversed", undo(transaction, 0), nil) })
		}
	})
}

// bringBack has a member bring back what was bought. The points of the purchase
// go back too, if they are still there.
func (l *life) bringBack(c *card, t *till, s *merchant, bought *spec.Receipt) {
	l.later(1, 12, c, s, func() {
		expect := ""
		if bought.Points != nil && c.points < *bought.Points {
			expect = "insufficient_points"
		}
		l.do(t, c, expect, undo(bought.Transaction, 0), func(*spec.Receipt) { c.standing-- })
	})
}

// loseCards has members report cards as lost. Some are tried by who found them,
// and most come back.
func (l *life) loseCards() {
	if len(l.members) == 0 || l.rng.IntN(4000) >= len(l.members) {
		return
	}
	m := l.members[l.rng.IntN(len(l.members))]
	c := m.card()
	if m.turn == l.turn || m.resign || c == nil || c.frozen {
		return
	}
	l.do(l.desk, c, "", freeze(c.code), func(*spec.Receipt) {
		if l.chance(60) {
			l.later(1, 6, c, nil, func() {
				s := l.anyMerchant()
				l.do(l.tillOf(s), c, "card_frozen", spend(c.code, l.about(s.low, s.high)), nil)
			})
		}
		if l.chance(80) {
			l.later(8, 40, c, c.home, func() { l.do(c.seller, c, "", unfreeze(c.code), nil) })
		}
	})
}
