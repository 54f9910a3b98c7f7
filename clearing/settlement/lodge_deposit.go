package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// DepositLodged is the type of a deposit that was paid in.
const DepositLodged = "deposit.lodged"

// LodgeDeposit books a deposit that a merchant has paid in as cover. It doesn't raise
// the merchant's debit cap.
type LodgeDeposit struct {
	command
	Merchant string
	Amount   string
	Note     string
}

var lodgeDeposit = definition[LodgeDeposit]{
	labels: labels{DepositLodged: {Chinese: "收取保证金", English: "Deposit lodged"}},
	decide: one((*State).lodgeDeposit),
}

func (s *State) lodgeDeposit(c LodgeDeposit, _ time.Time) (*posting, error) {
	merchant, err := s.merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	if merchant.Left {
		return nil, refuse(CodeNoticeGiven, "%q has left the circle", merchant.Code)
	}
	if !merchant.LeavesAt.IsZero() {
		return nil, refuse(CodeNoticeGiven, "%q gave notice and leaves at %s; a deposit would only be given back", merchant.Code, merchant.LeavesAt.Format(time.RFC3339))
	}
	p := newPosting(DepositLodged)
	p.Merchant = merchant.Code
	p.move(custody(), deposit(merchant.Code), amount)
	p.record(depositEvent(DepositLodged, merchant.Code, amount, s.Balance(deposit(merchant.Code)).Neg().Plus(amount), c.Note))
	return p, nil
}

// depositEvent returns an event about a merchant's deposit, with what it comes to.
func depositEvent(kind, merchant string, amount, total money.Amount, note string) Event {
	return withNote(Event{Type: kind, Party: merchant, Data: map[string]string{"amount": amount.String(), "deposit": total.String()}}, note)
}
