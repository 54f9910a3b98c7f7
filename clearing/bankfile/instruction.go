package bankfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Instruction is an order to a bank to pay from one account to others, all in one
// currency, on one day.
type Instruction struct {
	// ID is what the bank knows the order by, and refuses a second one of: at most
	// 35 characters A to Z, digits, spaces and / - ? : ( ) . , ' +
	ID string
	// CreatedAt is when the order was made; the file has it to the second, with its
	// own offset.
	CreatedAt time.Time
	// ExecuteOn is the day on which to pay; what counts is its date as it stands, in its own location.
	ExecuteOn time.Time
	// Debtor is the account that is paid from.
	Debtor Account
	// InitiatingParty is who gives the order, at most 70 characters.
	InitiatingParty string
	// Payments are what is paid, at least one.
	Payments []Payment
}

// Payment is an amount to be paid to an account.
type Payment struct {
	// Reference says what is paid: characters as in [Instruction.ID]. A creditor reference
	// of ISO 11649 is marked as one.
	Reference string
	// ID names this attempt to pay, goes with the money from end to end and comes back on
	// the statement: unique in the instruction, characters as in [Instruction.ID]. It is the
	// reference if it is empty.
	ID string
	// Payee is who is paid.
	Payee Account
	// Amount is above zero.
	Amount money.Amount
	// Remittance is one line of text for the payee, and may be empty. A bank takes
	// 140 characters: a longer text is cut behind the 140th, which loses words and
	// nothing that anybody is matched by.
	Remittance string
}

// check refuses an instruction that a bank would refuse, and returns the sum of its
// payments.
func (i Instruction) check() (money.Amount, error) {
	if e := i.checkHead(); e != nil {
		return money.Amount{}, e
	}
	total := i.Payments[0].Amount.Currency().Zero()
	ids := make(map[string]int, len(i.Payments))
	for n, p := range i.Payments {
		name := fmt.Sprintf("payments[%d]", n)
		if e := p.check(); e != nil {
			return money.Amount{}, within(name, e)
		}
		if first, twice := ids[p.id()]; twice {
			return money.Amount{}, fieldError(name+".reference", "%q names payments[%d] already; each needs its own", p.id(), first)
		}
		ids[p.id()] = n
		if p.Amount.Currency() != total.Currency() {
			return money.Amount{}, fieldError(name+".amount", "is in %s, but payments[0] in %s; an instruction has one currency",
				p.Amount.Currency().Code(), total.Currency().Code())
		}
		sum, err := total.Add(p.Amount)
		if err != nil || sum.Minor() > money.MaxMinor {
			return money.Amount{}, fieldError(name+".amount", "makes the instruction larger than 10^15 minor units; split it")
		}
		total = sum
	}
	return total, nil
}

func (i Instruction) checkHead() *FieldError {
	if e := checkIdentifier("id", i.ID); e != nil {
		return e
	}
	switch {
	case i.CreatedAt.IsZero():
		return fieldError("created_at", "is required")
	case i.ExecuteOn.IsZero():
		return fieldError("execute_on", "is required")
	}
	if e := i.Debtor.check(); e != nil {
		return within("debtor", e)
	}
	if e := checkText("initiating_party", i.InitiatingParty, true, mostName); e != nil {
		return e
	}
	if len(i.Payments) == 0 {
		return fieldError("payments", "there is none; an instruction has at least one")
	}
	return nil
}

func (p Payment) check() *FieldError {
	if e := checkIdentifier("reference", p.Reference); e != nil {
		return e
	}
	if p.ID != "" {
		if e := checkIdentifier("id", p.ID); e != nil {
			return e
		}
	}
	if e := p.Payee.check(); e != nil {
		return within("payee", e)
	}
	switch {
	case p.Amount.Currency().IsZero():
		return fieldError("amount", "has no currency")
	case p.Amount.Sign() <= 0:
		return fieldError("amount", "is %s; what is paid is above zero", p.Amount)
	case p.Amount.Minor() > money.MaxMinor:
		return fieldError("amount", "%v", money.ErrTooLarge)
	}
	return checkText("remittance", p.Remittance, false, 0)
}

// id returns what the payment is known by on its way.
func (p Payment) id() string {
	if p.ID != "" {
		return p.ID
	}
	return p.Reference
}

// remittance returns the text for the payee, cut to what a bank takes.
func (p Payment) remittance() string {
	runes := []rune(p.Remittance)
	if len(runes) <= mostRemittance {
		return p.Remittance
	}
	return strings.TrimRight(string(runes[:mostRemittance]), " ")
}
