package demo

import (
	"time"

	"github.com/lianka/lianka/api/spec"
)

// member is somebody who has cards of the circle. The story knows more of a
// member than the books do, which have the code alone.
type member struct {
	code   string
	cards  []*card
	home   *merchant // where the first card was bought; nil: online
	likes  []int     // how much the member goes to each shop, by the shop's place
	reach  int       // how many friends listen
	goes   int       // how often the member goes out, compared with others
	turn   int       // the turn in which the member was last seen
	resign bool      // the card is to be handed back unused; the member waits for that
}

// card is a card as the story knows it: what the last receipt said.
type card struct {
	code    string
	product *product
	owner   *member
	home    *merchant // nil: sold online
	seller  *till     // who sold it
	sale    string    // the transaction
	expires time.Time

	value, bonus fen
	points       int64
	left         map[string]int // uses left of each benefit
	standing     int            // transactions on it that are not reversed
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

// note takes over what a receipt says of the card.
func (c *card) note(r *spec.Receipt) error {
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
