package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// PassUsed is a use of counted entitlements.
const PassUsed ledger.Type = "pass.used"

// UsePass uses counted entitlements.
type UsePass struct {
	Redemption
	Card     string
	Merchant string
	Benefit  string
	Count    int64
}

// Event returns PassUsed.
func (UsePass) Event() ledger.Type { return PassUsed }

func (c UsePass) at() string { return c.Merchant }

// Takes returns the uses.
func (c UsePass) Takes(s *State) presentation.Asked {
	return presentation.Asked{Card: c.Card, Merchant: c.Merchant, Worth: s.worthOfUses(c.Card, c.Benefit, Pass, c.Count), Late: c.OccurredAt != nil}
}

func passUsed() *Kind {
	return &Kind{
		Type:  PassUsed,
		Label: ledger.Label{Chinese: "次卡核销", English: "Pass used"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), codeField("benefit"), numberField("count").optional()},
			func(v Values) UsePass {
				return UsePass{
					Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Benefit: v.Text("benefit"), Count: v.Number("count", 1),
				}
			},
			func(c UsePass, l Loader) { l.Card(c.Card) },
			(*State).decidePass),
		UsesCard: true,
		Reversal: &Reversal{
			// A pass that is given back after the card expired would be lost, and its pool is gone.
			Check: func(_ *Original, card *Card) error { return card.unexpired() },
		},
	}
}

// decidePass: the merchant is reimbursed for each use, out of the card's pool as
// far as it reaches and by the organiser beyond.
func (s *State) decidePass(c UsePass, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.cardAt(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	benefit, place, err := s.entitlement(card, c.Benefit, Pass)
	if err != nil {
		return Record{}, err
	}
	if c.Count < 1 {
		return Record{}, refuse(CodeInvalidAmount, "count must be at least 1")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if err := card.unexpired(); err != nil {
		return Record{}, err
	}
	if err := honoured(benefit, c.Merchant, card.UsesLeft[place], c.Count); err != nil {
		return Record{}, err
	}
	owed, err := benefit.Reimbursement.Times(c.Count)
	if err != nil {
		return Record{}, err
	}
	pooled := money.Min(card.Pool, owed)
	shortage, err := owed.Sub(pooled)
	if err != nil {
		return Record{}, err
	}
	b := newEntries(s.Setup.Currency)
	b.debit(poolOf(card.Code), pooled)
	b.debit(organiser(), shortage)
	b.credit(organiser(), owed.Share(terms.ClearingFee))
	b.rest(clearingOf(c.Merchant))
	if home := s.home(card); sellerOwes(terms, home) {
		b.debit(clearingOf(home), pooled)
		b.credit(issuer(home), pooled)
	}
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: owed.Minor(), Benefit: benefit.Code, Uses: c.Count}
	return b.post(r, PassUsed, at, terms)
}
