package alliance

// TermsDocument is the written form of Terms: the rules of circle.yaml, the body
// of the API's terms, and the row that the database keeps. Rates and amounts are
// decimal strings, amounts in major units.
type TermsDocument struct {
	Funding     string              `json:"funding,omitempty"` // at_issue (default) or at_use
	Sale        SaleDocument        `json:"sale"`
	Referral    ReferralDocument    `json:"referral"`
	Redemption  RedemptionDocument  `json:"redemption"`
	Traffic     TrafficDocument     `json:"traffic"`
	Points      PointsDocument      `json:"points"`
	StoredValue StoredValueDocument `json:"stored_value"`
	Settlement  SettlementDocument  `json:"settlement"`
	Offline     *OfflineDocument    `json:"offline,omitempty"` // none: nothing may be uploaded late
	Refunds     *RefundsDocument    `json:"refunds,omitempty"`
	Tiers       *TiersDocument      `json:"tiers,omitempty"` // none: cards have no tiers
}

// SaleDocument gives the shares of a card's price.
type SaleDocument struct {
	Seller    string `json:"seller"`
	Organiser string `json:"organiser"`
}

// ReferralDocument gives the commission of one or two levels.
type ReferralDocument struct {
	Levels        []string `json:"levels"`
	ReleaseDays   int      `json:"hold_days"`
	MinimumPayout string   `json:"minimum_payout"`
	Withholding   string   `json:"withholding,omitempty"` // a table of tax, such as cn_labour; none if left out
}

// RedemptionDocument gives the organiser's share of what a merchant is
// reimbursed.
type RedemptionDocument struct {
	ClearingFee string `json:"clearing_fee"`
}

// TrafficDocument gives the shares of a bill paid at another merchant.
type TrafficDocument struct {
	HomeMerchant string `json:"home_merchant"`
	Organiser    string `json:"organiser"`
}

// PointsDocument gives points for a major unit, and money for a point.
type PointsDocument struct {
	PerUnit string `json:"per_unit"`
	Cost    string `json:"cost"`
	Value   string `json:"value"`
}

// StoredValueDocument gives the order of spending. The rest is optional.
type StoredValueDocument struct {
	SpendOrder  string  `json:"spend_order"`
	Limit       *string `json:"limit,omitempty"`
	Scope       string  `json:"scope,omitempty"`        // circle (default) or home
	HoldMinutes *int    `json:"hold_minutes,omitempty"` // 30 if left out
}

// SettlementDocument gives the month-end, and what comes after it. Days are of the
// circle's calendar.
type SettlementDocument struct {
	MinimumTransfer    string  `json:"minimum_transfer"`
	Transfers          string  `json:"transfers,omitempty"`            // custody (default) or direct
	ReviewDays         *int    `json:"review_days,omitempty"`          // 3 if left out
	PaymentDays        *int    `json:"payment_days,omitempty"`         // 7 if left out
	ReminderDays       *int    `json:"reminder_days,omitempty"`        // 3 if left out
	GraceDays          *int    `json:"grace_days,omitempty"`           // 14 if left out
	AnswerDays         *int    `json:"answer_days,omitempty"`          // 14 if left out
	Unanswered         string  `json:"unanswered,omitempty"`           // refused (default) or adjusted
	Loss               string  `json:"loss,omitempty"`                 // organiser_first (default) or creditors
	OrganiserLossLimit *string `json:"organiser_loss_limit,omitempty"` // none: all of a loss
	DefaultedCards     string  `json:"defaulted_cards,omitempty"`      // honoured (default) or refused
}

// OfflineDocument gives what a merchant may upload late.
type OfflineDocument struct {
	MaxHours  int    `json:"max_hours"`
	MaxCount  int    `json:"max_count"`
	MaxAmount string `json:"max_amount"`
}

// MerchantDocument is the written form of a merchant.
type MerchantDocument struct {
	Code     string  `json:"code"`
	Name     string  `json:"name,omitempty"` // the code if left out
	Category string  `json:"category,omitempty"`
	DebitCap *string `json:"debit_cap,omitempty"`
}

// ProductDocument is the written form of a Product.
type ProductDocument struct {
	Code      string            `json:"code"`
	Name      string            `json:"name,omitempty"` // the code if left out
	Kind      string            `json:"kind"`
	Price     string            `json:"price"`
	ValidDays *int              `json:"valid_days,omitempty"` // none: never expires
	Benefits  []BenefitDocument `json:"benefits,omitempty"`
}

// BenefitDocument is the written form of a Benefit: Merchant, Reimbursement
// and ListPrice belong to a pass, Merchants, Threshold, Discount and FundedBy to a coupon.
type BenefitDocument struct {
	Code          string   `json:"code"`
	Kind          string   `json:"kind"`
	Merchant      *string  `json:"merchant,omitempty"`
	Merchants     []string `json:"merchants,omitempty"`
	Uses          *int     `json:"uses,omitempty"` // 1 if left out
	Reimbursement *string  `json:"reimbursement,omitempty"`
	ListPrice     *string  `json:"list_price,omitempty"` // of a pass; the reimbursement if left out
	Threshold     *string  `json:"threshold,omitempty"`  // 0 if left out
	Discount      *string  `json:"discount,omitempty"`
	FundedBy      *string  `json:"funded_by,omitempty"` // organiser if left out
}
