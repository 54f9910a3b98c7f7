package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
)

// campaign is what a campaign has given by the log, and what the stored gifts still hold of it.
type campaign struct {
	given int64
	used  int64 // the discounts of what stands of its coupons' uses, in minor units
	live  int64 // what its gifts cost that was not taken back, but for uses; in minor units
}

// foldGift counts a gift that was given, or the use of a coupon of one.
func (a *auditor) foldGift(r *alliance.Record) {
	facts := r.Facts.Growth.Gift
	sums := a.campaigns[facts.Campaign]
	switch {
	case r.Facts.Uses != 0: // negative: a use that was undone, and is live again or lost
		c, coupon := a.setup.GiftCoupon(r.Facts.Benefit)
		if c == nil || c.Code != facts.Campaign {
			a.fault(gifted, "transaction %d uses the coupon %q of %q, which has none", r.Seq, r.Facts.Benefit, facts.Campaign)
			return
		}
		sums.used += coupon.Discount.Minor() * r.Facts.Uses
	case facts.Seq == 0:
		sums.given++
	default: // a coupon ended by itself
		return
	}
	a.campaigns[facts.Campaign] = sums
}

// compareGifts compares the gifts of a card with the log, and adds up what they cost.
func (a *auditor) compareGifts(stored, fold *alliance.Card) {
	a.giftRows += int64(len(stored.Gifts))
	a.looked(gifted, len(stored.Gifts))
	bonus := int64(0)
	for i, g := range stored.Gifts {
		bonus += g.Bonus.Minor()
		if i >= len(fold.Gifts) || !sameGift(g, fold.Gifts[i]) {
			a.fault(gifted, "the gift %d of %q on card %q is stored with %d points, bonus %s and the coupons %+v, and the log says otherwise", g.Seq, g.Campaign,
				stored.Code, g.Points, g.Bonus, g.Coupons)
		}
		a.addLive(g)
	}
	if len(stored.Gifts) != len(fold.Gifts) {
		a.fault(gifted, "card %q got %d gifts, and %d are stored", stored.Code, len(fold.Gifts), len(stored.Gifts))
	}
	if stored.GiftBonus != bonus || stored.GiftBonus != fold.GiftBonus {
		a.fault(gifted, "card %q is stored with %s of bonus from gifts; its gifts have %s, the log folds to %s", stored.Code,
			a.amount(stored.GiftBonus), a.amount(bonus), a.amount(fold.GiftBonus))
	}
}

// addLive adds to a campaign what a stored gift still costs.
func (a *auditor) addLive(g *alliance.Gift) {
	sums := a.campaigns[g.Campaign]
	sums.live += g.Points*a.setup.Current().PointCost.Minor() + g.Bonus.Minor()
	for _, held := range g.Coupons {
		if c, coupon := a.setup.GiftCoupon(held.Code); c != nil && !held.Ended {
			sums.live += coupon.Discount.Minor() * int64(held.Left)
		}
	}
	a.campaigns[g.Campaign] = sums
}

func sameGift(stored, fold *alliance.Gift) bool {
	return stored.Seq == fold.Seq && stored.Campaign == fold.Campaign && stored.Cause == fold.Cause &&
		stored.Points == fold.Points && stored.Bonus == fold.Bonus &&
		slices.EqualFunc(stored.Coupons, fold.Coupons, func(x, y alliance.HeldCoupon) bool {
			return x.Code == y.Code && x.ExpiresAt.Equal(y.ExpiresAt) && x.Left == y.Left && x.Ended == y.Ended
		})
}

