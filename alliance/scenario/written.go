package scenario

import (
	"go.yaml.in/yaml/v3"

	"github.com/lianka/lianka/alliance"
)

// terms reads the rules. It knows the keys and their types; the document checks the
// values.
func (d *document) terms(n *yaml.Node) alliance.TermsDocument {
	rules := d.mapping(n, "rules", "funding?", "sale", "referral", "redemption", "traffic", "points", "stored_value", "settlement", "offline?", "refunds?", "tiers?")
	sale := rules.mapping("sale", "seller", "organiser")
	referral := rules.mapping("referral", "levels", "hold_days", "minimum_payout", "withholding?")
	redemption := rules.mapping("redemption", "clearing_fee")
	traffic := rules.mapping("traffic", "home_merchant", "organiser")
	points := rules.mapping("points", "per_unit", "cost", "value")
	stored := rules.mapping("stored_value", "spend_order", "limit?", "scope?", "hold_minutes?")
	settlement := rules.mapping("settlement", "minimum_transfer", "transfers?", "review_days?", "payment_days?", "reminder_days?", "grace_days?",
		"answer_days?", "unanswered?",
		"loss?", "organiser_loss_limit?", "defaulted_cards?")
	return alliance.TermsDocument{
		Funding: rules.word("funding"),
		Sale:    alliance.SaleDocument{Seller: sale.text("seller"), Organiser: sale.text("organiser")},
		Referral: alliance.ReferralDocument{
			Levels:        referral.texts("levels"),
			ReleaseDays:   referral.integer("hold_days"),
			MinimumPayout: referral.text("minimum_payout"),
			Withholding:   referral.word("withholding"),
		},
		Redemption: alliance.RedemptionDocument{ClearingFee: redemption.text("clearing_fee")},
		Traffic:    alliance.TrafficDocument{HomeMerchant: traffic.text("home_merchant"), Organiser: traffic.text("organiser")},
		Points:     alliance.PointsDocument{PerUnit: points.text("per_unit"), Cost: points.text("cost"), Value: points.text("value")},
		StoredValue: alliance.StoredValueDocument{
			SpendOrder:  stored.text("spend_order"),
			Limit:       stored.optionalText("limit"),
			Scope:       stored.word("scope"),
			HoldMinutes: stored.optionalInteger("hold_minutes"),
		},
		Settlement: alliance.SettlementDocument{
			MinimumTransfer:    settlement.text("minimum_transfer"),
			Transfers:          settlement.word("transfers"),
			ReviewDays:         settlement.optionalInteger("review_days"),
			PaymentDays:        settlement.optionalInteger("payment_days"),
			ReminderDays:       settlement.optionalInteger("reminder_days"),
			GraceDays:          settlement.optionalInteger("grace_days"),
			AnswerDays:         settlement.optionalInteger("answer_days"),
			Unanswered:         settlement.word("unanswered"),
			Loss:               settlement.word("loss"),
			OrganiserLossLimit: settlement.optionalText("organiser_loss_limit"),
			DefaultedCards:     settlement.word("defaulted_cards"),
		},
		Offline: offline(rules),
		Refunds: refunds(rules),
		Tiers:   tiers(rules),
	}
}

// offline reads what may be uploaded late, if anything.
func offline(rules mapping) *alliance.OfflineDocument {
	if rules.values["offline"] == nil {
		return nil
	}
	m := rules.mapping("offline", "max_hours", "max_count", "max_amount")
	return &alliance.OfflineDocument{MaxHours: m.integer("max_hours"), MaxCount: m.integer("max_count"), MaxAmount: m.text("max_amount")}
}

// merchants reads the list of merchants, which may be empty.
func (d *document) merchants(file mapping) []alliance.MerchantDocument {
	nodes := file.list("merchants")
	merchants := make([]alliance.MerchantDocument, 0, len(nodes))
	for i, n := range nodes {
		m := d.mapping(n, item("merchants", i), "code", "name?", "category?", "debit_cap?")
		merchants = append(merchants, alliance.MerchantDocument{
			Code:     m.text("code"),
			Name:     m.prose("name"),
			Category: m.prose("category"),
			DebitCap: m.optionalText("debit_cap"),
		})
	}
	return merchants
}

// products reads the list of products, which may be empty.
func (d *document) products(file mapping) []alliance.ProductDocument {
	nodes := file.list("products")
	products := make([]alliance.ProductDocument, 0, len(nodes))
	for i, n := range nodes {
		m := d.mapping(n, item("products", i), "code", "name?", "kind", "price?", "valid_days?", "benefits?")
		products = append(products, alliance.ProductDocument{
			Code:      m.text("code"),
			Name:      m.prose("name"),
			Kind:      m.text("kind"),
			Price:     m.word("price"),
			ValidDays: m.optionalInteger("valid_days"),
			Benefits:  d.benefits(m),
		})
	}
	return products
}

func (d *document) benefits(product mapping) []alliance.BenefitDocument {
	var benefits []alliance.BenefitDocument
	for i, n := range product.list("benefits") {
		m := d.mapping(n, item(product.path+".benefits", i),
			"code", "kind", "merchant?", "merchants?", "uses?", "reimbursement?", "list_price?", "threshold?", "discount?", "funded_by?")
		benefits = append(benefits, alliance.BenefitDocument{
			Code:          m.text("code"),
			Kind:          m.text("kind"),
			Merchant:      m.optionalText("merchant"),
			Merchants:     m.texts("merchants"),
			Uses:          m.optionalInteger("uses"),
			Reimbursement: m.optionalText("reimbursement"),
			ListPrice:     m.optionalText("list_price"),
			Threshold:     m.optionalText("threshold"),
			Discount:      m.optionalText("discount"),
			FundedBy:      m.optionalText("funded_by"),
		})
	}
	return benefits
}
