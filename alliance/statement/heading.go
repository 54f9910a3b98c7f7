package statement

import (
	"context"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Heading is where a shop or its accountant looks for a line beside its kind: one kind of
// transaction costs a shop something on one day and pays it on another. Most lines have none.
type Heading string

// The headings. A reversal is under the heading of what it reverses.
const (
	GiftsFunded       Heading = "gifts_funded"        // what the party's own campaigns cost, less what came back of it
	GiftCoupons       Heading = "gift_coupons"        // coupons of others' gifts that the party honoured
	MallItems         Heading = "mall_items"          // items of the points mall; of the organiser, what the points cost beyond them
	RefundsCoolingOff Heading = "refunds_cooling_off" // cards that were given back, by the ground
	RefundsMember     Heading = "refunds_member"
	RefundsShop       Heading = "refunds_shop"
)

// Headings returns all headings, in the order in which a statement has them.
func Headings() []Heading {
	return []Heading{GiftsFunded, GiftCoupons, MallItems, RefundsCoolingOff, RefundsMember, RefundsShop}
}

// HeadingSum is what the lines under a heading came to. It is a part of the movement.
type HeadingSum struct {
	Heading Heading
	Count   int64
	Amount  money.Amount
}

// headingLabel returns what a heading is called, and no words for none.
func headingLabel(h Heading) ledger.Label {
	switch h {
	case GiftsFunded:
		return ledger.Label{Chinese: "由你承担的赠礼", English: "Gifts funded by you"}
	case GiftCoupons:
		return ledger.Label{Chinese: "赠券核销", English: "Gift coupons honoured"}
	case MallItems:
		return ledger.Label{Chinese: "积分商城兑换", English: "Mall items handed out"}
	case RefundsCoolingOff:
		return ledger.Label{Chinese: "退卡(冷静期)", English: "Refunds, cooling-off"}
	case RefundsMember:
		return ledger.Label{Chinese: "退卡(会员原因)", English: "Refunds, member's ground"}
	case RefundsShop:
		return ledger.Label{Chinese: "退卡(商户原因)", English: "Refunds, shops' fault"}
	}
	return ledger.Label{}
}

// refundHeading returns the heading of a refund on a ground.
func refundHeading(ground alliance.Ground) Heading {
	switch ground {
	case alliance.GroundCoolingOff:
		return RefundsCoolingOff
	case alliance.GroundShop:
		return RefundsShop
	}
	return RefundsMember
}

// headed reports whether any line has more to say than its kind does. If none has, a
// workbook is printed without columns for it.
func (s *Statement) headed() bool {
	return len(s.Headings) > 0 || slices.ContainsFunc(s.Movements, func(m Movement) bool { return m.Type == alliance.HoldCaptured })
}

// head puts a line under its heading, with as much of its effect as belongs there. returned is
// what a reversal gave back to the party of gifts that it had funded: the rest of such a line is
// about what was reversed.
func (r *reader) head(line *Line, t *ledger.Transaction, f *facts, returned money.Amount) {
	line.Headed = r.alliance.Currency.Zero()
	growth := f.Growth
	if growth == nil {
		return
	}
	if growth.Hold != nil {
		line.Hold = growth.Hold.Seq
	}
	switch {
	case growth.Refund != nil:
		line.Heading, line.Headed = refundHeading(growth.Refund.Ground), line.Effect
	case growth.Item != nil:
		line.Heading, line.Headed, line.Item = MallItems, line.Effect, growth.Item.Code
	case growth.Gift != nil:
		line.Heading, line.Headed, line.Campaign = GiftsFunded, line.Effect, growth.Gift.Campaign
		if f.Benefit != "" && t.Merchant == r.party { // a coupon: its funder pays the shop that honours it
			line.Heading = GiftCoupons
		}
	case !returned.IsZero():
		line.Heading, line.Headed = GiftsFunded, returned
	}
}

// returned returns, by the transaction, what reversals gave back to the party of gifts that it
// had funded. The gifts say who funded them, and the terms what their points cost.
func (r *reader) returned(ctx context.Context, transactions []ledger.Transaction, all []facts) (map[int64]money.Amount, error) {
	var gifts []int64
	for i := range all {
		if all[i].Growth == nil {
			continue
		}
		for _, taken := range all[i].Growth.GiftsTaken {
			gifts = append(gifts, taken.Seq)
		}
	}
	if len(gifts) == 0 {
		return nil, nil
	}
	given, err := ledger.BySeq(ctx, r.db, r.alliance.ID, r.alliance.Currency, gifts)
	if err != nil {
		return nil, err
	}
	mine := make(map[int64]bool, len(given))
	for i := range given {
		funder := given[i].Merchant
		if funder == "" {
			funder = clearing.Organiser
		}
		mine[given[i].Seq] = funder == r.party
	}
	setup, err := store.LoadSetup(ctx, r.db, r.alliance)
	if err != nil {
		return nil, err
	}
	sums := make(map[int64]money.Amount)
	for i := range all {
		if all[i].Growth == nil {
			continue
		}
		sum := r.alliance.Currency.Zero()
		for _, taken := range all[i].Growth.GiftsTaken {
			if !mine[taken.Seq] {
				continue
			}
			points, err := setup.Version(transactions[i].Terms).PointCost.Times(taken.Points)
			if err != nil {
				return nil, err
			}
			for _, part := range []money.Amount{points, r.alliance.Currency.Minor(taken.Bonus)} {
				if sum, err = sum.Add(part); err != nil {
					return nil, err
				}
			}
		}
		sums[transactions[i].Seq] = sum
	}
	return sums, nil
}
