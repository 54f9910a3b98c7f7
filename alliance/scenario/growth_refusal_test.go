package scenario_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// growthYAML is a circle with all that gives: tiers by points, campaigns and a mall.
func growthYAML(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/growth-tiers/circle.yaml")
	require.NoError(t, err)
	return string(text)
}

func TestGrowthIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	c, err := scenario.ParseAlliance("circle.yaml", []byte(growthYAML(t)))
	require.NoError(t, err)
	terms := c.Setup.Current()
	require.Equal(t, []any{60, true, 7, alliance.MeasurePoints, 2}, []any{terms.HoldMinutes, terms.HomeOnly, terms.CoolingOffDays, terms.Tiers.Measure, terms.Tiers.Months})
	require.Equal(t, []any{"gold", int64(300), "1.5"}, []any{terms.Tiers.Ladder[2].Code, terms.Tiers.Ladder[2].From, terms.Tiers.Ladder[2].PointsRate.String()})
	codes := make([]string, 0, len(c.Setup.Campaigns))
	for _, campaign := range c.Setup.Campaigns {
		codes = append(codes, campaign.Code)
	}
	require.Equal(t, []string{"brought", "daily", "promo", "thanks", "up1", "up2", "vip", "welcome"}, codes, "in the order of their codes")
	promo := c.Setup.Campaigns[2]
	require.Equal(t, time.Date(2026, 10, 4, 16, 0, 0, 0, time.UTC), promo.From)
	require.Equal(t, []any{"gym", "cafe", 2, alliance.EveryMonth, "35.00"}, []any{promo.FundedBy, promo.Home, promo.PerMember, promo.Every, promo.Budget.String()})
	require.Zero(t, c.Setup.Campaigns[3].PerMember, "when: refers has no limit by default")
	require.Equal(t, 1, c.Setup.Campaigns[0].PerMember)
	require.Equal(t, "12.00", c.Setup.Products["explorer"].Benefits[0].ListPrice.String(), "the reimbursement by default")
	require.Equal(t, []any{true, int64(2), false}, []any{c.Setup.Items["mug"].Limited, c.Setup.Items["mug"].Stock, c.Setup.Items["tea"].Limited})

	plain, err := scenario.ParseAlliance("circle.yaml", []byte(allianceYAML))
	require.NoError(t, err)
	require.Nil(t, plain.Campaigns)
	require.Nil(t, plain.Mall)
	require.Nil(t, plain.Terms.Tiers)
	require.Equal(t, []any{30, false, 7}, []any{plain.Setup.Current().HoldMinutes, plain.Setup.Current().HomeOnly, plain.Setup.Current().CoolingOffDays})
}

