package settlement

import (
	"maps"
	"slices"
	"time"
)

// ShopLeft is the type of what is booked when a merchant has left.
const ShopLeft = "shop.left"

// leave: the notice of a merchant is over.
var leave = deadline{
	labels: labels{ShopLeft: {Chinese: "商户退出", English: "Shop left"}},
	each: func(s *State, each func(time.Time)) {
		for _, shop := range s.Shops {
			if !shop.Left {
				each(shop.LeavesAt)
			}
		}
	},
	run: func(s *State, at time.Time) (*posting, error) {
		for _, code := range slices.Sorted(maps.Keys(s.Shops)) {
			shop := s.Shops[code]
			if shop.Left || !reached(shop.LeavesAt, at) {
				continue
			}
			shop.Left = true
			s.shopsChanged = true
			p := newPosting(ShopLeft)
			p.Merchant = shop.Code
			p.record(Event{Type: ShopLeft, Party: shop.Code})
			return p, nil
		}
		return nil, nil
	},
}
