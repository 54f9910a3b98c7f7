package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lianka/lianka/alliance"
)

const (
	noGift    = "1000000.00" // more than any bill of the workload: the campaign is asked, and gives nothing
	rareGift  = "285.00"     // of some bills: about one redemption in a hundred causes a gift
	giftLimit = "100000000.00"
)

// giveAway adds ten live campaigns to a circle: of each kind that a redemption has to ask, and
// such as have to count what a member got.
func (d *dataset) giveAway(terms *alliance.TermsDocument) []alliance.CampaignDocument {
	terms.Tiers = &alliance.TiersDocument{Measure: "spent", Months: 12, Ladder: []alliance.TierDocument{
		{Code: "basic", From: "0.00", PointsRate: "1"},
		{Code: "silver", From: "20000.00", PointsRate: "1.2"},
		{Code: "gold", From: "80000.00", PointsRate: "1.5"},
	}}
	gift, threshold, silver, limit := 10, "100.00", "silver", giftLimit
	campaign := func(code, when string, minimum string) alliance.CampaignDocument {
		c := alliance.CampaignDocument{Code: code, When: when, Every: "day", Budget: &limit, Gift: alliance.GiftDocument{Points: &gift}}
		if minimum != "" {
			c.Minimum = &minimum
		}
		return c
	}
	campaigns := []alliance.CampaignDocument{
		campaign("welcome", "joined", ""), campaign("brought", "referred", "1.00"), campaign("thanks", "refers", "1.00"),
		campaign("by-hand", "command", ""), campaign("risen", "tier", ""), campaign("large-bill", "use", rareGift),
	}
	campaigns[4].Tier = &silver
	campaigns[5].Gift.Coupons = []alliance.GiftCouponDocument{{
		Code: "given", Merchants: []string{merchantCode(0), merchantCode(1)}, Threshold: &threshold, Discount: "10.00", ValidDays: validDays,
	}}
	for len(campaigns) < 10 {
		campaigns = append(campaigns, campaign("huge-bill-"+strconv.Itoa(len(campaigns)), "use", noGift))
	}
	return campaigns
}

// buildGiving makes two circles that differ in their campaigns alone.
func (b *bench) buildGiving(ctx context.Context) error {
	if b.giving != nil {
		return nil
	}
	defer b.stage(fmt.Sprintf("two circles of %d cards, with ten campaigns and without", b.plan.standardCards))()
	for _, d := range []*dataset{{code: "plain"}, {code: "giving", campaigns: true}} {
		d.cards, d.merchants, d.visited = b.plan.standardCards, 1000, true
		if err := b.build(ctx, d); err != nil {
			return err
		}
		b.giving = append(b.giving, d)
	}
	return nil
}

// campaigns measures what ten live campaigns and a ladder of tiers cost redemptions.
func (b *bench) campaigns(ctx context.Context) error {
	const without, with = "no campaign", "ten live campaigns"
	w := b.plan.window
	found, err := turns(ctx, b.plan.pairs, []subject{
		b.yardstick(),
		b.loadSubject(without, loadProfile{callers: 256, datasets: b.giving[:1]}, w),
		b.loadSubject(with, loadProfile{callers: 256, datasets: b.giving[1:]}, w),
	})
	if err != nil {
		return err
	}
	b.closeYardstick(ctx, found)
	cost := found.ratio(with, without, cpuMicroseconds)
	b.report.redemptions("Campaigns: 256 callers in process", found,
		"All cards have paid a bill, so who was brought was answered. Bills of 285.00 and more, one redemption in a hundred, cause a gift.",
		fmt.Sprintf("CPU time a redemption, ten campaigns ÷ none: %s.", spread(cost, 2)))
	b.report.key("campaigns_cpu", cost)
	return nil
}
