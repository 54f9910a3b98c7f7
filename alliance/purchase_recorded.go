package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// PurchaseRecorded is a bill that was paid by other means while showing the card.
const PurchaseRecorded ledger.Type = "purchase.recorded"

// RecordPurchase records a bill that the member paid by other means while
// showing the card.
type RecordPurchase struct {
	Redemption
	Card     string
	Merchant string
	Bill     string
}

// Event returns PurchaseRecorded.
func (RecordPurchase) Event() ledger.Type { return PurchaseRecorded }

func (c RecordPurchase) at() string { return c.Merchant }

func purchaseRecorded() *Kind {
	return &Kind{
		Type:  PurchaseRecorded,
		Label: ledger.Label{Chinese: "消费引流", English: "Purchase"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), amountField("bill")},
			func(v Values) RecordPurchase {
				return RecordPurchase{Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Bill: v.Text("bill")}
			},
			func(c RecordPurchase, l Loader) {
				l.Use(c.Card, c.Bill)
				l.Position(c.Merchant)
			},
			(*State).decidePurchase),
		UsesCard:    true,
		CoolingOff:  true,
		Consumption: true,
		Reversal: &Reversal{Check: func(o *Original, card *Card) error {
			if card.Points < o.Facts.Points {
				return shortOfPoints(card, o.Facts.Points)
			}
			return nil
		}},
	}
}

// decidePurchase: the merchant pays for the traffic that another merchant's card
// brought, and for the points that the member earns.
func (s *State) decidePurchase(c RecordPurchase, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.cardAt(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	bill, err := s.amount("bill", c.Bill)
	if err != nil {
		return Record{}, err
	}
	points, err := bill.Units(s.pointsRate(card, at))
	if err != nil {
		return Record{}, refuse(CodeInvalidAmount, "bill: it earns more points than can be counted")
	}
	backing, err := terms.PointCost.Times(points)
	if err != nil || card.Points+points < card.Points {
		return Record{}, refuse(CodeInvalidAmount, "bill: it earns more points than can be counted")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	b := newEntries(s.Setup.Currency)
	if home := s.home(card); home != "" && home != c.Merchant {
		b.credit(clearingOf(home), bill.Share(terms.HomeTraffic))
		b.credit(organiser(), bill.Share(terms.OrganiserTraffic))
	}
	b.credit(pointsPool(), backing)
	b.rest(clearingOf(c.Merchant))
	if b.err == nil {
		if err := s.withinCap(c.Merchant, b.entries); err != nil {
			return Record{}, err
		}
	}
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: bill.Minor(), Points: points, DebitCap: s.capOf(c.Merchant)}
	return b.post(r, PurchaseRecorded, at, terms)
}
