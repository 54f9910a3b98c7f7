package alliance_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
)

var (
	cny    = money.MustCurrency("CNY")
	opened = time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
)

func yuan(t testing.TB, text string) money.Amount {
	t.Helper()
	amount, err := money.Parse(text, cny)
	require.NoError(t, err)
	return amount
}

func given(text string) *string { return &text }

// newAlliance returns a circle whose rules are those of the contract's example,
// with the merchants cafe, which may not owe anything, hotpot and spa.
func newAlliance(t testing.TB, funding alliance.Funding) *model {
	t.Helper()
	rate := decimal.RequireFromString
	terms := alliance.Terms{
		Version: 1, Currency: cny, Funding: funding,
		SellerShare: rate("0.10"), OrganiserShare: rate("0.05"),
		ReferralLevels: []decimal.Decimal{rate("0.08"), rate("0.02")}, ReleaseDays: 7, MinimumPayout: yuan(t, "10.00"),
		ClearingFee: rate("0.02"), HomeTraffic: rate("0.03"), OrganiserTraffic: rate("0.005"),
		PointsPerUnit: rate("1"), PointCost: yuan(t, "0.01"), PointValue: yuan(t, "0.01"),
		SpendOrder: alliance.PrincipalFirst, ValueLimit: yuan(t, "500.00"), Limited: true,
		MinimumTransfer: yuan(t, "1.00"),
	}
	zero := cny.Zero()
	explorer := &alliance.Product{
		Code: "explorer", Kind: alliance.Paid, Price: yuan(t, "199.00"), ValidDays: 30,
		Benefits: []alliance.Benefit{
			{Code: "coffee", Kind: alliance.Pass, Merchants: []string{"cafe"}, Uses: 3, Reimbursement: yuan(t, "12.00"), Threshold: zero, Discount: zero},
			{Code: "hotpot20", Kind: alliance.Coupon, Merchants: []string{"hotpot"}, Uses: 1, Reimbursement: zero,
				Threshold: yuan(t, "200.00"), Discount: yuan(t, "20.00"), FundedBy: alliance.FundedByOrganiser},
			{Code: "spa90", Kind: alliance.Coupon, Merchants: []string{"spa"}, Uses: 1, Reimbursement: zero,
				Threshold: yuan(t, "50.00"), Discount: yuan(t, "90.00"), FundedBy: alliance.FundedBySeller},
		},
	}
	setup := &alliance.Setup{
		Currency: cny, Terms: []alliance.Terms{terms},
		Merchants: map[string]*merchant.Merchant{
			"cafe":   {Code: "cafe", Capped: true, DebitCap: zero},
			"hotpot": {Code: "hotpot", DebitCap: zero},
			"spa":    {Code: "spa", DebitCap: zero},
		},
		Products: map[string]*alliance.Product{
			"explorer": explorer,
			"taster":   {Code: "taster", Kind: alliance.Free, Price: zero},
			"old":      {Code: "old", Kind: alliance.Free, Price: zero, Retired: true},
		},
	}
	return newModel(setup, time.UTC, opened)
}

// must gives a command that may not be refused.
func (m *model) must(t testing.TB, command alliance.Command) *act {
	t.Helper()
	done, code := m.do(t, command)
	require.NotNil(t, done, "%s: %T%+v", code, command, command)
	return done
}

func undoing(a *act) alliance.Reverse { return alliance.Reverse{Of: alliance.Reference{Seq: a.seq}} }
