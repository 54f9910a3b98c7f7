package settlement

import "fmt"

// Phase is where a settlement is in its life.
type Phase string

// The phases of a settlement.
const (
	Closed   Phase = "closed"
	InReview Phase = "in_review"
	Approved Phase = "approved"
	Paying   Phase = "paying"
	Settled  Phase = "settled"
)

// Status is where an obligation is in its life.
type Status string

// The statuses of what a party owes, and of what custody pays. An obligation all
// of which was taken back to the open window is carried.
const (
	Due       Status = "due"
	PartPaid  Status = "part_paid"
	Paid      Status = "paid"
	Defaulted Status = "defaulted"
	Payable   Status = "payable"
	Sent      Status = "sent"
	Confirmed Status = "confirmed"
	Returned  Status = "returned"
	Carried   Status = "carried"
)

// Cause is what moves a settlement or an obligation on.
type Cause string

// The causes.
const (
	ReviewBegins Cause = "review begins"
	Consent      Cause = "consent"
	MoneyMoves   Cause = "money moves"
	AllDone      Cause = "all is done"

	PartArrives Cause = "part arrives"
	AllArrives  Cause = "all arrives"
	GraceEnds   Cause = "grace ends"
	TakenBack   Cause = "taken back"
	PutInRun    Cause = "put in a run"
	BankDid     Cause = "the bank did"
	BankDidPart Cause = "the bank did, more follows"
	BankCouldnt Cause = "the bank couldn't"
	PartReturns Cause = "an earlier part returns"
	ReadyAgain  Cause = "ready again"
	DueAgain    Cause = "due again"

	AllBounces   Cause = "all of it is taken back"
	PartBounces  Cause = "a part is taken back"
	BouncesAgain Cause = "what came after the default is taken back"
)

// step is one arrow of a picture.
type step[S ~string] struct {
	from S
	by   Cause
	to   S
}

// phases are the arrows of a settlement.
var phases = []step[Phase]{
	{Closed, ReviewBegins, InReview},
	{InReview, Consent, Approved},
	{Approved, MoneyMoves, Paying},
	{Approved, AllDone, Settled},
	{Paying, MoneyMoves, Paying},
	{Paying, AllDone, Settled},
	{Settled, MoneyMoves, Settled}, // of an earlier default, paid after all
	{Settled, BankCouldnt, Paying},
	{Paying, BankCouldnt, Paying},
}

// statuses are the arrows of an obligation.
var statuses = []step[Status]{
	{Due, PartArrives, PartPaid},
	{Due, AllArrives, Paid},
	{Due, GraceEnds, Defaulted},
	{Due, TakenBack, Carried},
	{PartPaid, PartArrives, PartPaid},
	{PartPaid, AllArrives, Paid},
	{PartPaid, GraceEnds, Defaulted},
	{Defaulted, PartArrives, Defaulted},
	{Defaulted, AllArrives, Paid},
	{PartPaid, AllBounces, Due},
	{PartPaid, PartBounces, PartPaid},
	{Paid, AllBounces, Due},
	{Paid, PartBounces, PartPaid},
	{Paid, BouncesAgain, Defaulted},
	{Defaulted, BouncesAgain, Defaulted},
	{Defaulted, DueAgain, PartPaid}, // all else of it is paid, and a disputed part falls due

	{Payable, PutInRun, Sent},
	{Payable, PartArrives, Payable}, // set off against what the payee owes
	{Payable, AllArrives, Confirmed},
	{Payable, TakenBack, Carried},
	{Payable, BankCouldnt, Returned}, // of a part that was paid
	{Sent, BankDid, Confirmed},
	{Sent, BankDidPart, Payable},
	{Sent, BankCouldnt, Returned},
	{Sent, PartReturns, Sent},
	{Confirmed, BankCouldnt, Returned},
	{Returned, ReadyAgain, Payable},
}

// after returns where a cause leads; the error says that it leads nowhere from
// there.
func after[S ~string](table []step[S], from S, by Cause) (S, error) {
	for _, s := range table {
		if s.from == from && s.by == by {
			return s.to, nil
		}
	}
	return from, fmt.Errorf("%q is no way on from %q", by, from)
}

// NextPhase returns the phase of a settlement after a cause.
func NextPhase(from Phase, by Cause) (Phase, error) { return after(phases, from, by) }

// NextStatus returns the status of an obligation after a cause.
func NextStatus(from Status, by Cause) (Status, error) { return after(statuses, from, by) }

// Done reports whether nothing is left to do of an obligation. A defaulted one is
// done for the month: the loss was borne, and what is paid later is shared out.
func (s Status) Done() bool {
	switch s {
	case Paid, Defaulted, Confirmed, Carried:
		return true
	}
	return false
}
