package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
)

// sameGrowth reports whether a card is stored with the holds, gifts, growth and sums that the
// log folds to.
func sameGrowth(stored, fold *alliance.Card) bool {
	if !sameCode(stored.ReplacedBy, fold.ReplacedBy) || stored.Refunded != fold.Refunded || stored.HeldSince != fold.HeldSince ||
		stored.Held != fold.Held || stored.Holds != fold.Holds || stored.Redeemed != fold.Redeemed ||
		stored.ToppedUp != fold.ToppedUp || stored.ToppedUpBonus != fold.ToppedUpBonus || stored.GiftBonus != fold.GiftBonus {
		return false
	}
	if !fold.Refunded && stored.Spent != fold.Spent {
		return false
	}
	return slices.Equal(stored.Growth, fold.Growth) && slices.EqualFunc(stored.Gifts, fold.Gifts, sameGift)
}

func sameGift(stored, fold *alliance.Gift) bool {
	return stored.Seq == fold.Seq && stored.Campaign == fold.Campaign && stored.Cause == fold.Cause &&
		stored.Points == fold.Points && stored.Bonus == fold.Bonus &&
		slices.EqualFunc(stored.Coupons, fold.Coupons, func(x, y alliance.HeldCoupon) bool {
			return x.Code == y.Code && x.ExpiresAt.Equal(y.ExpiresAt) && x.Left == y.Left && x.Ended == y.Ended
		})
}

// foldHolds takes in what a transaction has changed about holds, if that was collected. A
// hold that ends twice is a fault.
func (a *auditor) foldHolds(seq int64) {
	if a.state.Changes == nil {
		return
	}
	for _, change := range a.state.Changes.Holds {
		before, known := a.holds[change.Seq]
		if known != (change.State != alliance.HoldStateOpen) || known && before.State != alliance.HoldStateOpen {
			a.fault(folded, "transaction %d makes the hold %d %s, which was %q", seq, change.Seq, change.State, before.State)
		}
		a.holds[change.Seq] = change
	}
	a.state.Changes = nil
}

// compareGrowth compares what is stored of holds, campaigns, gifts and items with the fold of
// the log.
func (a *auditor) compareGrowth(ctx context.Context) error {
	if err := a.compareHolds(ctx); err != nil {
		return err
	}
	if err := a.compareGiftCounts(ctx); err != nil {
		return err
	}
	campaigns, err := store.CampaignSums(ctx, a.db, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	for _, c := range a.setup.Campaigns {
		a.looked(folded, 1)
		var stored, fold alliance.CampaignSums
		if sums := campaigns[c.Code]; sums != nil {
			stored = *sums
		}
		if sums := a.state.Campaigns[c.Code]; sums != nil {
			fold = *sums
		}
		if stored != fold {
			a.fault(folded, "campaign %q is stored as given %d times for %s; the log folds to %d times, %s", c.Code,
				stored.Given, a.setup.Currency.Minor(stored.Committed), fold.Given, a.setup.Currency.Minor(fold.Committed))
		}
		if c.Limited && fold.Committed > c.Budget.Minor() {
			a.fault(inBounds, "campaign %q has a budget of %s, and %s of it is committed", c.Code, c.Budget, a.setup.Currency.Minor(fold.Committed))
		}
	}
	items, err := store.ItemSums(ctx, a.db, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	for code, item := range a.setup.Items {
		a.looked(folded, 1)
		var stored, fold alliance.ItemSums
		if sums := items[code]; sums != nil {
			stored = *sums
		}
		if sums := a.state.Items[code]; sums != nil {
			fold = *sums
		}
		if stored != fold {
			a.fault(folded, "item %q is stored as redeemed %d times; the log folds to %d", code, stored.Redeemed, fold.Redeemed)
		}
		if item.Limited && item.Left(&fold) < 0 {
			a.fault(inBounds, "item %q had a stock of %d, and %d were redeemed", code, item.Stock, fold.Redeemed)
		}
	}
	return nil
}

func (a *auditor) compareHolds(ctx context.Context) error {
	holds, err := store.Holds(ctx, a.db, a.head.Alliance)
	if err != nil {
		return err
	}
	for i := range holds {
		a.looked(folded, 1)
		stored := alliance.HoldChange{Seq: holds[i].Seq, State: holds[i].State, Captured: holds[i].Captured.Minor()}
		if fold := a.holds[stored.Seq]; fold != stored {
			a.fault(folded, "the hold %d is stored as %s with %d captured; the log says %q, %d", stored.Seq, stored.State, stored.Captured, fold.State, fold.Captured)
		}
	}
	if len(holds) != len(a.holds) {
		a.fault(folded, "%d holds were placed, and %d are stored", len(a.holds), len(holds))
	}
	return nil
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
		a.looked(folded, 1)
		counted--
		if gifted := a.state.Gifted[count.Member]; gifted == nil || gifted.Given[count] != given {
			a.fault(folded, "the member %q is stored as having got %q %d times (%d), and the log says otherwise", count.Member, count.Campaign, given, count.Span)
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
	var member, campaign string
	_, err = pgx.ForEachRow(rows, []any{&member, &campaign}, func() error {
		a.looked(folded, 1)
		answered--
		if gifted := a.state.Gifted[member]; gifted == nil || !gifted.Fired[campaign] {
			a.fault(folded, "%q is stored as having answered that %q was brought, and the log says otherwise", campaign, member)
		}
		return nil
	})
	if counted != 0 || answered != 0 {
		a.fault(folded, "%d counts of gifts and %d answers to referrals are not stored", counted, answered)
	}
	return err
}

// sameCode reports whether two codes are the same, or neither is there.
func sameCode(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
