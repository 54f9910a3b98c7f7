package settlement

import (
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// posting is a transaction that is being made, with its events.
type posting struct {
	ledger.Transaction
	events     []Event
	line       *ImportedLine // the line of a bank statement that it takes in, or that it says more about
	account    string        // of the bank statements that it has imported
	statements []Balances    // of the bank statements that it has imported
	linked     bool          // it only says that its line is of what was booked by hand
	shows      []int64       // the transactions that booked that
	follows    bool          // from what happened before it, and stands for no command
}

func newPosting(kind string) *posting {
	return &posting{Transaction: ledger.Transaction{Type: ledger.Type(kind)}}
}

// record adds an event.
func (p *posting) record(e Event) { p.events = append(p.events, e) }

// move books an amount from one account to another: debit and credit. Nothing is
// booked of zero.
func (p *posting) move(debit, credit ledger.Account, amount money.Amount) {
	if amount.IsZero() {
		return
	}
	p.Entries = append(p.Entries, ledger.Entry{Account: debit, Amount: amount}, ledger.Entry{Account: credit, Amount: amount.Neg()})
}

// begin moves a settlement to paying.
func (p *posting) begin(x *Lifecycle) error {
	before := x.Phase
	if err := x.advance(MoneyMoves); err != nil {
		return err
	}
	if x.Phase != before {
		p.record(Event{Type: SettlementPaying, Period: x.Period})
	}
	return nil
}

// carry takes a disputed part of an obligation back to the open window.
func (p *posting) carry(x *Lifecycle, o *Obligation, amount money.Amount) error {
	o.Disputed, o.Carried, o.changed = o.Disputed.Minus(amount), o.Carried.Plus(amount), true
	if o.owed() {
		p.move(clearingOf(o.Payer), receivable(o.Payer), amount)
	}
	if o.Kind == Payout || o.Kind == Direct {
		p.move(payableOf(o), clearingOf(o.Payee), amount)
	}
	switch {
	case !o.complete():
		return nil
	case o.Paid.Sign() > 0:
		return x.move(o, AllArrives)
	}
	return x.move(o, TakenBack)
}
