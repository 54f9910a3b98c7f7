package year_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing/money"
)

var renminbi = money.MustCurrency("CNY")

// yuan writes an amount of fen.
func yuan(fen int64) string { return renminbi.Minor(fen).String() }

// one draws one of some values.
func one[E any](random *rand.Rand, values ...E) E { return values[random.IntN(len(values))] }

// within draws a number from low to high, both among them.
func within(random *rand.Rand, low, high int64) int64 { return low + random.Int64N(high-low+1) }

// drawAlliance draws who is in a circle, and what they agreed upon.
func drawAlliance(random *rand.Rand, seed uint64) scenario.Alliance {
	location, err := time.LoadLocation(one(random, "Asia/Shanghai", "Europe/Berlin", "UTC"))
	if err != nil {
		panic(err)
	}
	c := scenario.Alliance{
		Code: fmt.Sprintf("year-%d", seed), Name: fmt.Sprintf("Year %d", seed), Currency: renminbi, Location: location,
		Terms: drawTerms(random, one(random, "at_issue", "at_use")),
	}
	var merchants []string
	for i := range within(random, 3, 12) {
		merchant := drawMerchant(random, fmt.Sprintf("shop%02d", i+1))
		c.Merchants, merchants = append(c.Merchants, merchant), append(merchants, merchant.Code)
	}
	c.Products = drawProducts(random, merchants)
	return c
}

func drawMerchant(random *rand.Rand, code string) alliance.MerchantDocument {
	merchant := alliance.MerchantDocument{Code: code}
	if random.IntN(3) == 0 {
		limit := yuan(within(random, 500_00, 3000_00))
		merchant.DebitCap = &limit
	}
	return merchant
}

// drawTerms draws terms that may follow any others of the same funding.
func drawTerms(random *rand.Rand, funding string) alliance.TermsDocument {
	days := func(low, high int64) *int {
		n := int(within(random, low, high))
		return &n
	}
	t := alliance.TermsDocument{
		Funding: funding,
		Sale:    alliance.SaleDocument{Seller: one(random, "0.10", "0"), Organiser: "0.05"},
		Referral: alliance.ReferralDocument{
			Levels: one(random, []string{"0.08"}, []string{"0.11", "0.025"}), ReleaseDays: int(within(random, 0, 14)),
			MinimumPayout: one(random, "0.00", "20.00"), Withholding: one(random, "", "cn_labour"),
		},
		Redemption:  alliance.RedemptionDocument{ClearingFee: "0.02"},
		Traffic:     alliance.TrafficDocument{HomeMerchant: "0.03", Organiser: "0.01"},
		Points:      alliance.PointsDocument{PerUnit: "1", Cost: "0.02", Value: "0.01"},
		StoredValue: alliance.StoredValueDocument{SpendOrder: one(random, "principal_first", "bonus_first", "proportional")},
		Settlement: alliance.SettlementDocument{
			MinimumTransfer: one(random, "0.00", "1.00", "150.00"), Transfers: one(random, "custody", "direct"),
			ReviewDays: days(0, 5), PaymentDays: days(0, 6), ReminderDays: days(1, 3), GraceDays: days(0, 8),
			AnswerDays: days(1, 20), Unanswered: one(random, "refused", "adjusted"),
			Loss: one(random, "organiser_first", "creditors"), DefaultedCards: one(random, "honoured", "refused"),
		},
	}
	if t.Settlement.Loss == "organiser_first" && random.IntN(2) == 0 {
		limit := yuan(within(random, 0, 200_00))
		t.Settlement.OrganiserLossLimit = &limit
	}
	if random.IntN(6) > 0 {
		t.Offline = &alliance.OfflineDocument{MaxHours: 48, MaxCount: 12, MaxAmount: "2000.00"}
	}
	return t
}

func drawProducts(random *rand.Rand, merchants []string) []alliance.ProductDocument {
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	pass := func(code string) alliance.BenefitDocument {
		return alliance.BenefitDocument{Code: code, Kind: "pass", Merchant: text(one(random, merchants...)), Uses: number(6), Reimbursement: text(yuan(within(random, 1, 30_00)))}
	}
	coupon := func(code, funder string) alliance.BenefitDocument {
		return alliance.BenefitDocument{
			Code: code, Kind: "coupon", Merchants: merchants[:1+random.IntN(len(merchants))], Uses: number(4), Threshold: text("20.00"),
			Discount: text(yuan(within(random, 1, 15_00))), FundedBy: text(funder),
		}
	}
	return []alliance.ProductDocument{
		{Code: "guest", Kind: "free", Price: "0.00", ValidDays: number(40), Benefits: []alliance.BenefitDocument{coupon("welcome", "organiser")}},
		{Code: "month", Kind: "paid", Price: yuan(within(random, 1, 300_00)), ValidDays: number(30), Benefits: []alliance.BenefitDocument{pass("coffee"), coupon("sellers", "seller")}},
		{Code: "always", Kind: "paid", Price: yuan(one(random, 9000_00, within(random, 100_00, 900_00), within(random, 100_00, 900_00))), Benefits: []alliance.BenefitDocument{pass("class"), pass("lunch"), coupon("ours", "merchant")}},
	}
}
