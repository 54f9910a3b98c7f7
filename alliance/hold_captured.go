package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// HoldCaptured takes a bill, or less of it, out of what a hold reserves.
const HoldCaptured ledger.Type = "hold.captured"

// CaptureHold takes the amount of a hold, or with Amount a part of it. The rest is free again.
type CaptureHold struct {
	Redemption
	Of     Reference
	Amount *string
}

// Event returns HoldCaptured.
func (CaptureHold) Event() ledger.Type { return HoldCaptured }

func holdCaptured() *Kind {
	k := command(
		[]Field{transactionField("of"), amountField("amount").optional()},
		func(v Values) CaptureHold {
			return CaptureHold{Redemption: v.Redemption(), Of: v.Transaction("of"), Amount: v.Optional("amount")}
		},
		func(c CaptureHold, l Loader) { l.Hold(c.Of) },
		(*State).decideCapture)
	k.Late = true
	return &Kind{
		Type:        HoldCaptured,
		Label:       ledger.Label{Chinese: "预授权扣款", English: "Hold captured"},
		Command:     k,
		UsesCard:    true,
		Consumption: true,
		Totals:      func(card *Card, amount, _ int64) { card.Spent += amount },
		Apply: func(s *State, _ *Card, r *Record) error {
			s.endHold(r, HoldStateCaptured, r.Facts.Amount)
			return nil
		},
		Reversal: spendReversal(),
	}
}

// decideCapture decides a spend at the hold's merchant. The card may be frozen or expired: it
// was asked when the hold was placed.
func (s *State) decideCapture(c CaptureHold, at time.Time) (Record, error) {
	hold, err := s.hold(c.Of)
	if err != nil {
		return Record{}, err
	}
	if err := s.merchantKnown(hold.Merchant); err != nil {
		return Record{}, err
	}
	reserved := s.Setup.Currency.Minor(hold.Facts.Amount)
	amount := reserved
	if c.Amount != nil {
		if amount, err = s.amount("amount", *c.Amount); err != nil {
			return Record{}, err
		}
		if amount.Cmp(reserved) > 0 {
			return Record{}, overHold(reserved, amount)
		}
	}
	r, err := s.spend(s.current(hold.Card), hold.Merchant, amount, HoldCaptured, at)
	if err != nil {
		return Record{}, err
	}
	r.Facts.withGrowth().Hold = &HoldFacts{Seq: hold.Seq, Reserved: -reserved.Minor()}
	if err := s.checkLate(&r, c.Redemption, at); err != nil {
		return Record{}, err
	}
	return r, nil
}

func overHold(reserved, amount money.Amount) error {
	r := refuse(CodeInvalidAmount, "amount: the hold reserves only %s, and this is %s", reserved, amount)
	r.Data = map[string]string{"available": reserved.String(), "required": amount.String()}
	return r
}
