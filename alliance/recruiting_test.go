package alliance_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
)

func forbidden(t *testing.T, err error) {
	t.Helper()
	var refusal *clearing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, alliance.CodeRecruiting, refusal.Code)
	require.Contains(t, refusal.Detail, "禁止传销条例 article 7")
}

// TestWhatTheLawAsksOfReferral: article 7 of 禁止传销条例, the first number with the campaigns, the
// second with the cards that are on sale.
func TestWhatTheLawAsksOfReferral(t *testing.T) {
	t.Parallel()
	zero, one := cny.Zero(), yuan(t, "1.00")
	paid := &alliance.Product{Code: "explorer", Kind: alliance.Paid, Price: yuan(t, "199.00")}
	free := &alliance.Product{Code: "taster", Kind: alliance.Free, Price: zero}
	other := &alliance.Product{Code: "guest", Kind: alliance.Free, Price: zero}
	gone := &alliance.Product{Code: "old", Kind: alliance.Free, Price: zero, Retired: true}
	setup := func(levels []string, running []*alliance.Campaign, products ...*alliance.Product) *alliance.Setup {
		s := &alliance.Setup{Currency: cny, Products: make(map[string]*alliance.Product), Campaigns: running}
		terms := alliance.Terms{Version: 1, Currency: cny}
		for _, level := range levels {
			terms.ReferralLevels = append(terms.ReferralLevels, decimal.RequireFromString(level))
		}
		s.Terms = []alliance.Terms{terms}
		for _, p := range products {
			s.Products[p.Code] = p
		}
		return s
	}
	refers := &alliance.Campaign{Code: "friend", When: alliance.WhenRefers, Minimum: one}
	closed := &alliance.Campaign{Code: "friend", When: alliance.WhenRefers, Minimum: one}
	closed.Closed = true
	levels, none := []string{"0.08", "0.02"}, []string{"0"}
	for name, test := range map[string]struct {
		err    error
		wanted bool
	}{
		"a campaign for bringing people, without a minimum": {setup(nil, nil, free).CheckReferralCampaign(&alliance.Campaign{When: alliance.WhenRefers, Minimum: zero}), false},
		"the same for who was brought":                      {setup(nil, nil, free).CheckReferralCampaign(&alliance.Campaign{When: alliance.WhenReferred, Minimum: zero}), false},
		"with a minimum":                                    {setup(nil, nil, free).CheckReferralCampaign(refers), true},
		"with a minimum, and nothing free":                  {setup(nil, nil, paid, gone).CheckReferralCampaign(refers), false},
		"with a minimum, before any product":                {setup(nil, nil).CheckReferralCampaign(refers), false},
		"a campaign for purchases":                          {setup(nil, nil, paid).CheckReferralCampaign(&alliance.Campaign{When: alliance.WhenUse, Minimum: zero}), true},
		"a first card":                                      {setup(nil, nil, paid).CheckReferralCampaign(&alliance.Campaign{When: alliance.WhenJoined, Minimum: zero}), true},

		"terms with levels, before any product": {setup(nil, nil).CheckReferralTerms(setup(levels, nil).Current()), true},
		"terms with levels, and nothing free":   {setup(nil, nil, paid, gone).CheckReferralTerms(setup(levels, nil).Current()), false},
		"terms with levels, and a free card":    {setup(nil, nil, paid, free).CheckReferralTerms(setup(levels, nil).Current()), true},
		"terms with levels of nothing":          {setup(nil, nil, paid).CheckReferralTerms(setup(none, nil).Current()), true},

		"the last free card under levels":              {setup(levels, nil, paid, free).CheckRetiring("taster"), false},
		"the last free card under a campaign":          {setup(nil, []*alliance.Campaign{refers}, paid, free).CheckRetiring("taster"), false},
		"the last free card under a closed campaign":   {setup(nil, []*alliance.Campaign{closed}, paid, free).CheckRetiring("taster"), true},
		"the last free card where nothing is rewarded": {setup(none, nil, paid, free).CheckRetiring("taster"), true},
		"one of two free cards":                        {setup(levels, nil, free, other).CheckRetiring("taster"), true},
		"a free card that is retired, without another": {setup(levels, nil, paid, gone).CheckRetiring("old"), true},
		"a card that costs something":                  {setup(levels, nil, paid, free).CheckRetiring("explorer"), true},
		"a card that there is not":                     {setup(levels, nil, paid, free).CheckRetiring("nobody's"), true},
		"a link under levels, and nothing free":        {setup(levels, nil, paid, gone).CheckSharing(), false},
		"a link under levels, and a free card":         {setup(levels, nil, paid, free).CheckSharing(), true},
		"a link where nothing is rewarded":             {setup(none, nil, paid).CheckSharing(), true},
		"a link under a campaign, and nothing free":    {setup(nil, []*alliance.Campaign{refers}, paid).CheckSharing(), false},
	} {
		if test.wanted {
			require.NoError(t, test.err, name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forbidden(t, test.err)
		})
	}
	require.Equal(t, other, setup(nil, nil, free, gone, other, paid).FreeCard(), "the first by its code")
}
