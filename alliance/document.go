package alliance

import "errors"

// TermsDocument is the written form of Terms: the rules of circle.yaml, the body
// of the API's terms, and the row that the database keeps. Rates and amounts are
// decimal strings, amounts in major units.
type TermsDocument struct {
	Funding     string              `json:"funding,omitempty" yaml:"funding,omitempty"` // at_issue (default) or at_use
	Sale        SaleDocument        `json:"sale" yaml:"sale"`
	Referral    ReferralDocument    `json:"referral" yaml:"referral"`
	Redemption  RedemptionDocument  `json:"redemption" yaml:"redemption"`
	Traffic     TrafficDocument     `json:"traffic" yaml:"traffic"`
	Points      PointsDocument      `json:"points" yaml:"points"`
	StoredValue StoredValueDocument `json:"stored_value" yaml:"stored_value"`
	Settlement  SettlementDocument  `json:"settlement" yaml:"settlement"`
}

// SaleDocument gives the shares of a card's price.
type SaleDocument struct {
	Seller    string `json:"seller" yaml:"seller"`
	Organiser string `json:"organiser" yaml:"organiser"`
}

// ReferralDocument gives the commission of one or two levels.
type ReferralDocument struct {
	Levels        []string `json:"levels" yaml:"levels"`
	HoldDays      int      `json:"hold_days" yaml:"hold_days"`
	MinimumPayout string   `json:"minimum_payout" yaml:"minimum_payout"`
}

// RedemptionDocument gives the organiser's share of what a merchant is
// reimbursed.
type RedemptionDocument struct {
	ClearingFee string `json:"clearing_fee" yaml:"clearing_fee"`
}

// TrafficDocument gives the shares of a bill paid at another merchant.
type TrafficDocument struct {
	HomeMerchant string `json:"home_merchant" yaml:"home_merchant"`
	Organiser    string `json:"organiser" yaml:"organiser"`
}

// PointsDocument gives points for a major unit, and money for a point.
type PointsDocument struct {
	PerUnit string `json:"per_unit" yaml:"per_unit"`
	Cost    string `json:"cost" yaml:"cost"`
	Value   string `json:"value" yaml:"value"`
}

// StoredValueDocument gives the order of spending and the limit, which is
// optional.
type StoredValueDocument struct {
	SpendOrder string  `json:"spend_order" yaml:"spend_order"`
	Limit      *string `json:"limit,omitempty" yaml:"limit,omitempty"`
}

// SettlementDocument gives the month-end.
type SettlementDocument struct {
	MinimumTransfer string `json:"minimum_transfer" yaml:"minimum_transfer"`
	Transfers       string `json:"transfers,omitempty" yaml:"transfers,omitempty"` // custody (default) or direct
}

// ShopDocument is the written form of a merchant.
type ShopDocument struct {
	Code     string  `json:"code" yaml:"code"`
	Name     string  `json:"name,omitempty" yaml:"name,omitempty"` // the code if left out
	Category string  `json:"category,omitempty" yaml:"category,omitempty"`
	DebitCap *string `json:"debit_cap,omitempty" yaml:"debit_cap,omitempty"`
}

// ProductDocument is the written form of a Product.
type ProductDocument struct {
	Code      string            `json:"code" yaml:"code"`
	Name      string            `json:"name,omitempty" yaml:"name,omitempty"` // the code if left out
	Kind      string            `json:"kind" yaml:"kind"`
	Price     string            `json:"price" yaml:"price"`
	ValidDays *int              `json:"valid_days,omitempty" yaml:"valid_days,omitempty"` // none: never expires
	Benefits  []BenefitDocument `json:"benefits,omitempty" yaml:"benefits,omitempty"`
}

// BenefitDocument is the written form of a Benefit: Merchant and Reimbursement
// belong to a pass, Merchants, Threshold, Discount and FundedBy to a coupon.
type BenefitDocument struct {
	Code          string   `json:"code" yaml:"code"`
	Kind          string   `json:"kind" yaml:"kind"`
	Merchant      *string  `json:"merchant,omitempty" yaml:"merchant,omitempty"`
	Merchants     []string `json:"merchants,omitempty" yaml:"merchants,omitempty"`
	Uses          *int     `json:"uses,omitempty" yaml:"uses,omitempty"` // 1 if left out
	Reimbursement *string  `json:"reimbursement,omitempty" yaml:"reimbursement,omitempty"`
	Threshold     *string  `json:"threshold,omitempty" yaml:"threshold,omitempty"` // 0 if left out
	Discount      *string  `json:"discount,omitempty" yaml:"discount,omitempty"`
	FundedBy      *string  `json:"funded_by,omitempty" yaml:"funded_by,omitempty"` // organiser if left out
}

// ErrNoTerms: a circle has no terms, so no command can be decided.
var ErrNoTerms = errors.New("the circle has no terms yet; its organiser has to set them first")
