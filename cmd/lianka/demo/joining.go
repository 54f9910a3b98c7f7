package demo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// join has a new member buy a first card: at a shop or online, often because a
// friend shared a link.
func (l *life) join() {
	l.joined++
	m := &member{code: fmt.Sprintf("m%04d", l.joined), turn: l.turn, goes: 1 + l.rng.IntN(5), reach: 1}
	switch {
	case l.chance(4):
		m.reach = 60
	case l.chance(15):
		m.reach = 8
	}
	parent := l.chance(35)
	seller := l.seller(parent)
	m.home = seller.merchant
	m.likes = l.likes(m, parent)

	p := l.firstCard(m, parent)
	referrer := ""
	if friend := l.friend(); friend != nil && l.chance(55) {
		referrer = friend.code
		if l.chance(2) { // the code was passed on by telephone
			wrong := "m9" + strconv.Itoa(100+l.rng.IntN(900))
			l.do(seller, &card{owner: m}, "unknown_member", sell(l.nextCode(), m.code, p, wrong), nil)
			l.sold--
		}
	}
	c := l.sell(m, p, seller, referrer)
	switch {
	case p.price > 0 && l.chance(2):
		l.regret(c)
	case p.price > 0 && l.chance(30), p == guest && l.chance(15):
		v := visit{life: l, till: seller, card: c}
		v.topUp()
	}
}

// seller returns who sells a first card.
func (l *life) seller(parent bool) *till {
	if l.chance(28) {
		return l.online
	}
	weights := make([]int, len(l.merchants))
	for i, s := range l.merchants {
		if l.isOpen(s) {
			weights[i] = s.sells
		}
		if s.code == "kids" && !parent {
			weights[i] = 0
		}
	}
	return l.tillOf(l.merchants[l.pick(weights)])
}

// likes settles where a member goes.
func (l *life) likes(m *member, parent bool) []int {
	likes := make([]int, len(l.merchants))
	for i, s := range l.merchants {
		likes[i] = 2
		switch s.code {
		case "kids":
			likes[i] = 0
			if parent {
				likes[i] = 6
			}
		case "pets":
			likes[i] = 0
			if l.chance(25) {
				likes[i] = 6
			}
		case "dental":
			likes[i] = 1
		case "gym":
			likes[i] = 1
			if l.chance(33) {
				likes[i] = 8
			}
		}
		if s == m.home {
			likes[i] += 4
		}
	}
	likes[l.rng.IntN(len(likes))] += 5
	return likes
}

func (l *life) firstCard(m *member, parent bool) *product {
	guests := 0
	if m.home != nil {
		guests = 12
	}
	families := 4
	if parent {
		families = 40
	}
	return []*product{explorer, family, taster, guest}[l.pick([]int{52, families, 24, guests})]
}

// friend returns a member who has joined before this turn, popular ones more
// often, or nil.
func (l *life) friend() *member {
	if len(l.members) == 0 {
		return nil
	}
	weights := make([]int, len(l.members))
	for i, m := range l.members {
		weights[i] = m.reach
	}
	return l.members[l.pick(weights)]
}

// sell sells a card to a member.
func (l *life) sell(m *member, p *product, seller *till, referrer string) *card {
	c := newCard(l.nextCode(), p, m, seller)
	c.expires = l.at.Add(time.Duration(p.validDays) * 24 * time.Hour)
	l.do(seller, c, "", sell(c.code, m.code, p, referrer), func(r *spec.Receipt) {
		c.sale = r.Transaction
		if len(m.cards) == 0 {
			l.members = append(l.members, m)
		}
		m.cards = append(m.cards, c)
	})
	return c
}

func (l *life) nextCode() string {
	l.sold++
	return fmt.Sprintf("66%06d", l.sold)
}

// regret has a member hand a card back after some days without having used it.
func (l *life) regret(c *card) {
	c.owner.resign = true
	l.later(3, 5*turns, c, c.home, func() {
		l.do(c.seller, c, "", undo(c.sale, 0), func(*spec.Receipt) {
			c.owner.resign = false
			if l.chance(40) { // and tries it all the same
				l.later(2, 20, c, nil, func() {
					s := l.anyMerchant()
					l.do(l.tillOf(s), c, "card_cancelled", purchase(c.code, l.about(s.low, s.high)), nil)
				})
			}
		})
	})
}
