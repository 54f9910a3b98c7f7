package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// growth is what a few guests do on the first days, one after another, before the shops
// open: hold, take from the mall, lose, give away and give back their cards. What is left
// on each card is kept here by hand, and compared with every receipt.
type growth struct {
	*story
	guests map[string]*guestCard
	holds  map[string]string // the transaction of a guest's hold
	quotes []*spec.RefundQuote
	left   int64 // mugs in stock
}

// guestCard is a guest's card, as it should be.
type guestCard struct {
	code, member string
	value, bonus fen
	points       int64
	status       spec.CardStatus
}

// scenes are what happens before the shops open, by the day of the first month.
var scenes = map[int][]func(*growth, context.Context) error{
	2: {(*growth).guestsJoin, (*growth).holdTables},
	3: {(*growth).holdHasExpired, (*growth).takeMugs, (*growth).useCards},
	4: {(*growth).replaceLostCard, (*growth).givePresent},
	6: {(*growth).refundCards},
}

// scenesAt is the time of day of the scenes.
const scenesAt = 8*time.Hour + 10*time.Minute

func newGrowth(s *story) *growth {
	return &growth{story: s, guests: make(map[string]*guestCard), holds: make(map[string]string)}
}

// play plays the scenes of a day.
func (g *growth) play(ctx context.Context, month int, date time.Time) error {
	today := scenes[date.Day()]
	if month > 0 || len(today) == 0 {
		return nil
	}
	g.simulation.at = date.Add(scenesAt)
	if err := g.advance(ctx, g.simulation.at); err != nil {
		return err
	}
	for _, scene := range today {
		if err := scene(g, ctx); err != nil {
			return err
		}
	}
	return nil
}

// effect is what a booking should do: to the position of the shop, and to the card.
type effect struct {
	shop, value, bonus fen
	points             int64
}

// book makes a request about a guest's card, and checks what it moved.
func (g *growth) book(ctx context.Context, t *till, c *guestCard, r request, want effect) (*spec.Receipt, error) {
	receipt, err := g.ask(ctx, t, r, "")
	if err != nil {
		return nil, err
	}
	c.value, c.bonus, c.points = c.value+want.value, c.bonus+want.bonus, c.points+want.points
	got := receipt.Card
	if receipt.PositionChange != want.shop.String() || got.Card != c.code || got.Value != c.value.String() || got.Bonus != c.bonus.String() || got.Points != c.points {
		return nil, fmt.Errorf("%s of %s's card should move the shop by %s and leave %s, bonus %s and %d points, and the receipt says %+v", receipt.Type, c.member,
			want.shop, c.value, c.bonus, c.points, *receipt)
	}
	return receipt, nil
}

// ask makes a request that is booked, or refused with a code.
func (g *growth) ask(ctx context.Context, t *till, r request, code string) (*spec.Receipt, error) {
	a := &exchange{key: t.receiptNumber(), request: r, expect: code}
	if err := t.perform(ctx, a); err != nil {
		return nil, fmt.Errorf("%s, receipt %s: %w", t.name, a.key, err)
	}
	return a.answer.receipt, g.simulation.tally.count(t, a)
}

// counter returns the first till of a shop.
func (g *growth) counter(code string) *till { return g.merchant(code).counter[0] }

// guestsJoin has the guests buy cards, and some top them up.
func (g *growth) guestsJoin(ctx context.Context) error {
	for i, guest := range []struct {
		member, seller string
		amount, bonus  fen
	}{{"lin", "hotpot", 500 * yuan, 0}, {"mei", "cafe", 200 * yuan, 0}, {"hao", "gym", 300 * yuan, 15 * yuan}, {"yun", "books", 0, 0}, {"ana", "florist", 0, 0}} {
		c := &guestCard{code: fmt.Sprintf("68%06d", i+1), member: guest.member, status: spec.Active}
		g.guests[guest.member] = c
		t := g.counter(guest.seller)
		bonus := g.simulation.gifts.joined(c.code, c.member, t.merchant, g.simulation.at)
		bought := effect{shop: explorer.price/10 - explorer.price, points: welcomePoints, bonus: bonus} // a tenth is the seller's
		if _, err := g.book(ctx, t, c, sell(c.code, c.member, explorer, ""), bought); err != nil {
			return err
		}
		if guest.amount == 0 {
			continue
		}
		want := effect{shop: -guest.amount - guest.bonus, value: guest.amount, bonus: guest.bonus}
		if _, err := g.book(ctx, t, c, topUp(c.code, guest.amount, guest.bonus, true), want); err != nil {
			return err
		}
	}
	return nil
}

// What the holds reserve, and what is taken of the first.
const (
	tableHold  = 300 * yuan
	tableBill  = 268 * yuan
	voidedHold = 150 * yuan
	leftHold   = 100 * yuan
)

// holdTables has three tables at the hotpot held: one pays less, one leaves, one is
// forgotten.
func (g *growth) holdTables(ctx context.Context) error {
	t := g.counter("hotpot")
	for _, h := range []struct {
		member string
		amount fen
	}{{"lin", tableHold}, {"mei", voidedHold}, {"hao", leftHold}} {
		c := g.guests[h.member]
		receipt, err := g.book(ctx, t, c, placeHold(c.code, h.amount), effect{})
		if err != nil {
			return err
		}
		g.holds[h.member] = receipt.Transaction
	}
	if _, err := g.book(ctx, t, g.guests["lin"], captureHold(g.holds["lin"], tableBill), effect{shop: afterFee(tableBill), value: -tableBill}); err != nil {
		return err
	}
	_, err := g.book(ctx, t, g.guests["mei"], voidHold(g.holds["mei"]), effect{})
	return err
}

// afterFee is what a shop gets for an amount that it honours: 2% are the clearing fee.
func afterFee(amount fen) fen { return amount * 98 / 100 }

// holdHasExpired tries to capture the hold that was forgotten.
func (g *growth) holdHasExpired(ctx context.Context) error {
	_, err := g.ask(ctx, g.counter("hotpot"), captureHold(g.holds["hao"], leftHold), "hold_closed")
	return err
}

// useCards has guests use what they will give back.
func (g *growth) useCards(ctx context.Context) error {
	const haircut = 120 * yuan
	mei, hao := g.guests["mei"], g.guests["hao"]
	coffee, cut := &explorer.benefits[0], &explorer.benefits[2]
	if _, err := g.book(ctx, g.counter("cafe"), mei, usePass(mei.code, coffee, 1), effect{shop: afterFee(coffee.reimbursement)}); err != nil {
		return err
	}
	if _, err := g.book(ctx, g.counter("salon"), hao, usePass(hao.code, cut, 1), effect{shop: afterFee(cut.reimbursement)}); err != nil {
		return err
	}
	_, err := g.book(ctx, g.counter("salon"), hao, spend(hao.code, haircut), effect{shop: afterFee(haircut), value: -haircut})
	return err
}

// replaceLostCard gives mei's card a new number.
func (g *growth) replaceLostCard(ctx context.Context) error {
	mei := g.guests["mei"]
	lost := mei.code
	mei.code = "68000012"
	if _, err := g.book(ctx, g.simulation.hotline, mei, replaceCard(lost, mei.code), effect{}); err != nil {
		return err
	}
	_, err := g.ask(ctx, g.counter("bakery"), spend(lost, 20*yuan), "card_replaced")
	return err
}

// givePresent gives yun's card to tao.
func (g *growth) givePresent(ctx context.Context) error {
	yun := g.guests["yun"]
	_, err := g.book(ctx, g.simulation.hotline, yun, giveCard(yun.code, "tao"), effect{})
	yun.member = "tao"
	return err
}
