package demo

import (
	"context"
	"fmt"

	"github.com/lianka/lianka/api/spec"
)

// givenBack is a card that is given back, and what the rules say it brings.
type givenBack struct {
	member       string
	ground       spec.RefundGround
	merchant     string // which pays; "": custody does
	price, value fen
}

// refundsOfCards are one refund by each ground. ana has used nothing. mei has drunk one
// coffee, which sells at 18.00. hao's circle let him down: he has used a haircut of 25.00
// among uses of 188.00, and 120.00 of the 315.00 that he had for 300.00.
var refundsOfCards = []givenBack{
	{"ana", spec.RefundGroundCoolingOff, "florist", 199 * yuan, 0},
	{"mei", spec.RefundGroundMember, "", 181 * yuan, 200 * yuan},
	{"hao", spec.RefundGroundShop, "gym", 17254, 18571},
}

// refundCards quotes each refund, compares the quote with the rules, and books it.
func (g *growth) refundCards(ctx context.Context) error {
	for _, r := range refundsOfCards {
		c := g.guests[r.member]
		t := g.simulation.hotline
		if r.ground == spec.RefundGroundCoolingOff { // the owner of the shop that sold the card may
			t = g.merchant(r.merchant).office
		}
		body := spec.RefundQuoteRequest{Ground: r.ground}
		if r.merchant != "" {
			body.Merchant = &r.merchant
		}
		asked, err := t.asks().QuoteRefundWithResponse(ctx, c.code, body)
		if err != nil {
			return err
		}
		quote, err := expect200(asked.JSON200, asked.Body)
		if err != nil {
			return err
		}
		if quote.PricePart != r.price.String() || quote.ValuePart != r.value.String() || quote.Total != (r.price+r.value).String() {
			return fmt.Errorf("%s should be quoted %s and %s, and the server says %s and %s", r.member, r.price, r.value, quote.PricePart, quote.ValuePart)
		}
		want := effect{value: -c.value, bonus: -c.bonus, points: -c.points}
		if r.merchant != "" { // which gives back its share of the sale
			want.shop = r.price + r.value - explorer.price/10*r.price/explorer.price
		}
		if _, err := g.book(ctx, t, c, refundCard(quote), want); err != nil {
			return err
		}
		c.status = spec.Refunded
		g.quotes = append(g.quotes, quote)
	}
	return nil
}

// checkGuests compares the guests' cards, and the mugs that are left, with the server's.
func (g *growth) checkGuests(ctx context.Context) error {
	for _, c := range g.guests {
		answer, err := g.org.GetCardWithResponse(ctx, c.code)
		if err != nil {
			return err
		}
		card, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return err
		}
		if *card.Member != c.member || card.Status != c.status || card.Value != c.value.String() || card.Bonus != c.bonus.String() ||
			*card.Points != c.points || card.Available != (c.value+c.bonus).String() {
			return fmt.Errorf("card %s should be %+v, and is %+v", c.code, *c, *card)
		}
	}
	answer, err := g.org.GetItemWithResponse(ctx, mug)
	if err != nil {
		return err
	}
	item, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return err
	}
	if *item.Left != g.left {
		return fmt.Errorf("%d mugs should be left, and %d are", g.left, *item.Left)
	}
	return nil
}
