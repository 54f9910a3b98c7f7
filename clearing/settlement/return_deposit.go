package settlement

import "time"

// DepositReturned is the type of what a deposit makes that was paid back.
const DepositReturned = "deposit.returned"

// ReturnDeposit books that a deposit, or a part of it, was paid back. A merchant
// can't ask for that while it owes for closed months.
type ReturnDeposit struct {
	command
	Merchant string
	Amount   string
	Note     string
}

var returnDeposit = definition[ReturnDeposit]{
	labels: labels{DepositReturned: {Chinese: "退还保证金", English: "Deposit returned"}},
	decide: one((*State).returnDeposit),
}

func (s *State) returnDeposit(c ReturnDeposit, _ time.Time) (*posting, error) {
	merchant, err := s.merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	lodged := s.Balance(deposit(merchant.Code)).Neg()
	if amount.Cmp(lodged) > 0 {
		return nil, short(CodeInsufficientDeposit, lodged, amount, "the deposit of %q is %s, and this is %s", merchant.Code)
	}
	if owed := s.Balance(receivable(merchant.Code)); owed.Sign() > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s for closed months, which the deposit covers", merchant.Code, owed)
	}
	p := newPosting(DepositReturned)
	p.Merchant = merchant.Code
	p.move(deposit(merchant.Code), custody(), amount)
	p.record(depositEvent(DepositReturned, merchant.Code, amount, lodged.Minus(amount), c.Note))
	return p, nil
}
