package replay

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/window"
)

// The columns of the files about growth.
var (
	holdsHeader     = []string{"id", "card", "merchant", "amount", "captured", "state"}
	tiersHeader     = []string{"card", "tier", "growth"}
	campaignsHeader = []string{"campaign", "given", "committed"}
	giftsHeader     = []string{"card", "coupon", "expires_at", "uses"}
	itemsHeader     = []string{"item", "redeemed", "stock"}
)

// tierRows returns the row of a card in the window that opened at an instant; a card that is
// no more has none.
func tierRows(setup *alliance.Setup, c *alliance.Card, opened time.Time) [][]string {
	switch c.Status() {
	case alliance.Replaced, alliance.Cancelled, alliance.Refunded:
		return nil
	}
	tier, sum := (&alliance.State{Setup: setup}).Standing(c, opened)
	growth := setup.Currency.Minor(sum).String()
	if setup.Current().Tiers.Measure == alliance.MeasurePoints {
		growth = strconv.FormatInt(sum, 10)
	}
	return [][]string{{c.Code, tier.Code, growth}}
}

func campaignRow(c *alliance.Campaign, sums *alliance.CampaignSums) []string {
	if sums == nil {
		sums = &alliance.CampaignSums{}
	}
	return []string{c.Code, strconv.FormatInt(sums.Given, 10), c.Bonus.Currency().Minor(sums.Committed).String()}
}

// giftRows returns the coupons of a card's gifts that have uses left.
func giftRows(card *alliance.Card) (rows [][]string) {
	for _, g := range card.Gifts {
		for _, c := range g.Coupons {
			if !c.Ended && c.Left > 0 {
				rows = append(rows, []string{card.Code, c.Code, c.ExpiresAt.UTC().Format(time.RFC3339), strconv.Itoa(c.Left)})
			}
		}
	}
	slices.SortStableFunc(rows, func(x, y []string) int { return cmp.Or(cmp.Compare(x[1], y[1]), cmp.Compare(x[2], y[2])) })
	return rows
}

func itemRow(item *alliance.Item, sums *alliance.ItemSums) []string {
	redeemed, stock := int64(0), ""
	if sums != nil {
		redeemed = sums.Redeemed
	}
	if item.Limited {
		stock = strconv.FormatInt(item.Left(sums), 10)
	}
	return []string{item.Code, strconv.FormatInt(redeemed, 10), stock}
}

// growth writes the files about growth of a circle that is in the database.
func (r *report) growth(ctx context.Context, pool *pgxpool.Pool, al clearing.Alliance, written scenario.Alliance) error {
	if err := r.growthOfCards(ctx, pool, al, written); err != nil {
		return err
	}
	if written.Campaigns != nil {
		sums, err := store.CampaignSums(ctx, pool, al.ID)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, c := range written.Setup.Campaigns {
			rows = append(rows, campaignRow(c, sums[c.Code]))
		}
		if err := r.writeRows("campaigns.csv", campaignsHeader, rows); err != nil {
			return err
		}
	}
	if written.Mall != nil {
		sums, err := store.ItemSums(ctx, pool, al.ID)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, code := range slices.Sorted(maps.Keys(written.Setup.Items)) {
			rows = append(rows, itemRow(written.Setup.Items[code], sums[code]))
		}
		return r.writeRows("items.csv", itemsHeader, rows)
	}
	return nil
}

// growthOfCards writes tiers, coupons of gifts, and holds.
func (r *report) growthOfCards(ctx context.Context, pool *pgxpool.Pool, al clearing.Alliance, written scenario.Alliance) error {
	head, err := clearing.ReadHead(ctx, pool, al.ID)
	if err != nil {
		return err
	}
	opened := window.Of(head.BookedThrough, al.Location).OpensAt
	became := make(map[string]string)
	var tiers, gifts [][]string
	for after, more := "", true; more; {
		page, err := store.Cards(ctx, pool, al, store.CardFilter{After: after, Limit: pageSize})
		if err != nil {
			return err
		}
		for i := range page {
			card := &page[i]
			after = card.Code
			if card.ReplacedBy != nil {
				became[card.Code] = *card.ReplacedBy
			}
			if written.Terms.Tiers != nil {
				tiers = append(tiers, tierRows(written.Setup, card, opened)...)
			}
			gifts = append(gifts, giftRows(card)...)
		}
		more = len(page) == pageSize
	}
	if written.Terms.Tiers != nil {
		if err := r.writeRows("tiers.csv", tiersHeader, tiers); err != nil {
			return err
		}
	}
	if written.Campaigns != nil {
		if err := r.writeRows("gifts.csv", giftsHeader, gifts); err != nil {
			return err
		}
	}
	holds, err := store.Holds(ctx, pool, al)
	if err != nil || len(holds) == 0 {
		return err
	}
	var rows [][]string
	for _, h := range holds {
		card := h.Card
		for became[card] != "" {
			card = became[card]
		}
		rows = append(rows, []string{h.Key, card, h.Merchant, h.Amount.String(), h.Captured.String(), string(h.State)})
	}
	slices.SortFunc(rows, func(x, y []string) int { return cmp.Compare(x[0], y[0]) })
	return r.writeRows("holds.csv", holdsHeader, rows)
}
