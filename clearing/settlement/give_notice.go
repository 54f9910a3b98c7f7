package settlement

import "time"

// MerchantGaveNotice is the type of a notice.
const MerchantGaveNotice = "shop.gave_notice"

// GiveNotice says that a merchant leaves at an instant. It sells no more from now
// on, and honours cards until then.
type GiveNotice struct {
	command
	Merchant string
	LeavesAt time.Time
}

var giveNotice = definition[GiveNotice]{
	labels: labels{MerchantGaveNotice: {Chinese: "提出退出", English: "Notice given"}},
	decide: one((*State).giveNotice),
}

func (s *State) giveNotice(c GiveNotice, at time.Time) (*posting, error) {
	merchant, err := s.merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	if !merchant.LeavesAt.IsZero() {
		return nil, refuse(CodeNoticeGiven, "%q gave notice already, and leaves at %s", merchant.Code, merchant.LeavesAt.Format(time.RFC3339))
	}
	leaves := c.LeavesAt.UTC().Truncate(time.Microsecond)
	if !leaves.After(at) {
		return nil, refuse(CodeInvalidInstant, "leaves_at: %s is not after now, %s", leaves.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	merchant.LeavesAt = leaves
	s.merchantsChanged = true
	p := newPosting(MerchantGaveNotice)
	p.Merchant = merchant.Code
	p.record(Event{Type: MerchantGaveNotice, Party: merchant.Code, Data: map[string]string{"leaves_at": leaves.Format(time.RFC3339)}})
	return p, nil
}
