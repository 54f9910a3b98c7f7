package demo

import (
	"context"
	"fmt"

	"github.com/lianka/lianka/api/spec"
)

// The mall's one item: the points of the welcome gift and some cash pay for it.
const (
	mug         = "mug"
	mugPoints   = welcomePoints
	mugWorth    = 50 // fen, which the cafe is paid for it
	mugCash     = 990
	mugsAtFirst = 2
	mugsAdded   = 10
)

func (s *story) addItem(ctx context.Context) error {
	stock := mugsAtFirst
	added, err := s.org.AddItemWithResponse(ctx, spec.ItemSpec{
		Code: mug, Merchants: []string{"cafe"}, Points: mugPoints, Reimbursement: fen(mugWorth).String(), Cash: ptr(fen(mugCash).String()), Stock: &stock,
	})
	if err != nil {
		return err
	}
	_, err = expect200(added.JSON201, added.Body)
	return err
}

// takeMugs has three guests take a mug each. For the third the organiser must restock.
func (g *growth) takeMugs(ctx context.Context) error {
	t := g.counter("cafe")
	g.left = mugsAtFirst
	for _, member := range []string{"lin", "mei", "hao"} {
		c := g.guests[member]
		if g.left == 0 {
			if _, err := g.ask(ctx, t, redeemItem(c.code, mug), "out_of_stock"); err != nil {
				return err
			}
			if err := g.restock(ctx); err != nil {
				return err
			}
		}
		receipt, err := g.book(ctx, t, c, redeemItem(c.code, mug), effect{shop: afterFee(mugWorth), points: -mugPoints})
		if err != nil {
			return err
		}
		if receipt.Cash == nil || *receipt.Cash != fen(mugCash).String() {
			return fmt.Errorf("the till should ask %s for the mug, and the receipt says %+v", fen(mugCash), *receipt)
		}
		g.left--
	}
	return nil
}

// restock adds mugs.
func (g *growth) restock(ctx context.Context) error {
	params := spec.RestockItemParams{IdempotencyKey: g.office.receiptNumber()}
	answer, err := g.org.RestockItemWithResponse(ctx, mug, &params, spec.RestockSpec{Amount: mugsAdded})
	if err != nil {
		return err
	}
	restocked, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return err
	}
	if g.left += mugsAdded; restocked.Left != g.left {
		return fmt.Errorf("%d mugs should be left, and %d are", g.left, restocked.Left)
	}
	return nil
}
