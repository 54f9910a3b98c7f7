package alliance_test

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// holds checks what always holds in a circle with growth.
func (n *growthModel) holds(t *rapid.T) {
	require.Zero(t, n.balances.of(ledger.Kinds()...), "the circle does not sum to zero")
	n.cardsHold(t)
	n.openHoldsHold(t)
	n.budgetsHold(t)
	n.itemsHold(t)
	n.growthHolds(t)
	n.refundsHold(t)
}

// cardsHold: the balances are the sums of the entries, none is negative, what backs the points
// and what sellers have yet to bring in is there, and nothing is on a card that is no more.
func (n *growthModel) cardsHold(t rapid.TB) {
	var points int64
	issuers := make(deltas)
	for code, c := range n.state.Cards {
		require.Equal(t, code, c.Code)
		balances := [...]int64{c.Value.Minor(), c.Bonus.Minor(), c.Pool.Minor(), c.Points}
		require.Equal(t, [...]int64{-n.balances[valueOf(code)], -n.balances[bonusOf(code)], -n.balances[poolOf(code)], c.Points}, balances, code)
		for _, b := range append(balances[:], c.Held, int64(c.Holds), int64(c.Unreversed), int64(c.Redeemed), c.Spent, c.ToppedUp, c.ToppedUpBonus, c.GiftBonus) {
			require.GreaterOrEqual(t, b, int64(0), "on %s", code)
		}
		require.LessOrEqual(t, c.Held, c.Value.Minor()+c.Bonus.Minor(), "%s has more on hold than it holds", code)
		for i, left := range c.UsesLeft {
			require.GreaterOrEqual(t, left, 0, "uses of benefit %d on %s", i, code)
		}
		switch c.Status() {
		case alliance.Replaced, alliance.Cancelled, alliance.Refunded:
			require.Zero(t, balances, "on %s, which is %s", code, c.Status())
			require.Zero(t, c.Held, "on %s, which is %s", code, c.Status())
		}
		for _, g := range c.Gifts {
			require.GreaterOrEqual(t, min(g.Points, g.Bonus.Minor()), int64(0))
			for _, held := range g.Coupons {
				require.GreaterOrEqual(t, held.Left, 0)
				if c.Status() != alliance.Active && c.Status() != alliance.Frozen || c.Expired {
					require.True(t, held.Ended, "%s lives on %s, which is %s", held.Code, code, c.Status())
				}
				require.True(t, held.Ended || held.ExpiresAt.After(n.now), "%s should have ended", held.Code)
			}
		}
		points += c.Points
		if n.setup.Current().Funding == alliance.AtUse && c.Home != "" {
			issuers.debit(issuerOf(c.Home), c.Value.Minor()+c.Pool.Minor())
		}
	}
	require.Equal(t, points*n.setup.Current().PointCost.Minor(), -n.balances[pointsPool], "what backs the points")
	require.Equal(t, issuers.of(ledger.Issuers), n.balances.of(ledger.Issuers), "what the sellers have yet to bring in")
	for account, minor := range n.balances {
		if account.Kind == ledger.CommissionPending {
			require.LessOrEqual(t, minor, int64(0), "pending commission of %s", account.Owner)
		}
	}
}

// openHoldsHold: what open holds reserve is what the card says, and none is open past its time.
func (n *growthModel) openHoldsHold(t rapid.TB) {
	reserved := make(map[string]int64)
	for seq := range n.placed {
		hold := n.state.Log[seq]
		if hold.HoldState() == alliance.HoldStateOpen {
			require.True(t, hold.Facts.ExpiresAt.After(n.now), "hold %d is open past its time", seq)
			reserved[n.current(hold.Card).Code] += hold.Facts.Amount
		}
	}
	for code, c := range n.state.Cards {
		require.Equal(t, reserved[code], c.Held, "reserved on %s", code)
	}
}

// budgetsHold: what is committed to a campaign is the cost of what lives and of what was used,
// and never above its budget; nobody got more than there is for a member.
func (n *growthModel) budgetsHold(t rapid.TB) {
	used := make(map[int64]map[string]int64) // of gifts, by coupon: uses that stand
	given := make(map[string]int64)
	counts := make(map[alliance.GiftCount]int)
	for i := range n.records {
		r := &n.records[i]
		switch {
		case r.Facts.Growth == nil || r.Facts.Growth.Gift == nil:
		case r.Type == alliance.GiftEarned || r.Type == alliance.GiftGranted:
			g := r.Facts.Growth.Gift
			given[g.Campaign]++
			counts[alliance.GiftCount{Campaign: g.Campaign, Member: r.Member, Span: g.Span}]++
		case r.Facts.Uses != 0:
			seq := r.Facts.Growth.Gift.Seq
			if used[seq] == nil {
				used[seq] = make(map[string]int64)
			}
			used[seq][r.Facts.Benefit] += r.Facts.Uses
		}
	}
	committed := make(map[string]int64)
	for _, c := range n.state.Cards {
		for _, g := range c.Gifts {
			sum := g.Points*n.setup.Current().PointCost.Minor() + g.Bonus.Minor()
			for _, held := range g.Coupons {
				uses := used[g.Seq][held.Code]
				if !held.Ended {
					uses += int64(held.Left)
				}
				sum += uses * n.discount(held.Code)
			}
			committed[g.Campaign] += sum
		}
	}
	for _, c := range n.setup.Campaigns {
		var sums alliance.CampaignSums
		if s := n.state.Campaigns[c.Code]; s != nil {
			sums = *s
		}
		require.Equal(t, committed[c.Code], sums.Committed, "committed to %s", c.Code)
		require.Equal(t, given[c.Code], sums.Given, "given of %s", c.Code)
		require.True(t, !c.Limited || sums.Committed <= c.Budget.Minor(), "%s is over its budget", c.Code)
	}
	counted := 0
	for _, gifted := range n.state.Gifted {
		counted += len(gifted.Given)
	}
	require.Equal(t, len(counts), counted)
	for count, times := range counts {
		require.Equal(t, times, n.state.Gifted[count.Member].Given[count])
		for _, c := range n.setup.Campaigns {
			require.True(t, c.Code != count.Campaign || c.PerMember == 0 || times <= c.PerMember, "%+v got %d", count, times)
		}
	}
}

