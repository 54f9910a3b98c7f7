package alliance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// used is a circle in which everything was done once with the card "card".
type used struct {
	*model
	sale, topUp, spend, pass, coupon, purchase, points, freeze *act
}

func newUsed(t *testing.T) used {
	t.Helper()
	m := newAlliance(t, alliance.AtIssue)
	u := used{model: m}
	u.sale = m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	u.topUp = m.must(t, alliance.TopUp{Card: "card", Amount: "100.00", Bonus: given("10.00")})
	u.spend = m.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "50.00"})
	u.pass = m.must(t, alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 1})
	u.coupon = m.must(t, alliance.UseCoupon{Card: "card", Merchant: "hotpot", Benefit: "hotpot20", Bill: "200.00"})
	u.purchase = m.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "100.00"})
	u.points = m.must(t, alliance.SpendPoints{Card: "card", Merchant: "spa", Points: 60})
	u.freeze = m.must(t, alliance.FreezeCard{Card: "card"})
	return u
}

func partly(a *act, amount string) alliance.Reverse {
	return alliance.Reverse{Of: alliance.Reference{Seq: a.seq}, Amount: &amount}
}

func TestAReversalLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		command func(used) alliance.Command
		marks   []mark
		want    string
	}{
		{"no transaction", func(u used) alliance.Command {
			return alliance.Reverse{Of: alliance.Reference{Seq: 99}, Amount: given("x")}
		}, broken, "unknown_event"},
		{"no key", func(u used) alliance.Command {
			return alliance.Reverse{Of: alliance.Reference{Caller: "x", Key: "1"}, Amount: given("x")}
		}, broken, "unknown_event"},
		{"nothing named", func(u used) alliance.Command { return alliance.Reverse{} }, broken, "unknown_event"},
		{"a freeze", func(u used) alliance.Command { return partly(u.freeze, "x") }, broken, "unknown_event"},
		{"a part of a sale", func(u used) alliance.Command { return partly(u.sale, "1.00") }, broken, "invalid_amount"},
		{"a part of a top-up", func(u used) alliance.Command { return partly(u.topUp, "1.00") }, broken, "invalid_amount"},
		{"no amount", func(u used) alliance.Command { return partly(u.spend, "1e1") }, broken, "invalid_amount"},
		{"a part of zero", func(u used) alliance.Command { return partly(u.spend, "0") }, broken, "invalid_amount"},
		{"more than it was", func(u used) alliance.Command { return partly(u.spend, "50.01") }, broken, "invalid_amount"},
		{"on a cancelled card", func(u used) alliance.Command { return undoing(u.topUp) }, broken, "card_cancelled"},
		{"a sale of a cancelled card", func(u used) alliance.Command { return undoing(u.sale) }, broken, "card_cancelled"},
		{"a sale of a card in use that has expired", func(u used) alliance.Command { return undoing(u.sale) }, spoilt, "card_in_use"},
		{"a pass of an expired card", func(u used) alliance.Command { return undoing(u.pass) }, spoilt, "card_expired"},
		{"a coupon of an expired card", func(u used) alliance.Command { return undoing(u.coupon) }, spoilt, ""},
		{"a spend of an expired card", func(u used) alliance.Command { return undoing(u.spend) }, spoilt, ""},
		{"all of a spend as a part", func(u used) alliance.Command { return partly(u.spend, "50.00") }, spoilt, ""},
		{"a pass of a frozen card", func(u used) alliance.Command { return undoing(u.pass) }, onlyFrozen, ""},
		{"points of an expired card", func(u used) alliance.Command { return undoing(u.points) }, spoilt, ""},
		{"a top-up that is spent", func(u used) alliance.Command { return undoing(u.topUp) }, spoilt, "insufficient_value"},
		{"a purchase whose points are spent", func(u used) alliance.Command { return undoing(u.purchase) }, spoilt, "insufficient_points"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUsed(t)
			for _, mark := range c.marks {
				mark(u.state.Cards["card"])
			}
			refuses(t, u.model, c.command(u), c.want)
		})
	}
}

func TestWhatIsReversedIsNotReversedAgain(t *testing.T) {
	t.Parallel()
	u := newUsed(t)
	u.must(t, partly(u.spend, "20.00"))
	refuses(t, u.model, partly(u.spend, "30.01"), "invalid_amount")
	rest := u.must(t, partly(u.spend, "30.00"))
	for _, a := range []*act{u.pass, u.coupon, u.points} {
		u.must(t, undoing(a))
	}
	u.must(t, undoing(u.purchase))
	u.must(t, undoing(u.topUp))
	u.must(t, undoing(u.sale))
	// Before the amounts, and before the card, which is cancelled now.
	for _, a := range []*act{u.sale, u.topUp, u.spend, u.pass, u.coupon, u.purchase, u.points, rest} {
		refuses(t, u.model, undoing(a), "already_reversed")
		refuses(t, u.model, partly(a, "x"), "already_reversed")
	}
	refuses(t, u.model, undoing(u.freeze), "unknown_event")
	require.Equal(t, alliance.Cancelled, u.state.Cards["card"].Status())
}

func TestAnExpiredSaleIsNotReversed(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	sale := m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer"})
	at, _ := sale.card.expiry()
	m.advance(t, at.Add(-1))
	refuses(t, m, undoing(sale), "")
	m.advance(t, at)
	refuses(t, m, undoing(sale), "card_expired")
	refuses(t, m, undoing(&act{seq: 2}), "unknown_event") // the expiry itself
	require.Equal(t, alliance.Expired, m.state.Cards["card"].Status())
}

// A reversal asks for no debit cap, and may bring value over the limit.
func TestAReversalAsksForNeitherCapNorLimit(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster", Merchant: given("cafe")})
	m.must(t, alliance.TopUp{Card: "card", Amount: "500.00"})
	spend := m.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "500.00"})
	m.must(t, alliance.TopUp{Card: "card", Amount: "500.00"})
	m.advance(t, m.window.CutoffAt) // what the cafe is owed is paid
	m.must(t, undoing(spend))
	require.Equal(t, "1000.00", m.state.Cards["card"].Value.String())
	require.Equal(t, int64(-490_00), m.position("cafe"))
	refuses(t, m, alliance.TopUp{Card: "card", Amount: "0.01"}, "over_value_limit")
}
