package alliance_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
)

// A drawer draws commands that mostly make sense in a circle as it stands.
// Nothing of a map's order may go into a draw, or a failure would not repeat.
type drawer struct {
	*rapid.T
	m *model
}

// evenly draws one of some values, each as likely as the others. rapid prefers
// what stands first, and with that a circle would not get far.
func evenly[E any](t *rapid.T, label string, values ...E) E {
	n := 0
	for range 6 {
		n *= 2
		if rapid.Bool().Draw(t, label) {
			n++
		}
	}
	return values[n*len(values)/64]
}

// once reports whether to draw something that happens once in a while: one time
// in 2 to the power of rarity.
func once(t *rapid.T, label string, rarity int) bool {
	for range rarity {
		if !rapid.Bool().Draw(t, label) {
			return false
		}
	}
	return true
}

// oddly reports whether to draw something that is wrong.
func (d drawer) oddly(what string) bool { return once(d.T, "wrong "+what, 5) }

func (d drawer) amount(most int64) string {
	if d.oddly("amount") {
		return evenly(d.T, "amount", "0", "", "-1", "1e2", "0.0001", "1.", "10000000000000000", "1000000000000")
	}
	return d.m.setup.Currency.Minor(rapid.Int64Range(1, max(1, most)).Draw(d.T, "amount")).String()
}

// card draws a card, mostly one that is not cancelled.
func (d drawer) card() string {
	live := slices.DeleteFunc(slices.Clone(d.m.codes), func(code string) bool { return d.m.cards[code].cancelled })
	switch {
	case len(live) == 0 || d.oddly("card"):
		return "lost"
	case d.oddly("card"):
		return evenly(d.T, "card", d.m.codes...)
	}
	return evenly(d.T, "card", live...)
}

func (d drawer) merchant() string {
	if d.oddly("merchant") {
		return "nowhere"
	}
	return evenly(d.T, "merchant", merchantCodes...)
}

// seller draws a merchant, or none: online.
func (d drawer) seller() *string {
	if once(d.T, "online", 2) {
		return nil
	}
	code := d.merchant()
	return &code
}

// member draws a member, mostly one who bought before.
func (d drawer) member() string {
	if len(d.m.codes) > 0 && once(d.T, "known", 1) {
		return d.m.cards[evenly(d.T, "known", d.m.codes...)].member
	}
	return evenly(d.T, "member", "m1", "m2", "m3", "m4", "m5")
}

func (d drawer) sale() alliance.Command {
	c := alliance.SellCard{Card: fmt.Sprintf("c%d", len(d.m.codes)+1), Member: d.member(), Merchant: d.seller()}
	if d.oddly("card") && len(d.m.codes) > 0 {
		c.Card = d.card()
	}
	c.Product = evenly(d.T, "product", "p1", "p2")
	if d.oddly("product") {
		c.Product = evenly(d.T, "product", "retired", "unheard of")
	}
	if !once(d.T, "unreferred", 2) && (len(d.m.codes) > 0 || d.oddly("referrer")) {
		referrer := d.member()
		c.Referrer = &referrer
	}
	return c
}

func (d drawer) topUp() alliance.Command {
	c := alliance.TopUp{Card: d.card(), Amount: d.amount(5000)}
	if card := d.m.cards[c.Card]; card == nil || d.oddly("merchant") {
		c.Merchant = d.seller()
	} else if card.home != "" {
		c.Merchant = &card.home
	}
	if rapid.Bool().Draw(d.T, "bonus") {
		bonus := d.amount(2000)
		c.Bonus = &bonus
		c.BonusFundedBy = evenly(d.T, "funded by", "", alliance.FundedByOrganiser, alliance.FundedByMerchant)
	}
	return c
}

func (d drawer) spend() alliance.Command {
	c := alliance.SpendValue{Card: d.card(), Merchant: d.merchant()}
	c.Amount = d.amount(min(d.m.held(c.Card)+d.m.held(c.Card)/8, 10_000))
	return c
}

// benefit draws the code of a benefit and a merchant that mostly honours it.
func (d drawer) benefit(code string, kind alliance.BenefitKind) (benefit, merchant string) {
	merchant = d.merchant()
	card := d.m.cards[code]
	if card == nil || d.oddly("benefit") {
		return evenly(d.T, "benefit", "b1", "b2", "b9"), merchant
	}
	for _, b := range card.product.Benefits {
		if b.Kind == kind && !once(d.T, "another", 2) {
			if !d.oddly("place") {
				merchant = evenly(d.T, "merchant", b.Merchants...)
			}
			return b.Code, merchant
		}
	}
	return "b1", merchant
}

func (d drawer) pass() alliance.Command {
	c := alliance.UsePass{Card: d.card(), Count: evenly[int64](d.T, "count", 1, 1, 1, 1, 1, 2, 2, 3, 0, 1<<62)}
	c.Benefit, c.Merchant = d.benefit(c.Card, alliance.Pass)
	return c
}

func (d drawer) coupon() alliance.Command {
	c := alliance.UseCoupon{Card: d.card(), Bill: d.amount(2000)}
	c.Benefit, c.Merchant = d.benefit(c.Card, alliance.Coupon)
	return c
}

func (d drawer) purchase() alliance.Command {
	return alliance.RecordPurchase{Card: d.card(), Merchant: d.merchant(), Bill: d.amount(20_000)}
}

func (d drawer) points() alliance.Command {
	c := alliance.SpendPoints{Card: d.card(), Merchant: d.merchant()}
	most := int64(1)
	if card := d.m.cards[c.Card]; card != nil {
		most = max(1, card.points+card.points/8)
	}
	c.Points = rapid.Int64Range(0, most).Draw(d.T, "points")
	return c
}

// reversal draws a reversal of anything in the log, mostly of a command, in any
// of the ways to name it.
func (d drawer) reversal() alliance.Command {
	seq := rapid.Int64Range(-1, int64(len(d.m.records))+1).Draw(d.T, "transaction")
	commands := slices.Sorted(maps.Keys(d.m.acts))
	if len(commands) > 0 && !d.oddly("transaction") {
		seq = evenly(d.T, "transaction", commands...)
	}
	c := alliance.Reverse{Of: alliance.Reference{Seq: seq}}
	if seq == 0 || rapid.Bool().Draw(d.T, "by key") {
		c.Of = alliance.Reference{Caller: caller, Key: strconv.FormatInt(seq, 10)}
		if d.oddly("caller") {
			c.Of.Caller = "somebody else"
		}
	}
	if original := d.m.named(c.Of); original != nil && once(d.T, "in part", 1) {
		if original.whole > 0 || d.oddly("part") {
			standing := original.whole - original.undone
			part := evenly(d.T, "part", d.amount(standing), d.amount(standing), d.m.setup.Currency.Minor(standing).String(),
				d.m.setup.Currency.Minor(standing+1).String())
			c.Amount = &part
		}
	}
	return c
}

func (d drawer) mark() alliance.Command {
	code := d.card()
	if card := d.m.cards[code]; card != nil && !card.frozen && once(d.T, "freeze", 1) {
		return alliance.FreezeCard{Card: code}
	}
	return alliance.UnfreezeCard{Card: code}
}
