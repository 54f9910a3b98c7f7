package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
)

// PointsSpent is a payment with points.
const PointsSpent ledger.Type = "points.spent"

// SpendPoints pays with points.
type SpendPoints struct {
	Redemption
	Card     string
	Merchant string
	Points   int64
}

// Event returns PointsSpent.
func (SpendPoints) Event() ledger.Type { return PointsSpent }

func (c SpendPoints) at() string { return c.Merchant }

// Takes returns the points.
func (c SpendPoints) Takes(s *State) presentation.Asked {
	return presentation.Asked{Card: c.Card, Merchant: c.Merchant, Worth: s.worthOfPoints(c.Points), Late: c.OccurredAt != nil}
}

func pointsSpent() *Kind {
	return &Kind{
		Type:  PointsSpent,
		Label: ledger.Label{Chinese: "积分抵扣", English: "Points spent"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), numberField("points")},
			func(v Values) SpendPoints {
				return SpendPoints{Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Points: v.Number("points", 0)}
			},
			func(c SpendPoints, l Loader) { l.Card(c.Card) },
			(*State).decidePoints),
		UsesCard: true,
		Reversal: &Reversal{},
	}
}

// decidePoints: points pay; what they cost beyond their value is the organiser's.
func (s *State) decidePoints(c SpendPoints, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.cardAt(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	if c.Points < 1 {
		return Record{}, refuse(CodeInvalidAmount, "points must be at least 1")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if card.Points < c.Points {
		return Record{}, shortOfPoints(card, c.Points)
	}
	backing, err := terms.PointCost.Times(c.Points)
	if err != nil {
		return Record{}, err
	}
	worth, err := terms.PointValue.Times(c.Points)
	if err != nil {
		return Record{}, err
	}
	b := newEntries(s.Setup.Currency)
	b.debit(pointsPool(), backing)
	b.credit(clearingOf(c.Merchant), worth)
	b.rest(organiser())
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Points: -c.Points}
	return b.post(r, PointsSpent, at, terms)
}
