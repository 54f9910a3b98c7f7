package alliance

// RefundsDocument gives how a card is given back.
type RefundsDocument struct {
	CoolingOffDays *int `json:"cooling_off_days,omitempty"` // 7 if left out
}

// TiersDocument is the written form of Tiers.
type TiersDocument struct {
	Measure string         `json:"measure"` // spent or points
	Months  int            `json:"months"`
	Ladder  []TierDocument `json:"ladder"`
}

// TierDocument is the written form of a Tier. From is an amount, or with measure: points a
// whole number.
type TierDocument struct {
	Code       string `json:"code"`
	From       string `json:"from"`
	PointsRate string `json:"points_rate"`
}

// CampaignDocument is the written form of a Campaign. From and Until are instants of RFC 3339.
type CampaignDocument struct {
	Code      string       `json:"code"`
	When      string       `json:"when"`
	Minimum   *string      `json:"minimum,omitempty"` // 0 if left out; with use, referred, refers only
	Tier      *string      `json:"tier,omitempty"`
	Home      *string      `json:"home,omitempty"`
	From      *string      `json:"from,omitempty"`
	Until     *string      `json:"until,omitempty"`
	PerMember *int         `json:"per_member,omitempty"` // 1 if left out; with refers no limit
	Every     string       `json:"every,omitempty"`      // ever (default), day, month or year
	FundedBy  string       `json:"funded_by,omitempty"`  // organiser (default) or a merchant
	Budget    *string      `json:"budget,omitempty"`     // none: no limit
	Gift      GiftDocument `json:"gift"`
}

// GiftDocument is what a campaign gives: at least one of the three.
type GiftDocument struct {
	Points  *int                 `json:"points,omitempty"`
	Bonus   *string              `json:"bonus,omitempty"`
	Coupons []GiftCouponDocument `json:"coupons,omitempty"`
}

// GiftCouponDocument is the written form of a GiftCoupon.
type GiftCouponDocument struct {
	Code      string   `json:"code"`
	Merchants []string `json:"merchants"`
	Threshold *string  `json:"threshold,omitempty"` // 0 if left out
	Discount  string   `json:"discount"`
	Uses      *int     `json:"uses,omitempty"` // 1 if left out
	ValidDays int      `json:"valid_days"`
}

// ItemDocument is the written form of an Item.
type ItemDocument struct {
	Code          string   `json:"code"`
	Points        int      `json:"points"`
	Merchants     []string `json:"merchants"`
	Reimbursement string   `json:"reimbursement"`
	Stock         *int     `json:"stock,omitempty"` // none: no limit
	Cash          *string  `json:"cash,omitempty"`  // none: nothing
}
