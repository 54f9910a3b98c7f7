package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// life is what goes on in the circle. In each turn it says what every till does,
// and afterwards takes note of what came of it. All chance is its own, and it is
// used by one goroutine.
type life struct {
	rng       *rand.Rand
	merchants []*merchant
	online    *till // where cards are sold and topped up without a shop
	desk      *till // the organiser's telephone

	joins   []int // how many members join in each turn
	members []*member
	joined  int // members, those of this turn included
	sold    int // cards, those of this turn included
	mishaps []mishap

	turn    int // counted from the first of the first day
	at      time.Time
	holiday bool
	tally   tally
}

// mishap is what goes wrong later, with a card that is free then.
type mishap struct {
	due      int       // the first turn in which it may happen
	card     *card     // nobody else has it in hand in that turn
	merchant *merchant // which must be open; nil: it needs no shop
	plan     func()
}

func newLife(seed uint64, merchants []*merchant, online, desk *till) *life {
	return &life{rng: rand.New(rand.NewPCG(seed, 0x6c69616e6b61)), merchants: merchants, online: online, desk: desk, tally: newTally()}
}

// invite settles when so many members join, over some days.
func (l *life) invite(members int, first time.Time, days int) {
	weights := make([]int, 0, days*turns)
	for day := range days {
		date := first.AddDate(0, 0, day)
		eager := 2
		switch {
		case day < 3:
			eager = 12
		case day < 14:
			eager = 6
		case day < 30:
			eager = 3
		case isHoliday(date):
			eager = 5
		}
		for turn := range turns {
			weights = append(weights, eager*l.bustle(turn, isHoliday(date)))
		}
	}
	l.joins = make([]int, len(weights))
	for range members {
		l.joins[l.pick(weights)]++
	}
}

// isHoliday reports whether shops have their weekend trade: at weekends, on
// Mid-Autumn's days of 2026, and in the National Day week.
func isHoliday(date time.Time) bool {
	switch {
	case date.Weekday() == time.Saturday, date.Weekday() == time.Sunday:
		return true
	case date.Month() == time.October && date.Day() <= 7:
		return true
	}
	return date.Year() == 2026 && date.Month() == time.September && date.Day() == 25
}

// bustle is how busy all shops are together in a turn of the day.
func (l *life) bustle(turn int, holiday bool) int {
	sum := 0
	for _, s := range l.merchants {
		sum += s.busy(turn, holiday)
	}
	return sum
}

// plan fills the tills' queues for a turn.
func (l *life) plan(turn int, at time.Time) {
	l.turn, l.at, l.holiday = turn, at, isHoliday(at)
	for t := range l.tills {
		t.queue = nil
	}
	l.haveMishaps()
	for range l.joins[turn] {
		l.join()
	}
	l.loseCards()
	l.goOut()
}

// tills goes over all tills, the organiser's too, in a fixed order.
func (l *life) tills(yield func(*till) bool) {
	for _, s := range l.merchants {
		for _, t := range s.counter {
			if !yield(t) {
				return
			}
		}
	}
	_ = yield(l.online) && yield(l.desk)
}

// takeNote records the turn's results, in the order of the tills.
func (l *life) takeNote() error {
	for t := range l.tills {
		for _, a := range t.queue {
			if err := l.tally.count(t, a); err != nil {
				return err
			}
			r := a.answer.receipt
			if r == nil {
				continue
			}
			if err := a.card.note(r); err != nil {
				return err
			}
			switch r.Type {
			case "card.topped_up", "value.spent", "pass.used", "coupon.used", "purchase.recorded", "points.spent":
				a.card.standing++
			}
			if a.then != nil {
				a.then(r)
			}
		}
	}
	return nil
}

// do queues a request about a card at a till. expect is the refusal that the
// rules foresee, if any.
func (l *life) do(t *till, c *card, expect string, r request, then func(*spec.Receipt)) *act {
	a := &act{key: t.receiptNumber(), card: c, request: r, expect: expect, then: then}
	switch n := l.rng.IntN(1000); {
	case n < 10:
		a.sent = lost
	case n < 16:
		a.sent = doubled
	}
	t.queue = append(t.queue, a)
	c.owner.turn = l.turn
	return a
}

// later has something go wrong in some turns from now.
func (l *life) later(least, most int, c *card, at *merchant, plan func()) {
	l.mishaps = append(l.mishaps, mishap{due: l.turn + least + l.rng.IntN(most-least+1), card: c, merchant: at, plan: plan})
}

// haveMishaps plays the mishaps that are due and possible.
func (l *life) haveMishaps() {
	waiting := l.mishaps
	l.mishaps = nil
	for _, m := range waiting {
		if m.due > l.turn || m.card.owner.turn == l.turn || m.merchant != nil && !l.isOpen(m.merchant) {
			l.mishaps = append(l.mishaps, m)
			continue
		}
		m.card.owner.turn = l.turn
		m.plan()
	}
}

func (l *life) isOpen(s *merchant) bool { return s.rhythm[l.turn%turns] > 0 }

// tillOf returns a till of a shop.
func (l *life) tillOf(s *merchant) *till { return s.counter[l.rng.IntN(len(s.counter))] }

// anyMerchant returns a shop that is open.
func (l *life) anyMerchant() *merchant {
	weights := make([]int, len(l.merchants))
	for i, s := range l.merchants {
		weights[i] = s.busy(l.turn%turns, l.holiday)
	}
	return l.merchants[l.pick(weights)]
}

// chance is true with the given probability in percent.
func (l *life) chance(percent int) bool { return l.rng.IntN(100) < percent }

// pick returns an index as often as its weight says; one weight at least is above
// zero.
func (l *life) pick(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := l.rng.IntN(sum)
	return slices.IndexFunc(weights, func(w int) bool {
		n -= w
		return n < 0
	})
}

// about returns an amount between two, small ones more often, without fen as
// prices mostly are.
func (l *life) about(low, high fen) fen {
	span := int64((high - low) / yuan)
	n := min(l.rng.Int64N(span+1), l.rng.Int64N(span+1))
	amount := low + fen(n)*yuan
	if l.chance(30) {
		amount -= 10 * fen(1+l.rng.IntN(5)) // 38.90 rather than 39.00
	}
	return amount
}
