package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// DrawDeposit pays what a merchant owes for closed months out of its deposit, because the
// organiser says so: what Reference names, or the oldest. A default draws what is there by
// itself; this is for a deposit that was lodged later, or not to wait for the default.
type DrawDeposit struct {
	command
	Merchant  string
	Reference string // empty: the oldest
	Amount    string
	Note      string
}

var drawDeposit = definition[DrawDeposit]{
	labels: labels{DepositDrawn: {Chinese: "动用保证金", English: "Deposit drawn"}},
	names:  func(c DrawDeposit, n *names) { n.reference(c.Reference) },
	decide: one((*State).drawDeposit),
}

// drawDeposit takes at most the deposit and at most what is owed.
func (s *State) drawDeposit(c DrawDeposit, _ time.Time) (*posting, error) {
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
	p := newPosting(DepositDrawn)
	p.Merchant = merchant.Code
	if c.Reference != "" {
		x, o := s.obligation(c.Reference)
		if o == nil || !o.owed() || o.Payer != merchant.Code {
			return nil, refuse(CodeUnknownReference, "%q owes nothing under the reference %q", merchant.Code, c.Reference)
		}
		if err := s.mayBePaid(x, o, amount); err != nil {
			return nil, err
		}
		return p, s.bookDrawn(p, x, o, amount, c.Note)
	}
	owed := s.zero()
	s.eachDue(merchant.Code, func(_ *Lifecycle, o *Obligation) { owed = owed.Plus(o.Outstanding()) })
	if owed.IsZero() {
		return nil, refuse(CodeNothingDue, "%q owes nothing that is approved; give a deposit back with a return", merchant.Code)
	}
	if amount.Cmp(owed) > 0 {
		return nil, short(CodeOverPayment, owed, amount, "%q owes %s, and this is %s", merchant.Code)
	}
	s.eachDue(merchant.Code, func(x *Lifecycle, o *Obligation) {
		part := money.Min(amount, o.Outstanding())
		if part.IsZero() || err != nil {
			return
		}
		err = s.bookDrawn(p, x, o, part, c.Note)
		amount = amount.Minus(part)
	})
	return p, err
}

// bookDrawn pays a part of an obligation out of the payer's deposit. Custody has that
// money, so it pays the payee of a direct transfer, unless it does already.
func (s *State) bookDrawn(p *posting, x *Lifecycle, o *Obligation, amount money.Amount, note string) error {
	if err := p.begin(x); err != nil {
		return err
	}
	if o.direct() {
		if err := s.payInstead(p, x, o, amount); err != nil {
			return err
		}
	}
	o.Drawn = o.Drawn.Plus(amount)
	return s.reduce(p, x, o, deposit(o.Payer), amount, DepositDrawn, note)
}
