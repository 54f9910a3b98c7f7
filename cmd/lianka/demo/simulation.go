package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// simulation simulates the members of the circle. For each turn it plans the requests of
// every till, and afterwards records their results. It is used by one goroutine, which
// makes its random draws the same in each run of a seed.
type simulation struct {
	rng       *rand.Rand
	merchants []*merchant
	online    *till // sells and tops up cards without a shop
	hotline   *till // where members report lost cards

	direct    bool      // referrers are named at the till, instead of by links
	sharers   []*member // who are to get a link for this turn
	newcomers []*member // who are to be registered when they have their cards

	joins     []int // how many members join in each turn
	members   []*member
	joined    int // members, those of this turn included
	sold      int // cards, those of this turn included
	followUps []followUp

	turn    int // counted from the first of the first day
	at      time.Time
	holiday bool
	tally   tally
	gifts   gifts
}

// followUp is a later event of a card, such as a refund.
type followUp struct {
	due      int       // the first turn in which it may happen
	card     *card     // whose owner must not be busy in that turn
	merchant *merchant // which must be open; nil: it needs no shop
	plan     func()
}

func newSimulation(seed uint64, merchants []*merchant, online, hotline *till) *simulation {
	return &simulation{rng: rand.New(rand.NewPCG(seed, 0x6c69616e6b61)), merchants: merchants, online: online, hotline: hotline, tally: newTally(), gifts: newGifts()}
}

// scheduleJoins spreads the joining of so many members over some days.
func (sim *simulation) scheduleJoins(members int, first time.Time, days int) {
	weights := make([]int, 0, days*turns)
	for day := range days {
		date := first.AddDate(0, 0, day)
		weight := 2
		switch {
		case day < 3:
			weight = 12
		case day < 14:
			weight = 6
		case day < 30:
			weight = 3
		case isHoliday(date):
			weight = 5
		}
		for turn := range turns {
			weights = append(weights, weight*sim.footfall(turn, isHoliday(date)))
		}
	}
	sim.joins = make([]int, len(weights))
	for range members {
		sim.joins[sim.pick(weights)]++
	}
}

// isHoliday reports whether shops are as busy as at a weekend: at weekends, at
// Mid-Autumn 2026 and in the National Day week.
func isHoliday(date time.Time) bool {
	switch {
	case date.Weekday() == time.Saturday, date.Weekday() == time.Sunday:
		return true
	case date.Month() == time.October && date.Day() <= 7:
		return true
	}
	return date.Year() == 2026 && date.Month() == time.September && date.Day() == 25
}

// footfall is how busy all shops are together in a turn of the day.
func (sim *simulation) footfall(turn int, holiday bool) int {
	sum := 0
	for _, s := range sim.merchants {
		sum += s.busy(turn, holiday)
	}
	return sum
}

// plan fills the tills' queues for a turn.
func (sim *simulation) plan(turn int, at time.Time) {
	sim.turn, sim.at, sim.holiday = turn, at, isHoliday(at)
	for t := range sim.tills {
		t.queue = nil
	}
	sim.runFollowUps()
	for range sim.joins[turn] {
		sim.join()
	}
	sim.reportLostCards()
	sim.visitShops()
}

// tills iterates over all tills, the organiser's too, in a fixed order.
func (sim *simulation) tills(yield func(*till) bool) {
	for _, s := range sim.merchants {
		for _, t := range s.counter {
			if !yield(t) {
				return
			}
		}
	}
	_ = yield(sim.online) && yield(sim.hotline)
}

// recordResults records the turn's results, in the order of the tills.
func (sim *simulation) recordResults() error {
	for t := range sim.tills {
		for _, a := range t.queue {
			if err := sim.tally.count(t, a); err != nil {
				return err
			}
			r := a.answer.receipt
			if r == nil {
				continue
			}
			if err := a.card.update(r); err != nil {
				return err
			}
			switch r.Type {
			case "card.topped_up", "value.spent", "pass.used", "coupon.used", "purchase.recorded", "points.spent":
				a.card.unreversed++
			}
			if a.onBooked != nil {
				a.onBooked(r)
			}
		}
	}
	return nil
}

// do queues a request about a card at a till. expect is the code of the refusal that the
// rules call for, or "".
func (sim *simulation) do(t *till, c *card, expect string, r request, then func(*spec.Receipt)) *exchange {
	a := &exchange{key: t.receiptNumber(), card: c, request: r, expect: expect, onBooked: then}
	switch n := sim.rng.IntN(1000); {
	case n < 10:
		a.delivery = lost
	case n < 16:
		a.delivery = doubled
	}
	t.queue = append(t.queue, a)
	c.owner.turn = sim.turn
	return a
}

// schedule plans a follow-up between least and most turns from now.
func (sim *simulation) schedule(least, most int, c *card, at *merchant, plan func()) {
	sim.followUps = append(sim.followUps, followUp{due: sim.turn + least + sim.rng.IntN(most-least+1), card: c, merchant: at, plan: plan})
}

// runFollowUps plans the follow-ups that are due and possible. The others wait.
func (sim *simulation) runFollowUps() {
	waiting := sim.followUps
	sim.followUps = nil
	for _, m := range waiting {
		if m.due > sim.turn || m.card.owner.turn == sim.turn || m.merchant != nil && !sim.isOpen(m.merchant) {
			sim.followUps = append(sim.followUps, m)
			continue
		}
		m.card.owner.turn = sim.turn
		m.plan()
	}
}

func (sim *simulation) isOpen(s *merchant) bool { return s.pattern[sim.turn%turns] > 0 }

// tillOf returns a till of a shop.
func (sim *simulation) tillOf(s *merchant) *till { return s.counter[sim.rng.IntN(len(s.counter))] }

// anyMerchant returns a shop that is open.
func (sim *simulation) anyMerchant() *merchant {
	weights := make([]int, len(sim.merchants))
	for i, s := range sim.merchants {
		weights[i] = s.busy(sim.turn%turns, sim.holiday)
	}
	return sim.merchants[sim.pick(weights)]
}

// chance returns true with a probability in percent.
func (sim *simulation) chance(percent int) bool { return sim.rng.IntN(100) < percent }

// pick returns a random index by weight. At least one weight must be positive.
func (sim *simulation) pick(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := sim.rng.IntN(sum)
	return slices.IndexFunc(weights, func(w int) bool {
		n -= w
		return n < 0
	})
}

// amount returns a random amount between two, small ones more often. Most are whole yuan,
// as prices are.
func (sim *simulation) amount(low, high fen) fen {
	span := int64((high - low) / yuan)
	n := min(sim.rng.Int64N(span+1), sim.rng.Int64N(span+1))
	amount := low + fen(n)*yuan
	if sim.chance(30) {
		amount -= 10 * fen(1+sim.rng.IntN(5)) // 38.90 rather than 39.00
	}
	return amount
}
