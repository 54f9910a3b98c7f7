package alliance

import (
	"strconv"
)

// entitlement returns a card's benefit of a kind with its place in the product, or -1 if it is
// a coupon of a gift, even of one that has ended. The card may have been replaced.
func (s *State) entitlement(card *Card, code string, kind BenefitKind) (*Benefit, int, error) {
	product := s.Setup.Products[card.Product]
	if product != nil {
		if benefit, place := product.benefit(code, kind); benefit != nil {
			return benefit, place, nil
		}
	}
	if campaign, coupon := s.Setup.GiftCoupon(code); campaign != nil && kind == Coupon {
		if _, known := s.current(card.Code).giftCoupon(code); known {
			return &coupon.Benefit, -1, nil
		}
	}
	if kind == Pass {
		return nil, 0, refuse(CodeUnknownBenefit, "card %q has no pass %q", card.Code, code)
	}
	return nil, 0, refuse(CodeUnknownBenefit, "card %q has no coupon %q", card.Code, code)
}

// honoured refuses a benefit at a merchant that does not honour it, or that has
// not so many uses left.
func honoured(benefit *Benefit, merchant string, left int, count int64) error {
	here := false
	for _, m := range benefit.Merchants {
		here = here || m == merchant
	}
	if !here {
		return refuse(CodeWrongMerchant, "%q is not honoured at %q", benefit.Code, merchant)
	}
	if int64(left) < count {
		r := refuse(CodeBenefitExhausted, "%q has %d left, and this needs %d", benefit.Code, left, count)
		r.Data = map[string]string{"available": strconv.Itoa(left), "required": strconv.FormatInt(count, 10)}
		return r
	}
	return nil
}
