package settlement

import "time"

// ShopReinstated is the type of what a reinstatement makes.
const ShopReinstated = "shop.reinstated"

// Reinstate lets a suspended merchant sell again, once nothing of what it defaulted
// on is outstanding.
type Reinstate struct {
	command
	Merchant string
}

var reinstate = definition[Reinstate]{
	labels: labels{ShopReinstated: {Chinese: "恢复售卡", English: "Shop reinstated"}},
	decide: one((*State).reinstate),
}

func (s *State) reinstate(c Reinstate, _ time.Time) (*posting, error) {
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	if !shop.Suspended {
		return nil, refuse(CodeNotSuspended, "%q is not suspended", shop.Code)
	}
	owed := s.zero()
	s.eachDue(shop.Code, func(_ *Lifecycle, o *Obligation) {
		if o.Status == Defaulted {
			owed = owed.Plus(o.Outstanding())
		}
	})
	if owed.Sign() > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s of what it defaulted on", shop.Code, owed)
	}
	shop.Suspended = false
	s.shopsChanged = true
	p := newPosting(ShopReinstated)
	p.Merchant = shop.Code
	p.record(Event{Type: ShopReinstated, Party: shop.Code})
	return p, nil
}
