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
	shop, err := s.shop(c.Merchant)
	if err != nil {
		return nil, err
	}
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	lodged := s.Balance(deposit(shop.Code)).Neg()
	if amount.Cmp(lodged) > 0 {
		return nil, short(CodeInsufficientDeposit, "the deposit of "+shop.Code+" is", lodged, amount)
	}
	if owed := s.Balance(receivable(shop.Code)); owed.Sign() > 0 {
		return nil, refuse(CodePaymentsOpen, "%q still owes %s for closed months, which the deposit covers", shop.Code, owed)
	}
	p := newPosting(DepositReturned)
	p.Merchant = shop.Code
	p.move(deposit(shop.Code), custody(), amount)
	p.record(depositEvent(DepositReturned, shop.Code, amount, lodged.Minus(amount), c.Note))
	return p, nil
}
