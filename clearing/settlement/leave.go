package settlement

import (
	"maps"
	"slices"
	"time"
)

// MerchantLeft is the type of the transaction with which a merchant leaves.
const MerchantLeft = "shop.left"

// leave ends a merchant's notice.
var leave = deadline{
	labels: labels{MerchantLeft: {Chinese: "商户退出", English: "Shop left"}},
	each: func(s *State, each func(time.Time)) {
		for _, merchant := range s.Merchants {
			if !merchant.Left {
				each(merchant.LeavesAt)
			}
		}
	},
	run: func(s *State, at time.Time) (*posting, error) {
		for _, code := range slices.Sorted(maps.Keys(s.Merchants)) {
			merchant := s.Merchants[code]
			if merchant.Left || !reached(merchant.LeavesAt, at) {
				continue
			}
			merchant.Left = true
			s.merchantsChanged = true
			p := newPosting(MerchantLeft)
			p.Merchant = merchant.Code
			p.record(Event{Type: MerchantLeft, Party: merchant.Code})
			return p, nil
		}
		return nil, nil
	},
}
