package demo

import (
	"context"
	"fmt"

	"github.com/lianka/lianka/api/spec"
)

// rung is a tier, with what a card must have spent for it.
type rung struct {
	code       string
	from       fen
	pointsRate string
	cards      int // that have it at the end
}

// ladder returns the tiers of the circle, from the lowest.
func ladder() []rung {
	return []rung{{code: "basic", pointsRate: "1"}, {code: "silver", from: 500 * yuan, pointsRate: "1.2"}, {code: "gold", from: 2000 * yuan, pointsRate: "1.5"}}
}

func tierTerms() *spec.TierTerms {
	terms := &spec.TierTerms{Measure: "spent", Months: 12}
	for _, r := range ladder() {
		terms.Ladder = append(terms.Ladder, spec.Tier{Code: r.code, From: r.from.String(), PointsRate: r.pointsRate})
	}
	return terms
}

// countSpent counts what a receipt says that a card spent, or took back of it.
func (t *tally) countSpent(r *spec.Receipt) error {
	switch r.Type {
	case "value.spent", "hold.captured", "purchase.recorded":
		t.spends[r.Transaction] = true
	case "reversed":
		if !t.spends[*r.Corrects] {
			return nil
		}
	default:
		return nil
	}
	amount, err := parseFen(*r.Amount)
	if err != nil {
		return err
	}
	if r.Type == "reversed" {
		amount = -amount
	}
	t.spent[r.Card.Card] += amount
	return nil
}

// readTiers counts the cards of each tier, and checks that each card has the tier that the
// receipts call for.
func (s *story) readTiers(ctx context.Context) error {
	s.rungs = ladder()
	limit := pageSize
	params := spec.ListCardsParams{Limit: &limit}
	for {
		answer, err := s.org.ListCardsWithResponse(ctx, &params)
		if err != nil {
			return err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if err := s.countTier(&page.Items[i]); err != nil {
				return err
			}
		}
		if page.NextCursor == nil {
			return nil
		}
		params.Cursor = page.NextCursor
	}
}

func (s *story) countTier(c *spec.Card) error {
	switch c.Status {
	case spec.Replaced, spec.Cancelled, spec.Refunded:
		return nil // it has none
	}
	spent := s.simulation.tally.spent[c.Card]
	has := &s.rungs[0]
	for i := range s.rungs {
		if spent >= s.rungs[i].from {
			has = &s.rungs[i]
		}
	}
	if c.Tier == nil || c.Tier.Code != has.code || c.Tier.Growth != spent.String() {
		return fmt.Errorf("card %s has spent %s by its receipts, so its tier is %s, and the server says %+v", c.Card, spent, has.code, c.Tier)
	}
	has.cards++
	return nil
}
