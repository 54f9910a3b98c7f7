package alliance

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/clearing/withholding"
)

// Funding says when what backs a card is owed to the circle.
type Funding string

// The kinds of funding.
const (
	AtIssue Funding = "at_issue" // when the card is sold or topped up
	AtUse   Funding = "at_use"   // when another shop honours it
)

// SpendOrder says which part of a card's stored value is spent first.
type SpendOrder string

// The spend orders.
const (
	PrincipalFirst SpendOrder = "principal_first"
	BonusFirst     SpendOrder = "bonus_first"
	Proportional   SpendOrder = "proportional"
)

// Funder says who pays for a coupon or a bonus.
type Funder string

// The funders. FundedBySeller falls to the organiser for a card sold online.
const (
	FundedByOrganiser Funder = "organiser"
	FundedBySeller    Funder = "seller"
	FundedByMerchant  Funder = "merchant"
)

// Terms are the rules that a circle signed. Rates are shares in [0, 1].
type Terms struct {
	Version  int
	Currency money.Currency
	Funding  Funding

	SellerShare      decimal.Decimal   // of a card's price
	OrganiserShare   decimal.Decimal   // of a card's price
	ReferralLevels   []decimal.Decimal // of a card's price, at most two
	ReleaseDays      int               // days of 24 h before commission is payable
	MinimumPayout    money.Amount
	ClearingFee      decimal.Decimal // of what the honouring merchant is reimbursed
	HomeTraffic      decimal.Decimal // of a bill paid at another merchant
	OrganiserTraffic decimal.Decimal // of a bill paid at another merchant
	PointsPerUnit    decimal.Decimal // points for one major unit
	PointCost        money.Amount    // set aside for a point when it is earned
	PointValue       money.Amount    // paid to the merchant when it is spent
	SpendOrder       SpendOrder
	ValueLimit       money.Amount // most principal and bonus on a card, if Limited
	Limited          bool
	HomeOnly         bool   // stored value is bought and spent at the card's home alone
	HoldMinutes      int    // until a hold ends by itself
	CoolingOffDays   int    // days of 24 h from the sale
	Tiers            *Tiers // nil: none
	MinimumTransfer  money.Amount
	DirectTransfers  bool // from party to party instead of through custody

	Withholding     *withholding.Table // tax kept back from commission; nil: none
	Settling        window.Settling
	RefuseDefaulted bool     // cards sold by a merchant that is suspended are honoured there alone
	Offline         *Offline // nil: nothing may be uploaded late
}

// Offline is how late, how many and how much a merchant may upload, of redemptions
// that happened while its till was offline. The counts are of a window.
type Offline struct {
	MaxHours  int
	MaxCount  int
	MaxAmount money.Amount // of what they move the merchant's position by
}

// Policy returns what the terms say of the month-end.
func (t *Terms) Policy() window.Policy {
	return window.Policy{
		MinimumTransfer: t.MinimumTransfer,
		MinimumPayout:   t.MinimumPayout,
		Direct:          t.DirectTransfers,
		Withholding:     t.Withholding,
		Settling:        t.Settling,
	}
}

// ProductKind tells paid cards from free ones.
type ProductKind string

// The kinds of card products.
const (
	Paid ProductKind = "paid"
	Free ProductKind = "free"
)

// BenefitKind tells what a benefit is.
type BenefitKind string

// The kinds of benefits.
const (
	Pass   BenefitKind = "pass"   // counted entitlements to something at one merchant
	Coupon BenefitKind = "coupon" // counted discounts on a bill at some merchants
)

// Product is a kind of card on sale. It never changes once cards of it may be
// sold.
type Product struct {
	Code      string
	Name      string
	Kind      ProductKind
	Price     money.Amount
	ValidDays int // days of 24 h; 0: never expires
	Benefits  []Benefit
	Retired   bool // no longer sold
}

// Benefit is what a card of a product entitles to.
type Benefit struct {
	Code          string
	Kind          BenefitKind
	Merchants     []string // who honours it; exactly one for a pass
	Uses          int
	Reimbursement money.Amount // of a pass, for one use
	ListPrice     money.Amount // of a pass, for one use: what a refund takes for it
	Threshold     money.Amount // of a coupon: the smallest bill
	Discount      money.Amount // of a coupon
	FundedBy      Funder       // of a coupon
}

// benefit returns the benefit with a code and kind, and its place, or -1.
func (p *Product) benefit(code string, kind BenefitKind) (*Benefit, int) {
	for i := range p.Benefits {
		if b := &p.Benefits[i]; b.Code == code && b.Kind == kind {
			return b, i
		}
	}
	return nil, -1
}

// days returns n days of 24 hours after an instant.
func days(at time.Time, n int) time.Time { return at.Add(time.Duration(n) * 24 * time.Hour) }