func TestGrowthRefusals(t *testing.T) {
	t.Parallel()
	whole := growthYAML(t)
	tiers := whole[strings.Index(whole, "  tiers:"):strings.Index(whole, "  settlement:")]
	for name, c := range map[string]struct{ old, new, want string }{
		"a scope":                   {"scope: home", "scope: shop", `:8: rules.stored_value.scope: "shop" is neither circle nor home`},
		"no hold":                   {"hold_minutes: 60", "hold_minutes: 0", ":8: rules.stored_value.hold_minutes: 0 is not between 1 and 10080"},
		"a long hold":               {"hold_minutes: 60", "hold_minutes: 10081", "hold_minutes: 10081 is not between 1 and 10080"},
		"cooling off":               {"  settlement:", "  refunds: {cooling_off_days: 366}\n  settlement:", "rules.refunds.cooling_off_days: 366 is not between 0 and 365"},
		"a measure":                 {"measure: points", "measure: bills", `:10: rules.tiers.measure: "bills" is neither spent nor points`},
		"no months":                 {"months: 2", "months: 0", "rules.tiers.months: 0 is not between 1 and 36"},
		"no ladder":                 {tiers[strings.Index(tiers, "ladder:"):], "ladder: []\n", "rules.tiers.ladder: has 0 tiers; a ladder has 1 to 10"},
		"a ladder that begins late": {`from: "0",`, `from: "1",`, ":13: rules.tiers.ladder[0].from: is 1; the first tier is from zero"},
		"a ladder that stays":       {`from: "300"`, `from: "100"`, ":15: rules.tiers.ladder[2].from: 100 is not above the 100 of the tier before"},
		"a fraction of a point":     {`from: "300"`, `from: "300.00"`, `"300.00" is not a whole number of points`},
		"a tier twice":              {"code: gold, from", "code: silver, from", `:15: rules.tiers.ladder[2].code: "silver" is used twice`},
		"a negative rate":           {`points_rate: "1.5"`, `points_rate: "-1"`, ":15: rules.tiers.ladder[2].points_rate: "},
		"a large rate":              {`points_rate: "1.5"`, `points_rate: "100.1"`, "points_rate: 100.1 is above 100"},
		"a trigger":                 {"when: joined", "when: born", `campaigns[0].when: "born" is not one of joined, use, referred, refers, tier, command`},
		"a campaign twice":          {"code: vip", "code: daily", `campaigns[7].code: "daily" is used twice`},
		"a minimum for nothing":     {"when: tier, tier: gold,", `when: tier, tier: gold, minimum: "0.00",`, "campaigns[5].minimum: belongs to when: use, referred or refers"},
		"a tier without tiers":      {tiers, "", "campaigns[4].tier: is given, but the rules have no tiers"},
		"an unknown tier":           {"when: command, tier: gold", "when: command, tier: brass", `campaigns[7].tier: no tier "brass" is on the ladder`},
		"a tier that all have":      {"when: tier, tier: gold", "when: tier, tier: basic", `campaigns[5].tier: "basic" is the first tier`},
		"no tier to reach":          {"when: tier, tier: gold", "when: tier", "campaigns[5].tier: is missing"},
		"an unknown home":           {"home: gym", "home: zoo", `campaigns[2].home: no merchant "zoo" is in this circle`},
		"an unknown funder":         {"funded_by: hotpot", "funded_by: zoo", `campaigns[4].funded_by: no merchant "zoo" is in this circle`},
		"an end before the start":   {"until: 2026-11-02T00:00:00+08:00", "until: 2026-10-05T00:00:00+08:00", "campaigns[6].until: 2026-10-05T00:00:00+08:00 is not after from"},
		"no offset":                 {"until: 2026-10-20T00:00:00+08:00", `until: "2026-10-20T00:00:00"`, "campaigns[0].until: \"2026-10-20T00:00:00\" is not an instant"},
		"a day":                     {"until: 2026-10-20T00:00:00+08:00", "until: 2026-10-20", "campaigns[0].until: \"2026-10-20\" is not an instant"},
		"nothing per member":        {"per_member: 2", "per_member: 0", "campaigns[6].per_member: 0 is not between 1 and"},
		"a span":                    {"every: month", "every: week", `campaigns[6].every: "week" is not one of ever, day, month, year`},
		"a budget":                  {`budget: "10.00"`, `budget: "10.001"`, "campaigns[1].budget: "},
		"an empty gift":             {`gift: {bonus: "3.00"}`, "gift: {}", "campaigns[2].gift: is empty; a gift has points, a bonus or coupons"},
		"no coupons":                {`gift: {bonus: "3.00"}`, "gift: {coupons: []}", "campaigns[2].gift: is empty"},
		"no points":                 {"gift: {points: 10}", "gift: {points: 0}", "campaigns[7].gift.points: 0 is not between 1 and"},
		"no bonus":                  {`gift: {bonus: "3.00"}`, `gift: {bonus: "0.00"}`, "campaigns[2].gift.bonus: must be above zero"},
		"no discount":               {`discount: "10.00"`, `discount: "0.00"`, "campaigns[4].gift.coupons[0].discount: must be above zero"},
		"no uses":                   {"uses: 2, valid_days: 40", "uses: 0, valid_days: 40", "campaigns[4].gift.coupons[0].uses: 0 is not between 1 and"},
		"no days":                   {"valid_days: 40", "valid_days: 0", "campaigns[4].gift.coupons[0].valid_days: 0 is not between 1 and"},
		"no shop":                   {"code: s10, merchants: [gym]", "code: s10, merchants: []", "campaigns[4].gift.coupons[0].merchants: is missing"},
		"an unknown shop":           {"code: s10, merchants: [gym]", "code: s10, merchants: [zoo]", `campaigns[4].gift.coupons[0].merchants[0]: no merchant "zoo" is in this circle`},
		"a benefit's code":          {"code: s10", "code: coffee", `campaigns[4].gift.coupons[0].code: "coffee" is the code of a benefit of product "explorer"`},
		"another coupon's code":     {"code: s10", "code: w20", `campaigns[4].gift.coupons[0].code: "w20" is the code of a coupon of campaign "welcome"`},
		"a coupon's code twice":     {"{code: s10,", `{code: s10, merchants: [gym], discount: "1.00", valid_days: 1}, {code: s10,`, `campaigns[4].gift.coupons[1].code: "s10" is used twice`},
		"an item twice":             {"code: tea", "code: mug", `mall[1].code: "mug" is used twice`},
		"an item for nothing":       {"points: 100", "points: 0", "mall[0].points: 0 is not between 1 and"},
		"an item above its points":  {`reimbursement: "1.50"`, `reimbursement: "2.01"`, "mall[0].reimbursement: 2.01 is more than the 2.00 that is set aside for 100 points"},
		"no stock":                  {"stock: 2", "stock: 0", "mall[0].stock: 0 is not between 1 and"},
		"an item at no shop":        {"merchants: [cafe, gym], reimb", "merchants: [], reimb", "mall[1].merchants: is missing"},
		"an unknown key":            {"stock: 2", "left: 2", `mall[0]: key "left" is not known`},
		"a coupon's list price":     {`reimbursement: "12.00"}`, "reimbursement: \"12.00\"}\n      - {code: c, kind: coupon, merchants: [gym], discount: \"1.00\", list_price: \"2.00\"}", "products[0].benefits[1].list_price: belongs to a pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, whole, c.old)
			_, err := scenario.ParseAlliance("circle.yaml", []byte(strings.Replace(whole, c.old, c.new, 1)))
			var refused *scenario.FileError
			require.ErrorAs(t, err, &refused)
			require.Positive(t, refused.Line)
			require.Contains(t, err.Error(), c.want)
		})
	}
}

func TestACircleThatLacksALineIsReadOrRefused(t *testing.T) {
	t.Parallel()
	lines := strings.Split(growthYAML(t), "\n")
	for i := range lines {
		without := strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "\n")
		_, err := scenario.ParseAlliance("circle.yaml", []byte(without))
		var refused *scenario.FileError
		require.True(t, err == nil || errors.As(err, &refused), "without line %d: %v", i+1, err)
	}
}
