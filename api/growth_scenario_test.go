package api_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
)

// TestScenariosOfGrowthThroughTheAPI is TestScenariosThroughTheAPI for holds, replaced and given
// cards, gifts, tiers, the mall and refunds. Each refund is quoted first and booked with the
// figures of its quote.
func TestScenariosOfGrowthThroughTheAPI(t *testing.T) {
	t.Parallel()
	names := []string{"growth-hands", "growth-tiers", "growth-town-a", "growth-town-b", "growth-town-c", "growth-town-d"}
	if testing.Short() {
		names = names[:2]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newPlay(t, filepath.Join(scenarios, name)).run()
		})
	}
}

// setUpGrowth sets a circle up with all that circle.yaml may have.
func (p *play) setUpGrowth(written scenario.Alliance) {
	p.t.Helper()
	ctx, id := p.t.Context(), p.alliance.ID
	p.write(func(tx clearing.Tx) error {
		_, err := store.SetTerms(ctx, tx, id, written.Terms, p.clock)
		return err
	})
	for _, s := range written.Merchants {
		merchant, err := p.c.AdmitShopWithResponse(ctx, convert[spec.Shop](p.t, s))
		ok(p.t, merchant.JSON201, merchant.ApplicationProblemJSONDefault, err)
	}
	p.write(func(tx clearing.Tx) error {
		for _, d := range written.Products {
			if _, err := store.AddProduct(ctx, tx, id, d, p.clock); err != nil {
				return err
			}
		}
		for _, d := range written.Campaigns {
			if _, err := store.AddCampaign(ctx, tx, id, d, p.clock); err != nil {
				return err
			}
		}
		for _, d := range written.Mall {
			if _, err := store.AddItem(ctx, tx, id, d, p.clock); err != nil {
				return err
			}
		}
		return nil
	})
}

// compareGrowth compares what the API says of tiers, coupons and holds, and the sums of
// campaigns and items, with the files that the scenario expects.
func (p *play) compareGrowth() {
	p.t.Helper()
	var tiers, gifts [][]string
	for cursor := (*string)(nil); ; {
		page, err := p.c.ListCardsWithResponse(p.t.Context(), &spec.ListCardsParams{Cursor: cursor, Limit: pointer(37)})
		list := ok(p.t, page.JSON200, page.ApplicationProblemJSONDefault, err)
		for _, c := range list.Items {
			if c.Tier != nil && c.Status != spec.Replaced && c.Status != spec.Cancelled && c.Status != spec.Refunded {
				tiers = append(tiers, []string{c.Card, c.Tier.Code, c.Tier.Growth})
			}
			if c.Coupons == nil {
				continue
			}
			coupons := slices.Clone(*c.Coupons)
			slices.SortStableFunc(coupons, func(a, b spec.GiftCouponLeft) int {
				if a.Code != b.Code {
					return compareText(a.Code, b.Code)
				}
				return a.ExpiresAt.Truncate(time.Second).Compare(b.ExpiresAt.Truncate(time.Second))
			})
			for _, held := range coupons {
				gifts = append(gifts, []string{c.Card, held.Code, held.ExpiresAt.UTC().Format("2006-01-02T15:04:05Z"), strconv.Itoa(held.UsesLeft)})
			}
		}
		if cursor = list.NextCursor; cursor == nil {
			break
		}
	}
	if p.written.Terms.Tiers != nil {
		p.compare("tiers.csv", "card,tier,growth", tiers)
	}
	if p.written.Campaigns != nil {
		p.compare("gifts.csv", "card,coupon,expires_at,uses", gifts)
		p.compare("campaigns.csv", "campaign,given,committed", p.campaigns())
	}
	if p.written.Mall != nil {
		p.compare("items.csv", "item,redeemed,stock", p.items())
	}
	if holds := p.holds(); len(holds) > 0 {
		p.compare("holds.csv", "id,card,merchant,amount,captured,state", holds)
	}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (p *play) campaigns() (rows [][]string) {
	p.t.Helper()
	sums, err := store.CampaignSums(p.t.Context(), p.db, p.alliance.ID)
	require.NoError(p.t, err)
	for _, c := range p.written.Setup.Campaigns {
		rows = append(rows, []string{c.Code, decimal(sums[c.Code].Given), p.alliance.Currency.Minor(sums[c.Code].Committed).String()})
	}
	return rows
}

func (p *play) items() (rows [][]string) {
	p.t.Helper()
	sums, err := store.ItemSums(p.t.Context(), p.db, p.alliance.ID)
	require.NoError(p.t, err)
	for code, item := range p.written.Setup.Items {
		stock := ""
		if item.Limited {
			stock = decimal(item.Left(sums[code]))
		}
		rows = append(rows, []string{code, decimal(sums[code].Redeemed), stock})
	}
	slices.SortFunc(rows, func(a, b []string) int { return compareText(a[0], b[0]) })
	return rows
}

// holds returns the holds by the keys with which they were placed, each on the code that its
// card has become.
func (p *play) holds() (rows [][]string) {
	p.t.Helper()
	holds, err := store.Holds(p.t.Context(), p.db, p.alliance)
	require.NoError(p.t, err)
	for _, h := range holds {
		card := h.Card
		for {
			found, err := p.c.GetCardWithResponse(p.t.Context(), card)
			c := ok(p.t, found.JSON200, found.ApplicationProblemJSONDefault, err)
			if c.ReplacedBy == nil {
				break
			}
			card = *c.ReplacedBy
		}
		rows = append(rows, []string{h.Key, card, h.Merchant, h.Amount.String(), h.Captured.String(), string(h.State)})
	}
	slices.SortFunc(rows, func(a, b []string) int { return compareText(a[0], b[0]) })
	return rows
}
