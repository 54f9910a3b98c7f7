package settlement

import (
	"time"
	"unicode/utf8"

	"github.com/lianka/lianka/clearing/money"
)

// Why a line of a bank statement waits for a person, beside the codes of lines that can't
// be read (package bankfile).
const (
	NoReference       = "no_reference"
	ManyReferences    = "many_references"
	UnknownReference  = "unknown_reference"
	AmountDiffers     = "amount_differs"
	NotDue            = "not_due" // not approved yet, paid already, or an older one is unpaid
	NotOnItsWay       = "not_on_its_way"
	WhichAttempt      = "which_attempt"       // it may be about several payments of the payout, and names none
	OwedToParty       = "owed_to_party"       // a direct transfer, which is paid to the other party and not to custody
	ReturnNotMarked   = "return_not_marked"   // money came in that names a payout, and the bank doesn't say that it came back
	DebitMarkedReturn = "debit_marked_return" // money went out that names a payout, and the bank says that it came back
	MaybeBooked       = "maybe_booked"        // the same amount was booked by hand, and no line has shown it yet
	MaybeKnown        = "maybe_known"         // it may be the line that another file has told in other words
	InSuspense        = "in_suspense"         // it is booked, and what it is for is not known
)

// What became of a line that waits for nobody. That of a line about a payout is confirmed
// or returned, the payout's status.
const (
	Received      = "received"
	TakenBackLine = "taken_back" // a payment of a party that its bank took back
	Matched       = "matched"    // by a person
	Linked        = "linked"     // with what was booked by hand
	GivenBack     = "given_back"
	TickedOff     = "ticked_off"
	Known         = "known"          // it was imported before
	WithoutAmount = "without_amount" // of 0.00
)

// BankLine is a booked line of a bank statement.
type BankLine struct {
	Place        string // where it stands in its file, for people
	Part         int    // which of the file's statements it is in
	ID           string // the bank's own; may be empty, and may repeat
	BookedOn     time.Time
	Credit       bool // money came in
	Returned     bool // the bank says that it came back
	Amount       money.Amount
	Reference    string   // as the bank has it
	References   []string // valid ones of the circle that it names, each once
	Attempt      int      // the attempt that it names of its only reference; 0: none, below: several
	Text         string
	Counterparty string
	Reason       string // of a return
	Problem      string // the code of why it can't be booked; empty: nothing is wrong with it
}

// ImportedLine is a line with what it was taken for, or why it was not.
type ImportedLine struct {
	BankLine
	Account     string // custody's, as [accountKey] writes it
	Statement   string
	Format      string
	Fingerprint [32]byte
	Occurrence  int    // of the same line in its statement, from 0
	Outcome     string // what it was taken for, else why it waits
	Twin        int64  // the line that it may be, in another file's words
	Open        bool   // it waits for a person, or for what it names
	Seq         int64  // the transaction that took it in; 0: it is being imported
	ResolvedSeq int64  // the transaction that made it wait no more, if that is another one

	posting *posting // the transaction that takes it in
	unsaved bool
	changed bool
}

// retried reports whether the line may still be taken for something by itself.
func (l *ImportedLine) retried() bool {
	return l.Open && l.Problem == "" && l.Twin == 0 && l.Outcome != InSuspense && len(l.References) == 1
}

// signed returns the line's amount: above zero if money came in.
func (l *ImportedLine) signed() money.Amount {
	if l.Credit {
		return l.Amount
	}
	return l.Amount.Neg()
}

// name is what people know a line by: the bank's number, or else its place in the file.
func (l *BankLine) name() string {
	if l.ID != "" && utf8.RuneCountInString(l.ID) <= mostName {
		return l.ID
	}
	return l.Place
}

// mostName is the most characters of a line's number that events repeat.
const mostName = 64

// why returns the reason of a return, in the bank's words or the text.
func (l *BankLine) why() string {
	if l.Reason != "" {
		return l.Reason
	}
	return l.Text
}

// line returns a line by the transaction that took it in, or refuses.
func (s *State) line(seq int64) (*ImportedLine, error) {
	for _, l := range s.Lines {
		if l.Seq == seq && seq != 0 {
			return l, nil
		}
	}
	return nil, refuse(CodeUnknownBankLine, "%s took in no line of a bank statement", lineID(seq))
}

// openLine returns a line that waits, or refuses.
func (s *State) openLine(seq int64) (*ImportedLine, error) {
	l, err := s.line(seq)
	if err != nil {
		return nil, err
	}
	if !l.Open {
		r := refuse(CodeLineResolved, "the line of %s waits for nothing: it is %s", lineID(seq), l.Outcome)
		r.Data = map[string]string{"outcome": l.Outcome}
		return nil, r
	}
	return l, nil
}

// close notes what became of a line that waited.
func (l *ImportedLine) close(outcome string, seq int64) {
	l.Outcome, l.Open, l.ResolvedSeq, l.changed = outcome, false, seq, true
}

// leftCustody returns a line that waits and shows money that left for a payout, or nil: as long
// as nobody has said what it is, the payout is in no run.
func (s *State) leftCustody(reference string) *ImportedLine {
	for _, l := range s.Lines {
		if !l.Open || l.Credit || l.Returned {
			continue
		}
		for _, r := range l.References {
			if r == reference {
				return l
			}
		}
	}
	return nil
}
