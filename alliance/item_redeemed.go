package alliance

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// ItemRedeemed is an item of the mall that was paid with points.
const ItemRedeemed ledger.Type = "item.redeemed"

// Item is something in the points mall that merchants hand out.
type Item struct {
	Code          string
	Points        int64
	Merchants     []string
	Reimbursement money.Amount // of the merchant, for one; at most what the points cost
	Cash          money.Amount // paid at the till beside the points; it is not booked
	Limited       bool
	Stock         int64 // how many there ever were, if Limited
	Retired       bool  // no longer handed out
}

// ItemSums is how many of an item were redeemed, less what was reversed.
type ItemSums struct{ Redeemed int64 }

// Left returns how many are left, if the item is limited.
func (i *Item) Left(sums *ItemSums) int64 {
	if sums == nil {
		return i.Stock
	}
	return i.Stock - sums.Redeemed
}

// MayRestock refuses to add to the stock of an item that has none, is no longer handed out,
// or would have more than can be counted.
func (i *Item) MayRestock(amount int64) error {
	switch {
	case i.Retired:
		return ErrItemRetired
	case !i.Limited:
		return NewFieldError("item.amount", "can't be added: item %q has no limit, so it has no stock", i.Code)
	case amount < 1 || amount > maxCount-i.Stock:
		return NewFieldError("item.amount", "%d is not between %d and %d; item %q has had %d so far", amount, 1, maxCount-i.Stock, i.Code, i.Stock)
	}
	return nil
}

// ItemFacts is what was redeemed; Count is negative if it was given back.
type ItemFacts struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// RedeemItem pays with points for an item.
type RedeemItem struct {
	Redemption
	Card     string
	Merchant string
	Item     string
	Count    int64
}

// Event returns ItemRedeemed.
func (RedeemItem) Event() ledger.Type { return ItemRedeemed }

func (c RedeemItem) at() string { return c.Merchant }

// Takes returns the points.
func (c RedeemItem) Takes(s *State) presentation.Asked {
	asked := presentation.Asked{Card: c.Card, Merchant: c.Merchant, Late: c.OccurredAt != nil}
	if item := s.Setup.Items[c.Item]; item != nil && c.Count > 0 && item.Points <= math.MaxInt64/c.Count {
		asked.Worth = s.worthOfPoints(item.Points * c.Count)
	}
	return asked
}

func itemRedeemed() *Kind {
	return &Kind{
		Type:  ItemRedeemed,
		Label: ledger.Label{Chinese: "积分兑换", English: "Item redeemed"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), codeField("item"), numberField("count").optional()},
			func(v Values) RedeemItem {
				return RedeemItem{
					Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Item: v.Text("item"), Count: v.Number("count", 1),
				}
			},
			func(c RedeemItem, l Loader) { l.Card(c.Card) },
			(*State).decideItem),
		UsesCard: true,
		Reversal: &Reversal{},
	}
}

// decideItem: the points pool pays. The merchant is reimbursed less the clearing fee, and what
// the points cost beyond the reimbursement is the organiser's.
func (s *State) decideItem(c RedeemItem, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.cardAt(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	item := s.Setup.Items[c.Item]
	if item == nil {
		return Record{}, refuse(CodeUnknownItem, "no item %q is in the mall", c.Item)
	}
	if item.Retired {
		return Record{}, refuse(CodeUnknownItem, "%q is no longer in the mall", c.Item)
	}
	if c.Count < 1 {
		return Record{}, refuse(CodeInvalidAmount, "count must be at least 1")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if !slices.Contains(item.Merchants, c.Merchant) {
		return Record{}, refuse(CodeWrongMerchant, "%q is not handed out at %q", item.Code, c.Merchant)
	}
	if left := item.Left(s.Items[item.Code]); item.Limited && left < c.Count {
		r := refuse(CodeOutOfStock, "%q has %d left, and this needs %d", item.Code, left, c.Count)
		r.Data = map[string]string{"available": strconv.FormatInt(left, 10), "required": strconv.FormatInt(c.Count, 10)}
		return Record{}, r
	}
	if c.Count > card.Points/item.Points {
		required := int64(math.MaxInt64)
		if c.Count <= math.MaxInt64/item.Points {
			required = c.Count * item.Points
		}
		return Record{}, shortOfPoints(card, required)
	}
	points := item.Points * c.Count
	backing, err := terms.PointCost.Times(points)
	if err != nil {
		return Record{}, err
	}
	owed, err := item.Reimbursement.Times(c.Count)
	if err != nil {
		return Record{}, err
	}
	if _, err := item.Cash.Times(c.Count); err != nil {
		return Record{}, err
	}
	fee := owed.Share(terms.ClearingFee)
	b := newEntries(s.Setup.Currency)
	b.debit(pointsPool(), backing)
	b.credit(organiser(), fee)
	b.credit(clearingOf(c.Merchant), owed.Minus(fee))
	b.rest(organiser())
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: owed.Minor(), Points: -points, Growth: &GrowthFacts{Item: &ItemFacts{Code: item.Code, Count: c.Count}}}
	return b.post(r, ItemRedeemed, at, terms)
}

// applyItem takes an item out of the stock, or puts it back.
func (s *State) applyItem(facts *ItemFacts) {
	sums := s.Items[facts.Code]
	if sums == nil {
		sums = &ItemSums{}
		s.Items[facts.Code] = sums
	}
	sums.Redeemed += facts.Count
	if s.Changes != nil {
		s.Changes.Items[facts.Code] = true
	}
}