// compareCampaigns compares what is committed to each budget with what is live and used of the
// campaign's gifts, and how often it was given with the log.
func (a *auditor) compareCampaigns(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `SELECT campaign, budget, given, committed FROM campaign_sums WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	stored := make(map[string]bool)
	var code string
	var budget *int64
	var given, committed int64
	_, err = pgx.ForEachRow(rows, []any{&code, &budget, &given, &committed}, func() error {
		a.looked(gifted, 1)
		stored[code] = true
		sums, fold := a.campaigns[code], alliance.CampaignSums{}
		if so := a.state.Campaigns[code]; so != nil {
			fold = *so
		}
		if cost := sums.live + sums.used; committed != cost || committed != fold.Committed {
			a.fault(gifted, "campaign %q has %s committed; its gifts cost %s that are live and %s that were used, the log folds to %s", code,
				a.amount(committed), a.amount(sums.live), a.amount(sums.used), a.amount(fold.Committed))
		}
		if given != sums.given || given != fold.Given {
			a.fault(gifted, "campaign %q is stored as given %d times, and was given %d times", code, given, sums.given)
		}
		a.compareBudget(code, budget, committed)
		return nil
	})
	for _, c := range a.setup.Campaigns {
		if !stored[c.Code] {
			a.fault(gifted, "nothing is stored of what campaign %q has given", c.Code)
		}
	}
	return err
}

// compareBudget checks that no more than its budget is committed of a campaign.
func (a *auditor) compareBudget(code string, budget *int64, committed int64) {
	for _, c := range a.setup.Campaigns {
		if c.Code != code {
			continue
		}
		if c.Limited != (budget != nil) || c.Limited && *budget != c.Budget.Minor() {
			a.fault(gifted, "the budget of campaign %q is stored in another amount than it was set up with", code)
		}
		if c.Limited && committed > c.Budget.Minor() {
			a.fault(gifted, "campaign %q has a budget of %s, and %s of it is committed", code, c.Budget, a.amount(committed))
		}
		return
	}
	a.fault(gifted, "%q has given gifts and is no campaign", code)
}

// compareGiftRows checks that every stored gift is of a card, which knows how many it has.
func (a *auditor) compareGiftRows(ctx context.Context) error {
	var all int64
	if err := a.db.QueryRow(ctx, `SELECT count(*) FROM gifts WHERE alliance_id = $1`, a.head.Alliance.ID).Scan(&all); err != nil {
		return err
	}
	if all != a.giftRows {
		a.fault(gifted, "%d gifts are stored, and the cards have %d of them", all, a.giftRows)
	}
	rows, err := a.db.Query(ctx, `
		SELECT c.card, c.gifts, coalesce(g.rows, 0)
		FROM cards c LEFT JOIN (SELECT sold_seq, count(*) AS rows FROM gifts WHERE alliance_id = $1 GROUP BY sold_seq) g USING (sold_seq)
		WHERE c.alliance_id = $1 AND c.replaced_by IS NULL AND c.gifts <> coalesce(g.rows, 0) ORDER BY c.card LIMIT 100`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var card string
	var counted, stored int64
	_, err = pgx.ForEachRow(rows, []any{&card, &counted, &stored}, func() error {
		a.fault(gifted, "card %q counts %d gifts, and %d are stored", card, counted, stored)
		return nil
	})
	return err
}

// compareGiftCounts compares how often members got gifts, and which campaigns have answered
// that they were brought.
func (a *auditor) compareGiftCounts(ctx context.Context) error {
	counted, answered := 0, 0
	for _, gifted := range a.state.Gifted {
		counted, answered = counted+len(gifted.Given), answered+len(gifted.Fired)
	}
	rows, err := a.db.Query(ctx, `SELECT member, campaign, span, given FROM gift_counts WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var count alliance.GiftCount
	var given int
	_, err = pgx.ForEachRow(rows, []any{&count.Member, &count.Campaign, &count.Span, &given}, func() error {
		a.looked(gifted, 1)
		counted--
		if so := a.state.Gifted[count.Member]; so == nil || so.Given[count] != given {
			a.fault(gifted, "member %q is stored as having got %q %d times (%d), and the log says otherwise", count.Member, count.Campaign, given, count.Span)
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = a.db.Query(ctx, `SELECT member, campaign FROM referrals_answered WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var member, code string
	_, err = pgx.ForEachRow(rows, []any{&member, &code}, func() error {
		a.looked(gifted, 1)
		answered--
		if so := a.state.Gifted[member]; so == nil || !so.Fired[code] {
			a.fault(gifted, "%q is stored as having answered that %q was brought, and the log says otherwise", code, member)
		}
		return nil
	})
	if err == nil && (counted != 0 || answered != 0) {
		a.fault(gifted, "%d counts of gifts and %d answers to referrals are not stored", counted, answered)
	}
	return err
}
