package statement

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant/legal"
)

// Payment is a payment that the settlement asks the party for, or owes it. Its amounts are
// never below zero, but for Amount.
type Payment struct {
	Reference   string              // what the payment is to name
	With        string              // a shop, clearing.Organiser or clearing.Custody
	Amount      money.Amount        // positive, the party is paid; negative, it pays
	Outstanding money.Amount        // still to be paid, and may be
	Disputed    money.Amount        // waits for the answer to a dispute
	Carried     money.Amount        // taken back to the next month
	Paid        money.Amount        // has been paid
	Sent        money.Amount        // is in a payment run, and the bank has not confirmed it
	Status      settlement.Status   // as the clearing house knows it
	DueAt       time.Time           // zero: not approved yet, or custody pays
	Covers      string              // the reference of the payment in whose place custody pays; "": none
	Account     *settlement.Account // where it is paid to; nil: not known
}

// payments reads what is paid for the month, and who the two sides are.
func (s *Statement) payments(ctx context.Context, db ledger.Querier) error {
	life, err := settlement.Find(ctx, db, s.Alliance.ID, s.Window.Period)
	if err != nil {
		return err
	}
	s.Phase, s.ReviewUntil, s.PaymentDays = life.Phase, life.ReviewUntil, life.Policy.PaymentDays
	accounts, err := settlement.PartyAccounts(ctx, db, s.Alliance.ID)
	if err != nil {
		return err
	}
	if s.Entities, err = legal.Of(ctx, db, s.Alliance.ID, s.Party, clearing.Organiser); err != nil {
		return err
	}
	const page = 1000
	for after := int64(0); ; {
		found, err := settlement.Obligations(ctx, db, s.Alliance, s.Window.Period, s.Party, after, page)
		if err != nil {
			return err
		}
		for _, o := range found {
			p, err := s.payment(o, accounts)
			if err != nil {
				return err
			}
			s.Payments = append(s.Payments, p)
			after = int64(o.Number)
		}
		if len(found) < page {
			return nil
		}
	}
}

func (s *Statement) payment(o *settlement.Obligation, accounts map[string]settlement.Account) (Payment, error) {
	p := Payment{
		Reference: o.Reference, With: o.Payer, Amount: o.Amount, Outstanding: o.Outstanding(), Disputed: o.Disputed, Carried: o.Carried,
		Paid: o.Paid, Sent: o.Sent, Status: o.Status, DueAt: o.DueAt,
	}
	to := o.Payee
	if o.Payer == s.Party {
		p.With, p.Amount, to = o.Payee, o.Amount.Neg(), o.PaidTo()
	}
	if account, known := accounts[to]; known {
		p.Account = &account
	}
	var err error
	if p.Covers, err = o.ReferenceCovered(s.Alliance.ID); err != nil {
		return p, fmt.Errorf("obligation %s: %w", o.Reference, err)
	}
	return p, nil
}

// pays reports whether the party pays, and is not paid.
func (p *Payment) pays() bool { return p.Amount.Sign() < 0 }

// label says in words what has become of a payment, as the party sees it.
func (p *Payment) label() ledger.Label { return paymentLabel(p.Status, p.pays()) }

func paymentLabel(status settlement.Status, pays bool) ledger.Label {
	if status == settlement.Carried {
		return ledger.Label{Chinese: "转入下期", English: "Carried forward"}
	}
	if pays {
		switch status {
		case settlement.Due:
			return ledger.Label{Chinese: "待付", English: "To pay"}
		case settlement.PartPaid:
			return ledger.Label{Chinese: "部分已付", English: "Paid in part"}
		case settlement.Paid:
			return ledger.Label{Chinese: "已付", English: "Paid"}
		case settlement.Defaulted:
			return ledger.Label{Chinese: "逾期未付", English: "In default"}
		}
	}
	switch status {
	case settlement.Due, settlement.Payable, settlement.Returned:
		return ledger.Label{Chinese: "待收", English: "To receive"}
	case settlement.PartPaid:
		return ledger.Label{Chinese: "部分已收", English: "Received in part"}
	case settlement.Paid, settlement.Confirmed:
		return ledger.Label{Chinese: "已收", English: "Received"}
	case settlement.Sent:
		return ledger.Label{Chinese: "付款中", English: "On its way"}
	case settlement.Defaulted:
		return ledger.Label{Chinese: "对方逾期", English: "The payer is in default"}
	}
	return ledger.Label{English: string(status)}
}

// transferLabel says in words what has become of a transfer. Where closed months count as
// paid at once, no payment is asked for.
func (s *Statement) transferLabel(t Transfer) ledger.Label {
	for i := range s.Payments {
		if p := &s.Payments[i]; p.With == t.With && p.Amount == t.Amount && p.Covers == "" {
			return p.label()
		}
	}
	pays := t.Amount.Sign() < 0
	switch {
	case s.Phase == settlement.Settled && pays:
		return paymentLabel(settlement.Paid, pays)
	case s.Phase == settlement.Settled:
		return paymentLabel(settlement.Confirmed, pays)
	case pays:
		return paymentLabel(settlement.Due, pays)
	}
	return paymentLabel(settlement.Payable, pays)
}

// phaseLabel says in words where the settlement is in its life.
func (s *Statement) phaseLabel() ledger.Label {
	switch s.Phase {
	case settlement.Closed, settlement.InReview:
		return ledger.Label{Chinese: "审核中", English: "In review"}
	case settlement.Approved, settlement.Paying:
		return ledger.Label{Chinese: "已审核,付款中", English: "Approved, being paid"}
	case settlement.Settled:
		return ledger.Label{Chinese: "已结清", English: "Settled"}
	}
	return ledger.Label{English: string(s.Phase)}
}

// accountText returns an account on one line, and nothing for none.
func accountText(a *settlement.Account) string {
	if a == nil {
		return ""
	}
	var parts []string
	for _, part := range []string{a.Holder, a.Number, a.Bank, a.BIC, a.CNAPS} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "  ")
}