func (n *growthModel) discount(coupon string) int64 {
	for _, c := range n.setup.Campaigns {
		for _, g := range c.Coupons {
			if g.Code == coupon {
				return g.Discount.Minor()
			}
		}
	}
	return 0
}

// itemsHold: what was redeemed is what the log says, and no more than there was.
func (n *growthModel) itemsHold(t rapid.TB) {
	redeemed := make(map[string]int64)
	for i := range n.records {
		if g := n.records[i].Facts.Growth; g != nil && g.Item != nil {
			redeemed[g.Item.Code] += g.Item.Count
		}
	}
	for code, item := range n.setup.Items {
		var sums alliance.ItemSums
		if s := n.state.Items[code]; s != nil {
			sums = *s
		}
		require.Equal(t, redeemed[code], sums.Redeemed, code)
		require.True(t, !item.Limited || item.Left(&sums) >= 0, "%s is out of stock", code)
	}
}

// growthHolds: a card's growth is that of the log, window by window.
func (n *growthModel) growthHolds(t rapid.TB) {
	type slot struct{ card, period string }
	spent, points := make(map[slot]int64), make(map[slot]int64)
	for i := range n.records {
		r := &n.records[i]
		at := slot{r.Card, r.Period}
		if c := n.current(r.Card); c != nil {
			at.card = c.Code
		}
		switch r.Type {
		case alliance.ValueSpent, alliance.HoldCaptured, alliance.PurchaseRecorded:
			spent[at] += r.Facts.Amount
			points[at] += r.Facts.Points
		case alliance.GiftEarned, alliance.GiftGranted:
			points[at] += r.Facts.Points
		case alliance.Reversed:
			switch original := &n.records[r.Corrects-1]; original.Type {
			case alliance.ValueSpent, alliance.HoldCaptured:
				spent[at] -= r.Facts.Amount
				points[at] += r.Facts.Points
			case alliance.PurchaseRecorded:
				spent[at] -= original.Facts.Amount
				points[at] += r.Facts.Points
			}
		}
	}
	tiers := n.setup.Current().Tiers
	for code, c := range n.state.Cards {
		switch c.Status() {
		case alliance.Replaced, alliance.Cancelled, alliance.Refunded:
			continue
		}
		var want int64
		for back := range tiers.Months {
			period := n.window.OpensAt.In(n.setup.Location).AddDate(0, -back, 0).Format("2006-01")
			if tiers.Measure == alliance.MeasurePoints {
				want += points[slot{code, period}]
			} else {
				want += spent[slot{code, period}]
			}
		}
		want = max(0, want)
		tier, growth := n.state.Standing(c, n.now)
		require.Equal(t, want, growth, "growth of %s", code)
		reached := ""
		for i := range tiers.Ladder {
			if tiers.Ladder[i].From <= want {
				reached = tiers.Ladder[i].Code
			}
		}
		require.Equal(t, reached, tier.Code, "tier of %s", code)
	}
}

// refundsHold: nobody gets more for a card than was paid for it: of the price at most the
// price, of stored value at most the principal of what was topped up.
func (n *growthModel) refundsHold(t rapid.TB) {
	price, bought := make(map[string]int64), make(map[string]int64)
	for i := range n.records {
		r := &n.records[i]
		card := r.Card
		if c := n.current(card); c != nil {
			card = c.Code
		}
		switch r.Type {
		case alliance.CardSold:
			price[card] = r.Facts.Amount
		case alliance.CardToppedUp:
			bought[card] += r.Facts.Amount
		case alliance.CardRefunded:
			back := r.Facts.Growth.Refund
			require.GreaterOrEqual(t, min(back.Price, back.Value), int64(0))
			require.LessOrEqual(t, back.Price, price[card], "of the price of %s", card)
			require.LessOrEqual(t, back.Value, bought[card], "of the stored value of %s", card)
			require.Equal(t, back.Price+back.Value, r.Facts.Amount)
		}
	}
}

// refolds checks that the log, as it is stored, is all that the state comes from.
func (n *growthModel) refolds(t rapid.TB) {
	state := alliance.NewState(alliance.Standard(), n.setup)
	for code := range n.setup.Merchants {
		state.Positions[code] = n.setup.Currency.Zero()
	}
	for _, r := range n.records {
		stored, err := r.Encode()
		require.NoError(t, err)
		read, err := alliance.DecodeRecord(stored)
		require.NoError(t, err)
		read.Transaction.Facts = nil
		require.Equal(t, fingerprint(r), fingerprint(read), "%s is not read back as it was written: %+v", r.Type, r.Facts)
		if n.state.Registry.Kind(r.Type).Due != nil {
			state.Due.Pop()
		}
		require.NoError(t, state.Apply(&read))
		if n.state.Log[r.Seq] != nil {
			state.Log[r.Seq] = &alliance.Original{Record: read, Undone: n.setup.Currency.Zero()}
		}
	}
	state.Keys = n.state.Keys
	require.Equal(t, fingerprint(n.state), fingerprint(state), "the fold of the log is not the state")
}
