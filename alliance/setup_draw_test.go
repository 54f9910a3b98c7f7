package alliance_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
)

var merchantCodes = []string{"bakery", "cafe", "hotpot", "spa"}

// drawModel draws a circle in which nothing has happened.
func drawModel(t *rapid.T, funding alliance.Funding) *model {
	location, err := time.LoadLocation(evenly[string](t, "timezone", "Asia/Shanghai", "America/Havana", "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	// The last days of a month, so that months end in short runs too.
	at := time.Date(2026, 2, rapid.IntRange(20, 28).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
	return newModel(drawSetup(t, funding), location, at)
}

func drawSetup(t *rapid.T, funding alliance.Funding) *alliance.Setup {
	currency := money.MustCurrency(evenly[string](t, "currency", "CNY", "JPY", "KWD"))
	s := &alliance.Setup{Currency: currency, Merchants: make(map[string]*merchant.Merchant), Products: make(map[string]*alliance.Product)}
	first := drawTerms(t, currency)
	first.Version, first.Funding = 1, funding
	s.Terms = []alliance.Terms{first}
	for _, code := range merchantCodes {
		m := &merchant.Merchant{Code: code, Name: code, DebitCap: currency.Zero()}
		if once(t, "capped", 1) {
			m.Capped, m.DebitCap = true, currency.Minor(rapid.Int64Range(0, 20_000).Draw(t, "cap"))
		}
		s.Merchants[code] = m
	}
	for _, code := range []string{"p1", "p2"} {
		product := drawProduct(t, currency, code)
		s.Products[product.Code] = product
	}
	s.Products["retired"] = &alliance.Product{Code: "retired", Kind: alliance.Free, Price: currency.Zero(), Retired: true}
	return s
}

// drawTerms draws terms that may follow any others: what can't change in the
// life of a circle, its funding, is for the caller to set. What is set aside for
// a point is the same in all of them, for only then it backs all points.
func drawTerms(t *rapid.T, currency money.Currency) alliance.Terms {
	shares := drawShares(t, evenly(t, "levels", 3, 4))
	traffic := drawShares(t, 2)
	cost := int64(2)
	terms := alliance.Terms{
		Currency:         currency,
		SellerShare:      shares[0],
		OrganiserShare:   shares[1],
		ReferralLevels:   shares[2:],
		HoldDays:         evenly[int](t, "hold days", 0, 1, 3, 7),
		MinimumPayout:    currency.Minor(evenly[int64](t, "minimum payout", 0, 0, 100, 1000)),
		ClearingFee:      drawShares(t, 1)[0],
		HomeTraffic:      traffic[0],
		OrganiserTraffic: traffic[1],
		PointsPerUnit:    decimal.RequireFromString(evenly[string](t, "points per unit", "0", "0.5", "1", "3.7")),
		PointCost:        currency.Minor(cost),
		PointValue:       currency.Minor(rapid.Int64Range(0, cost).Draw(t, "point value")),
		SpendOrder:       evenly[alliance.SpendOrder](t, "order", alliance.PrincipalFirst, alliance.BonusFirst, alliance.Proportional),
		ValueLimit:       currency.Zero(),
		MinimumTransfer:  currency.Minor(evenly[int64](t, "minimum transfer", 0, 0, 1, 500)),
		DirectTransfers:  rapid.Bool().Draw(t, "direct"),
	}
	if once(t, "limited", 1) {
		terms.Limited, terms.ValueLimit = true, currency.Minor(rapid.Int64Range(0, 10_000).Draw(t, "limit"))
	}
	return terms
}

// drawShares draws rates in thousandths that add up to at most the whole.
func drawShares(t *rapid.T, n int) []decimal.Decimal {
	shares, left := make([]decimal.Decimal, n), int64(1000)
	for i := range shares {
		share := rapid.Int64Range(0, min(left, 333)).Draw(t, "share")
		if once(t, "all of it", 5) {
			share = left
		}
		shares[i], left = decimal.New(share, -3), left-share
	}
	return shares
}

func drawProduct(t *rapid.T, currency money.Currency, code string) *alliance.Product {
	p := &alliance.Product{Code: code, Kind: alliance.Free, Price: currency.Zero()}
	if !once(t, "free", 2) {
		p.Kind, p.Price = alliance.Paid, currency.Minor(rapid.Int64Range(1, 20_000).Draw(t, "price"))
	}
	p.ValidDays = evenly[int](t, "valid days", 0, 0, 1, 7, 30)
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(merchantCodes), 1, len(merchantCodes), rapid.ID)
	for _, kind := range []alliance.BenefitKind{alliance.Pass, alliance.Coupon, alliance.Coupon} {
		if once(t, "without", 3) {
			continue
		}
		b := alliance.Benefit{
			Code: fmt.Sprintf("b%d", len(p.Benefits)+1), Kind: kind, Uses: rapid.IntRange(1, 3).Draw(t, "uses"),
			Reimbursement: currency.Zero(), Threshold: currency.Zero(), Discount: currency.Zero(),
		}
		if kind == alliance.Pass {
			b.Merchants = []string{evenly(t, "honoured by", merchantCodes...)}
			b.Reimbursement = currency.Minor(rapid.Int64Range(0, 5000).Draw(t, "reimbursement"))
		} else {
			b.Merchants = some.Draw(t, "honoured by")
			b.Threshold = currency.Minor(rapid.Int64Range(0, 500).Draw(t, "threshold"))
			b.Discount = currency.Minor(rapid.Int64Range(0, 500).Draw(t, "discount"))
			b.FundedBy = evenly(t, "funded by", alliance.FundedByOrganiser, alliance.FundedBySeller, alliance.FundedByMerchant)
		}
		p.Benefits = append(p.Benefits, b)
	}
	return p
}
