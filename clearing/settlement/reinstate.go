package settlement

import "time"

// MerchantReinstated is the type of a reinstatement.
const MerchantReinstated = "shop.reinstated"

// Reinstate lets a suspended merchant sell again, once nothing of what it defaulted
// on is outstanding.
type Reinstate struct {
	command
	Merchant string
}

var reinstate = definition[Reinstate]{
	labels: labels{MerchantReinstated: {Chinese: "恢复售卡", English: "Shop reinstated"}},
	decide: one((*State).reinstate),
}

func (s *State) reinstate(c Reinstate, _ time.Time) (*posting, error) {
	merchant, err := s.merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	if !merchant.Suspended {
		return nil, refuse(CodeNotSuspended, "%q is not suspended", merchant.Code)
	}
	owed := s.zero()
	s.eachDue(merchant.Code, func(_ *Lifecycle, o *Obligation) {
		if o.Status == Defaulted {
			owed = owed.Plus(o.Outstanding())
		}
	})
	if owed.Sign() > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s of what it defaulted on", merchant.Code, owed)
	}
	merchant.Suspended = false
	s.merchantsChanged = true
	p := newPosting(MerchantReinstated)
	p.Merchant = merchant.Code
	p.record(Event{Type: MerchantReinstated, Party: merchant.Code})
	return p, nil
}
