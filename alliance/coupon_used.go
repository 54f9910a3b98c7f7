package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
)

// CouponUsed is a coupon taken off a bill.
const CouponUsed ledger.Type = "coupon.used"

// UseCoupon takes a coupon off a bill.
type UseCoupon struct {
	Redemption
	Card     string
	Merchant string
	Benefit  string
	Bill     string
}

// Event returns CouponUsed.
func (UseCoupon) Event() ledger.Type { return CouponUsed }

func (c UseCoupon) at() string { return c.Merchant }

// Takes returns the coupon.
func (c UseCoupon) Takes(s *State) presentation.Asked {
	return presentation.Asked{Card: c.Card, Merchant: c.Merchant, Worth: s.worthOfUses(c.Card, c.Benefit, Coupon, 1), Late: c.OccurredAt != nil}
}

func couponUsed() *Kind {
	return &Kind{
		Type:  CouponUsed,
		Label: ledger.Label{Chinese: "优惠券", English: "Coupon used"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), codeField("benefit"), amountField("bill")},
			func(v Values) UseCoupon {
				return UseCoupon{Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Benefit: v.Text("benefit"), Bill: v.Text("bill")}
			},
			func(c UseCoupon, l Loader) { l.Card(c.Card) },
			(*State).decideCoupon),
		UsesCard: true,
		Reversal: &Reversal{},
	}
}

// decideCoupon: the funder pays the merchant the discount.
func (s *State) decideCoupon(c UseCoupon, at time.Time) (Record, error) {
	card, err := s.cardAt(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	benefit, place, err := s.entitlement(card, c.Benefit, Coupon)
	if err != nil {
		return Record{}, err
	}
	bill, err := s.amount("bill", c.Bill)
	if err != nil {
		return Record{}, err
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if err := card.unexpired(); err != nil {
		return Record{}, err
	}
	left, funder, gift := s.couponLeft(card, benefit, place, c.Merchant)
	if err := honoured(benefit, c.Merchant, left, 1); err != nil {
		return Record{}, err
	}
	if bill.Cmp(benefit.Threshold) < 0 || bill.Cmp(benefit.Discount) < 0 {
		least := benefit.Threshold
		if least.Cmp(benefit.Discount) < 0 {
			least = benefit.Discount
		}
		r := refuse(CodeBelowThreshold, "the bill of %s is below %s, from which %q holds", bill, least, benefit.Code)
		r.Data = map[string]string{"threshold": least.String(), "bill": bill.String()}
		return Record{}, r
	}
	b := newEntries(s.Setup.Currency)
	b.debit(funder, benefit.Discount)
	b.credit(clearingOf(c.Merchant), benefit.Discount)
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: bill.Minor(), Benefit: benefit.Code, Uses: 1}
	if gift != nil {
		r.Facts.Growth = &GrowthFacts{Gift: gift}
	}
	return b.post(r, CouponUsed, at, s.Setup.Current())
}

// couponLeft returns how many uses a card has of a coupon and who pays for it, and of a gift's
// coupon the gift whose use is taken next.
func (s *State) couponLeft(card *Card, benefit *Benefit, place int, merchant string) (left int, funder ledger.Account, gift *GiftFacts) {
	if place >= 0 {
		return card.UsesLeft[place], couponFunder(benefit, s.home(card), merchant), nil
	}
	campaign, _ := s.Setup.GiftCoupon(benefit.Code)
	if next, _ := card.giftCoupon(benefit.Code); next != nil {
		held := next.coupon(benefit.Code)
		return held.Left, campaign.funder(), &GiftFacts{Seq: next.Seq, Campaign: next.Campaign}
	}
	return 0, campaign.funder(), nil
}

func couponFunder(benefit *Benefit, home, merchant string) ledger.Account {
	switch {
	case benefit.FundedBy == FundedByMerchant:
		return clearingOf(merchant)
	case benefit.FundedBy == FundedBySeller && home != "":
		return clearingOf(home)
	}
	return organiser()
}
