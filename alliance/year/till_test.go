package year_test

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/sequencer"
)

// card is a card that was sold.
type card struct {
	code    string
	home    string
	product string
}

// booked is a transaction of a till.
type booked struct {
	by     alliance.Reference
	seq    int64
	spent  int64 // minor units of a spend; else 0
	online int64 // minor units that came into custody with it
	undone bool
}

// request is an order with what follows if it is booked.
type request struct {
	sequencer.Order
	then    func(sequencer.Outcome)
	refused func()
}

// visit draws what a till, or somebody online, does.
func (c *livingAlliance) visit() request {
	switch n := c.random.IntN(100); {
	case n < 18 || len(c.cards) < 5:
		return c.sale()
	case n < 36:
		return c.topUp()
	case n < 56:
		amount := within(c.random, 1, 160_00)
		return c.till(alliance.SpendValue{Redemption: c.moment(), Card: c.card().code, Merchant: c.merchant(), Amount: yuan(amount)}, booked{spent: amount})
	case n < 64:
		k, b, merchant := c.entitled("pass")
		return c.till(alliance.UsePass{Redemption: c.moment(), Card: k.code, Merchant: merchant, Benefit: b, Count: within(c.random, 1, 2)}, booked{})
	case n < 70:
		k, b, merchant := c.entitled("coupon")
		return c.till(alliance.UseCoupon{Redemption: c.moment(), Card: k.code, Merchant: merchant, Benefit: b, Bill: yuan(within(c.random, 10_00, 200_00))}, booked{})
	case n < 82:
		return c.till(alliance.RecordPurchase{Redemption: c.moment(), Card: c.card().code, Merchant: c.merchant(), Bill: yuan(within(c.random, 1, 900_00))}, booked{})
	case n < 87:
		return c.till(alliance.SpendPoints{Redemption: c.moment(), Card: c.card().code, Merchant: c.merchant(), Points: within(c.random, 1, 300)}, booked{})
	case n < 97:
		return c.reversal()
	case n < 98:
		return c.till(alliance.FreezeCard{Card: c.card().code}, booked{undone: true})
	}
	return c.till(alliance.UnfreezeCard{Card: c.card().code}, booked{undone: true})
}

// till makes a request of a command, which is noted if it is booked.
func (c *livingAlliance) till(command alliance.Command, note booked) request {
	r := c.request("till", command)
	r.then = func(o sequencer.Outcome) { c.note(r, o, note) }
	return r
}

func (c *livingAlliance) note(r request, o sequencer.Outcome, note booked) {
	note.by, note.seq = alliance.Reference{Caller: r.Caller, Key: r.Key}, o.Seq
	if note.online != 0 {
		c.online[o.Seq] = note.online
		c.bank.balance += note.online
	}
	c.booked = append(c.booked, &note)
}

func (c *livingAlliance) sale() request {
	product := c.written.Products[c.random.IntN(len(c.written.Products))]
	sale := alliance.SellCard{Card: fmt.Sprintf("card%05d", c.made), Product: product.Code}
	note := booked{}
	home := ""
	if c.random.IntN(5) == 0 {
		note.online = c.minor(product.Price)
	} else {
		home = c.merchant()
		sale.Merchant = &home
	}
	if known := len(c.members); known > 0 && c.random.IntN(3) == 0 {
		sale.Member = c.members[c.random.IntN(known)]
	} else {
		sale.Member = fmt.Sprintf("member%05d", c.made)
	}
	if known := len(c.members); known > 0 && c.random.IntN(3) > 0 {
		if referrer := c.members[c.random.IntN(min(known, 12))]; referrer != sale.Member {
			sale.Referrer = &referrer
		}
	}
	r := c.request("till", sale)
	r.then = func(o sequencer.Outcome) {
		c.note(r, o, note)
		c.cards = append(c.cards, card{sale.Card, home, product.Code})
		c.members = append(c.members, sale.Member)
		if c.random.IntN(4) > 0 {
			c.giveAccount("member", sale.Member)
		}
	}
	return r
}

func (c *livingAlliance) topUp() request {
	k := c.card()
	amount := within(c.random, 1, 400_00)
	up, note := alliance.TopUp{Card: k.code, Amount: yuan(amount)}, booked{}
	place := k.home
	if c.random.IntN(10) == 0 {
		place = c.merchant()
	}
	if place == "" {
		note.online = amount
	} else {
		up.Merchant = &place
	}
	if c.random.IntN(3) == 0 {
		bonus := yuan(within(c.random, 0, 40_00))
		up.Bonus = &bonus
		up.BonusFundedBy = one(c.random, "", alliance.FundedByOrganiser, alliance.FundedByMerchant)
	}
	return c.till(up, note)
}

// reversal undoes something, mostly of this month and now and then of one that is
// settled already.
func (c *livingAlliance) reversal() request {
	if len(c.booked) == 0 {
		return c.till(alliance.Reverse{Of: alliance.Reference{Seq: 1}}, booked{undone: true})
	}
	first := max(0, len(c.booked)-60)
	if c.random.IntN(4) == 0 {
		first = 0
	}
	of := c.booked[first+c.random.IntN(len(c.booked)-first)]
	reverse, note := alliance.Reverse{Of: alliance.Reference{Seq: of.seq}}, booked{online: -of.online, undone: true}
	if c.random.IntN(2) == 0 {
		reverse.Of = of.by
	}
	if of.spent > 1 && c.random.IntN(2) == 0 {
		part := yuan(within(c.random, 1, of.spent))
		reverse.Amount = &part
	}
	return c.till(reverse, note)
}

// moment draws when a redemption happened: mostly now; else some hours ago, or so
// long ago that it can't be uploaded any more.
func (c *livingAlliance) moment() alliance.Redemption {
	if c.random.IntN(8) > 0 {
		return alliance.Redemption{}
	}
	at := c.now.Add(-time.Duration(within(c.random, 0, 60*60)) * time.Minute)
	return alliance.Redemption{OccurredAt: &at}
}

// card draws a card, mostly a newer one.
func (c *livingAlliance) card() card {
	if len(c.cards) == 0 {
		return card{code: "none"}
	}
	first := max(0, len(c.cards)-40)
	if c.random.IntN(5) == 0 {
		first = 0
	}
	return c.cards[first+c.random.IntN(len(c.cards)-first)]
}

func (c *livingAlliance) merchant() string {
	return c.written.Merchants[c.random.IntN(len(c.written.Merchants))].Code
}

// entitled draws a card that once had a benefit of a kind, and a shop that honours it.
func (c *livingAlliance) entitled(kind string) (card, string, string) {
	for range 20 {
		k := c.card()
		for _, p := range c.written.Products {
			if p.Code != k.product {
				continue
			}
			for _, b := range p.Benefits {
				if b.Kind != kind {
					continue
				}
				if b.Merchant != nil {
					return k, b.Code, *b.Merchant
				}
				return k, b.Code, b.Merchants[c.random.IntN(len(b.Merchants))]
			}
		}
	}
	return c.card(), "none", c.merchant()
}
