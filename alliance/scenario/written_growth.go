package scenario

import (
	"github.com/lianka/lianka/alliance"
)

// refunds reads how a card is given back.
func refunds(rules mapping) *alliance.RefundsDocument {
	if rules.values["refunds"] == nil {
		return nil
	}
	m := rules.mapping("refunds", "cooling_off_days?")
	return &alliance.RefundsDocument{CoolingOffDays: m.optionalInteger("cooling_off_days")}
}

// tiers reads the ladder that cards climb, if there is one.
func tiers(rules mapping) *alliance.TiersDocument {
	if rules.values["tiers"] == nil {
		return nil
	}
	m := rules.mapping("tiers", "measure", "months", "ladder")
	written := &alliance.TiersDocument{Measure: m.text("measure"), Months: m.integer("months")}
	for i, n := range m.list("ladder") {
		t := m.d.mapping(n, item(m.at("ladder"), i), "code", "from", "points_rate")
		written.Ladder = append(written.Ladder, alliance.TierDocument{Code: t.text("code"), From: t.text("from"), PointsRate: t.text("points_rate")})
	}
	return written
}

// campaigns reads the list of campaigns; nil without the section.
func (d *document) campaigns(file mapping) []alliance.CampaignDocument {
	if file.values["campaigns"] == nil {
		return nil
	}
	campaigns := []alliance.CampaignDocument{}
	for i, n := range file.list("campaigns") {
		m := d.mapping(n, item("campaigns", i),
			"code", "when", "minimum?", "tier?", "home?", "from?", "until?", "per_member?", "every?", "funded_by?", "budget?", "gift")
		campaigns = append(campaigns, alliance.CampaignDocument{
			Code:      m.text("code"),
			When:      m.text("when"),
			Minimum:   m.optionalText("minimum"),
			Tier:      m.optionalText("tier"),
			Home:      m.optionalText("home"),
			From:      m.optionalInstant("from"),
			Until:     m.optionalInstant("until"),
			PerMember: m.optionalInteger("per_member"),
			Every:     m.word("every"),
			FundedBy:  m.word("funded_by"),
			Budget:    m.optionalText("budget"),
			Gift:      gift(m),
		})
	}
	return campaigns
}

func gift(campaign mapping) alliance.GiftDocument {
	m := campaign.mapping("gift", "points?", "bonus?", "coupons?")
	written := alliance.GiftDocument{Points: m.optionalInteger("points"), Bonus: m.optionalText("bonus")}
	for i, n := range m.list("coupons") {
		c := m.d.mapping(n, item(m.at("coupons"), i), "code", "merchants", "threshold?", "discount", "uses?", "valid_days")
		written.Coupons = append(written.Coupons, alliance.GiftCouponDocument{
			Code:      c.text("code"),
			Merchants: c.texts("merchants"),
			Threshold: c.optionalText("threshold"),
			Discount:  c.text("discount"),
			Uses:      c.optionalInteger("uses"),
			ValidDays: c.integer("valid_days"),
		})
	}
	return written
}

// mall reads the items that points buy; nil without the section.
func (d *document) mall(file mapping) []alliance.ItemDocument {
	if file.values["mall"] == nil {
		return nil
	}
	items := []alliance.ItemDocument{}
	for i, n := range file.list("mall") {
		m := d.mapping(n, item("mall", i), "code", "points", "merchants", "reimbursement", "stock?", "cash?")
		items = append(items, alliance.ItemDocument{
			Code:          m.text("code"),
			Points:        m.integer("points"),
			Merchants:     m.texts("merchants"),
			Reimbursement: m.text("reimbursement"),
			Stock:         m.optionalInteger("stock"),
			Cash:          m.optionalText("cash"),
		})
	}
	return items
}
