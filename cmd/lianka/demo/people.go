package demo

import (
	"time"

	"github.com/lianka/lianka/api/spec"
)

// member is somebody who has cards of the circle. Only the code is known to the server.
type member struct {
	code        string
	cards       []*card
	home        *merchant // where the first card was bought; nil: online
	preferences []int     // how much the member likes each shop, by the shop's index
	reach       int       // weight among the members as a referrer
	outings     int       // how often the member visits shops, in fifths
	turn        int       // the last turn that had a request about one of the member's cards
	link        string    // by which the member brings others; "": none yet
	sharing     bool      // it is being made
	returning   bool      // the member is about to return an unused card, and makes no visits until then
}

// card is a card with its balances according to the last receipt.
type card struct {
	code    string
	product *product
	owner   *member
	home    *merchant // nil: sold online
	seller  *till     // which sold it
	sale    string    // the transaction of its sale
	expires time.Time

	value, bonus fen
	points       int64
	gift         fen            // the bonus that a campaign gave
	left         map[string]int // uses left of each benefit
	unreversed   int            // transactions on it that are not reversed
	frozen       bool
	cancelled    bool
}

func newCard(code string, p *product, owner *member, seller *till) *card {
	c := &card{code: code, product: p, owner: owner, home: seller.merchant, seller: seller, left: make(map[string]int)}
	for i := range p.benefits {
		c.left[p.benefits[i].code] = p.benefits[i].uses
	}
	return c
}

// held is the stored value on the card, bonus included.
func (c *card) held() fen { return c.value + c.bonus }

func (c *card) expired(at time.Time) bool { return c.product.validDays > 0 && !at.Before(c.expires) }

// benefitAt returns a pass or a coupon of the card that a shop honours, or nil.
func (c *card) benefitAt(s *merchant, isPass bool) *benefit {
	for i := range c.product.benefits {
		if b := &c.product.benefits[i]; b.isPass() == isPass && b.honouredAt(s) {
			return b
		}
	}
	return nil
}

// update takes the card's balances and status from a receipt.
func (c *card) update(r *spec.Receipt) error {
	var err error
	if c.value, err = parseFen(r.Card.Value); err != nil {
		return err
	}
	if c.bonus, err = parseFen(r.Card.Bonus); err != nil {
		return err
	}
	c.points = r.Card.Points
	c.frozen = r.Card.Status == spec.Frozen
	c.cancelled = r.Card.Status == spec.Cancelled
	return nil
}

// card returns the card that a member shows: the newest that is not cancelled,
// or nil.
func (m *member) card() *card {
	for i := len(m.cards) - 1; i >= 0; i-- {
		if !m.cards[i].cancelled {
			return m.cards[i]
		}
	}
	return nil
}
