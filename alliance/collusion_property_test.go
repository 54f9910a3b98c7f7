package alliance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// TestColludersTakeNoMoreThanTheTermsGrant: one shop and all members of a circle do what they
// like, and the other shops and the organiser agree to it. After each step the shop and the members
// have no more than docs/rules.md says ("The most that colluders can take").
func TestColludersTakeNoMoreThanTheTermsGrant(t *testing.T) {
	t.Parallel()
	for _, funding := range []alliance.Funding{alliance.AtIssue, alliance.AtUse} {
		t.Run(string(funding), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				d := drawGrowthModel(t, funding)
				drawListPrices(t, d.setup)
				shop := evenly(t, "colluding shop", merchantCodes...)
				c := &colluders{growthDrawer: d, allowed: newAllowance(d.setup, shop)}
				d.begin(t)
				c.check(t)
				for range rapid.IntRange(1, 40).Draw(t, "commands") {
					if once(t, "later", 3) {
						d.advance(t, d.soon())
					}
					d.do(t, c.command())
					c.check(t)
				}
			})
		})
	}
}

// colluders are a shop and all members.
type colluders struct {
	*growthDrawer
	allowed *allowance
	outside int64 // what they got from others outside the books less what they paid them
	read    int
}

func (c *colluders) check(t *rapid.T) {
	c.allowed.follow(c.records)
	for ; c.read < len(c.records); c.read++ {
		c.outside += c.beside(&c.records[c.read])
	}
	took := c.took()
	require.LessOrEqual(t, took, c.allowed.exact(), "%s and the members took more than they may, %+v", c.allowed.shop, c.records[len(c.records)-1])
	require.Equal(t, c.allowed.exact(), took, "the bound is not tight, or %s and the members have lost something", c.allowed.shop)
	require.LessOrEqual(t, c.allowed.costs, int64(0), "what colluders lose by the way is no gain")
	require.LessOrEqual(t, c.allowed.exact(), c.allowed.stated())
}

// took is what the ledger has for the shop and the members, and what they got beside it. A card
// that lacks value is thrown away: nobody pays for it.
func (c *colluders) took() int64 {
	shop := c.allowed.shop
	sum := c.outside - c.balances[merchantOf(shop)] - c.balances[issuerOf(shop)] -
		c.balances.of(ledger.CommissionPending, ledger.CommissionPayable, ledger.PointsPool)
	for account, minor := range c.balances {
		if account.Kind == ledger.CardValue || account.Kind == ledger.CardBonus {
			sum += max(0, -minor)
		}
	}
	return sum
}

// beside is what a transaction says of money and goods that pass between colluders and others
// outside the books: what is paid at another shop's till or online, and what other shops hand out.
func (c *colluders) beside(r *alliance.Record) int64 {
	if r.Type == alliance.Reversed {
		original := c.records[r.Corrects-1]
		if original.Type == alliance.ValueSpent || original.Type == alliance.HoldCaptured {
			original.Facts.Amount = r.Facts.Amount
		}
		return -c.beside(&original)
	}
	if r.Merchant == c.allowed.shop {
		return 0
	}
	switch r.Type {
	case alliance.CardSold, alliance.CardToppedUp:
		return -r.Facts.Amount
	case alliance.ValueSpent, alliance.HoldCaptured, alliance.PassUsed, alliance.ItemRedeemed, alliance.CardRefunded:
		return r.Facts.Amount
	case alliance.PointsSpent:
		return -r.Facts.Points * c.setup.Current().PointValue.Minor()
	case alliance.CouponUsed:
		if discount := c.discount(r.Facts.Benefit); r.Facts.Growth != nil && discount != 0 {
			return discount
		}
		return c.allowed.benefit(c.allowed.cards[r.Card], r.Facts.Benefit).Discount.Minor()
	}
	return 0
}

// command draws what moves most: sales, uses, and what gives money back.
func (c *colluders) command() alliance.Command {
	switch evenly(c.T, "what", "anything", "anything", "anything", "sale", "use", "use", "refund", "gift", "top-up", "reserve", "reserve", "capture") {
	case "sale":
		return c.sale()
	case "use":
		return c.use()
	case "gift":
		return alliance.GrantGift{Card: c.card(), Campaign: evenly(c.T, "campaign", c.granted()...)}
	case "top-up":
		return c.funded()
	case "reserve":
		return c.reserve()
	case "capture":
		return alliance.CaptureHold{Of: c.ending()}
	case "refund":
		return alliance.RefundCard{Card: c.card(), Ground: evenly(c.T, "ground", alliance.GroundCoolingOff, alliance.GroundMember, alliance.GroundShop)}
	}
	return c.anything()
}

// funded draws a top-up whose bonus may be the merchant's.
func (c *colluders) funded() alliance.Command {
	topUp, _ := c.topUp().(alliance.TopUp)
	if topUp.Merchant != nil && once(c.T, "funded by the merchant", 1) {
		topUp.BonusFundedBy = alliance.FundedByMerchant
	}
	return topUp
}

// granted returns the campaigns that give by command, or all.
func (c *colluders) granted() (codes []string) {
	for _, campaign := range c.setup.Campaigns {
		if campaign.When == alliance.WhenCommand {
			codes = append(codes, campaign.Code)
		}
	}
	if len(codes) == 0 {
		return []string{"g0"}
	}
	return codes
}

// reserve draws a hold of all that a card has, where it may be spent, or a spend of it.
func (c *colluders) reserve() alliance.Command {
	code := c.card()
	at := c.merchant(code)
	all := c.setup.Currency.Minor(c.stored(code)).String()
	if once(c.T, "spent", 1) {
		return alliance.SpendValue{Card: code, Merchant: at, Amount: all}
	}
	return alliance.PlaceHold{Card: code, Merchant: at, Amount: all}
}

// use draws a use of what a card's product has, where it is honoured.
func (c *colluders) use() alliance.Command {
	code := c.card()
	card := c.current(code)
	if card == nil || len(c.setup.Products[card.Product].Benefits) == 0 {
		return c.coupon()
	}
	b := rapid.SampledFrom(c.setup.Products[card.Product].Benefits).Draw(c.T, "benefit")
	at := evenly(c.T, "honoured by", b.Merchants...)
	if b.Kind == alliance.Pass {
		return alliance.UsePass{Card: code, Merchant: at, Benefit: b.Code, Count: 1}
	}
	return alliance.UseCoupon{Card: code, Merchant: at, Benefit: b.Code, Bill: c.setup.Currency.Minor(2000).String()}
}

// drawListPrices draws for each pass a list price: the reimbursement, or another.
func drawListPrices(t *rapid.T, s *alliance.Setup) {
	for _, code := range []string{"p1", "p2"} {
		benefits := s.Products[code].Benefits
		for i := range benefits {
			if b := &benefits[i]; b.Kind == alliance.Pass {
				b.ListPrice = b.Reimbursement
				if once(t, "another list price", 1) {
					b.ListPrice = s.Currency.Minor(rapid.Int64Range(0, 10_000).Draw(t, "list price"))
				}
			}
		}
	}
}
