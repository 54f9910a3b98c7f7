package settlement

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// Decide says what a command at an instant means: the postings that it makes, in their
// order, the last of which stands for the command; or a *clearing.Refusal, and then
// nothing has changed. What comes about by itself at or before the instant must
// have been done.
func (s *State) Decide(command clearing.DeskCommand, at time.Time) ([]*posting, error) {
	one := func(a *posting, err error) ([]*posting, error) {
		if err != nil {
			return nil, err
		}
		s.finish(a, at)
		return []*posting{a}, nil
	}
	switch c := command.(type) {
	case Approve:
		return one(s.approveEarly(c, at))
	case OpenDispute:
		return one(s.openDispute(c, at))
	case AdjustDispute:
		return one(s.adjustDispute(c, at))
	case RefuseDispute:
		return one(s.closeDispute(c.Dispute, "", Refused, c.Answer, at))
	case WithdrawDispute:
		return one(s.closeDispute(c.Dispute, c.Party, Withdrawn, "", at))
	case Adjust:
		return one(s.adjust(c))
	case LodgeDeposit:
		return one(s.lodgeDeposit(c))
	case ReturnDeposit:
		return one(s.returnDeposit(c))
	case RemitTax:
		return one(s.remitTax(c))
	case ReceivePayment:
		return one(s.receivePayment(c))
	case SendPayouts:
		return one(s.sendPayouts(c, at))
	case ConfirmPayout:
		return one(s.confirmPayout(c))
	case ReturnPayout:
		return one(s.returnPayout(c))
	case ImportStatement:
		return s.importStatement(c, at)
	case GiveNotice:
		return one(s.giveNotice(c, at))
	case Reinstate:
		return one(s.reinstate(c))
	}
	return nil, fmt.Errorf("the desk has no command %T", command)
}

// minor reads an amount that must be above zero.
func (s *State) minor(text string) (int64, error) {
	amount, err := money.Parse(text, s.Circle.Currency)
	if err != nil {
		return 0, refuse(CodeInvalidAmount, "amount: %v", err)
	}
	if amount.IsZero() {
		return 0, refuse(CodeInvalidAmount, "amount must be above zero")
	}
	return amount.Minor(), nil
}

// knownParty refuses who is neither the organiser nor a merchant of the circle.
func (s *State) knownParty(code string) error {
	if s.party(code) {
		return nil
	}
	return refuse(CodeUnknownParty, "%q is no party of this circle: neither a merchant nor %q", code, clearing.Organiser)
}

// advance moves a settlement on. The table says whether that can be.
func (x *Lifecycle) advance(by Cause) error {
	next, err := NextPhase(x.Phase, by)
	if err != nil {
		return fmt.Errorf("settlement %s: %w", x.Period, err)
	}
	x.Phase, x.changed = next, true
	return nil
}

// advance moves an obligation on. The table says whether that can be.
func (o *Obligation) advance(by Cause) error {
	next, err := NextStatus(o.Status, by)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Reference, err)
	}
	o.Status, o.changed = next, true
	return nil
}

// begin notes that money moves for a settlement.
func (s *State) begin(a *posting, x *Lifecycle) error {
	before := x.Phase
	if err := x.advance(MoneyMoves); err != nil {
		return err
	}
	if x.Phase != before {
		a.record(Event{Type: SettlementPaying, Period: x.Period})
	}
	return nil
}

// finish settles what is done, the oldest first.
func (s *State) finish(a *posting, at time.Time) {
	for _, x := range s.Settlements {
		if x.Phase == Settled {
			continue
		}
		if !x.payable() || x.disputed() {
			return
		}
		for _, o := range x.Obligations {
			if !o.Status.done() {
				return
			}
		}
		if x.advance(AllDone) != nil {
			return
		}
		x.SettledAt = at
		a.record(Event{Type: SettlementSettled, Period: x.Period})
	}
}
