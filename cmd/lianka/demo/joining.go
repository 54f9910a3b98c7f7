package demo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// join has a new member buy a first card, at a shop or online, often through a friend's
// link.
func (sim *simulation) join() {
	sim.joined++
	m := &member{code: fmt.Sprintf("m%04d", sim.joined), turn: sim.turn, outings: 1 + sim.rng.IntN(5), reach: 1}
	switch {
	case sim.chance(4):
		m.reach = 60
	case sim.chance(15):
		m.reach = 8
	}
	parent := sim.chance(35)
	seller := sim.seller(parent)
	m.home = seller.merchant
	m.preferences = sim.preferences(m, parent)

	p := sim.firstCard(m, parent)
	var referrer *member
	if friend := sim.friend(); friend != nil && sim.chance(55) {
		referrer = friend
		if sim.chance(2) { // the code was misheard on the telephone
			wrong := "m9" + strconv.Itoa(100+sim.rng.IntN(900))
			sim.do(seller, &card{owner: m}, "unknown_member", sell(sim.nextCode(), m.code, p, wrong), nil)
			sim.sold--
		}
	}
	c := sim.sell(m, p, seller, referrer)
	sim.newcomers = append(sim.newcomers, m)
	switch {
	case p.price > 0 && sim.chance(2):
		sim.returnUnusedCard(c)
	case p.price > 0 && sim.chance(30), p == guest && sim.chance(15):
		v := visit{simulation: sim, till: seller, card: c}
		v.topUp()
	}
}

// seller returns the till that sells a first card.
func (sim *simulation) seller(parent bool) *till {
	if sim.chance(28) {
		return sim.online
	}
	weights := make([]int, len(sim.merchants))
	for i, s := range sim.merchants {
		if sim.isOpen(s) {
			weights[i] = s.sells
		}
		if s.code == "kids" && !parent {
			weights[i] = 0
		}
	}
	return sim.tillOf(sim.merchants[sim.pick(weights)])
}

// preferences draws how much a member likes each shop.
func (sim *simulation) preferences(m *member, parent bool) []int {
	likes := make([]int, len(sim.merchants))
	for i, s := range sim.merchants {
		likes[i] = 2
		switch s.code {
		case "kids":
			likes[i] = 0
			if parent {
				likes[i] = 6
			}
		case "pets":
			likes[i] = 0
			if sim.chance(25) {
				likes[i] = 6
			}
		case "dental":
			likes[i] = 1
		case "gym":
			likes[i] = 1
			if sim.chance(33) {
				likes[i] = 8
			}
		}
		if s == m.home {
			likes[i] += 4
		}
	}
	likes[sim.rng.IntN(len(likes))] += 5
	return likes
}

func (sim *simulation) firstCard(m *member, parent bool) *product {
	guests := 0
	if m.home != nil {
		guests = 12
	}
	families := 4
	if parent {
		families = 40
	}
	return []*product{explorer, family, taster, guest}[sim.pick([]int{52, families, 24, guests})]
}

// friend returns a member who joined before this turn, or nil. Members of wide reach are
// picked more often.
func (sim *simulation) friend() *member {
	if len(sim.members) == 0 {
		return nil
	}
	weights := make([]int, len(sim.members))
	for i, m := range sim.members {
		weights[i] = m.reach
	}
	return sim.members[sim.pick(weights)]
}

// sell sells a card to a member, whom another may have brought.
func (sim *simulation) sell(m *member, p *product, seller *till, referrer *member) *card {
	c := newCard(sim.nextCode(), p, m, seller)
	c.expires = sim.at.Add(time.Duration(p.validDays) * 24 * time.Hour)
	request := sell(c.code, m.code, p, "")
	switch {
	case referrer == nil:
	case sim.direct:
		request = sell(c.code, m.code, p, referrer.code)
	default:
		sim.share(referrer)
		request = sellByLink(c.code, m.code, p, referrer)
	}
	sim.do(seller, c, "", request, func(r *spec.Receipt) {
		c.sale = r.Transaction
		if len(m.cards) == 0 {
			sim.members = append(sim.members, m)
			c.gift = sim.gifts.joined(c.code, m.code, c.home, sim.at)
		}
		m.cards = append(m.cards, c)
	})
	return c
}

func (sim *simulation) nextCode() string {
	sim.sold++
	return fmt.Sprintf("66%06d", sim.sold)
}

// returnUnusedCard has a member return a card some days later, without having used it.
func (sim *simulation) returnUnusedCard(c *card) {
	c.owner.returning = true
	sim.schedule(3, 5*turns, c, c.home, func() {
		sim.do(c.seller, c, "", undo(c.sale, 0), func(*spec.Receipt) {
			c.owner.returning = false
			sim.gifts.takenBack(c.gift)
			if sim.chance(40) { // the member tries to use it all the same
				sim.schedule(2, 20, c, nil, func() {
					s := sim.anyMerchant()
					sim.do(sim.tillOf(s), c, "card_cancelled", purchase(c.code, sim.amount(s.low, s.high)), nil)
				})
			}
		})
	})
}
