package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// LineMatched is the type of what a person's word about a line makes, behind the
// transactions of its parts.
const LineMatched = "statement.line_matched"

// MatchLine says what a line that waits is for: one obligation, or several with the
// part of each. What the line could not prove a person knows: which attempt it was, that
// it is a part, or that it came back.
type MatchLine struct {
	command
	Line  int64 // the transaction that took it in
	Parts []LinePart
	Note  string
}

// LinePart is a part of a line.
type LinePart struct {
	Reference string // may name an attempt
	Amount    string // empty, if it is the only part: the line's
}

var matchLine = definition[MatchLine]{
	labels: labels{LineMatched: {Chinese: "人工匹配银行流水", English: "Bank line matched by hand"}},
	names: func(c MatchLine, n *names) {
		n.bankLine(c.Line)
		for _, part := range c.Parts {
			n.reference(part.Reference)
		}
	},
	decide: (*State).matchByHand,
}

func (s *State) matchByHand(c MatchLine, at time.Time) (postings []*posting, err error) {
	l, err := s.openLine(c.Line)
	if err != nil {
		return nil, err
	}
	amounts, err := s.partsOf(l, c.Parts)
	if err != nil {
		return nil, err
	}
	restore := s.snapshot()
	for i, part := range c.Parts {
		p, err := s.matchPart(l, part.Reference, amounts[i], c.Note, at)
		if err != nil {
			restore()
			return nil, err
		}
		if p.linked && len(c.Parts) > 1 && l.Outcome == InSuspense {
			restore()
			return nil, refuse(CodeLineDiffers, "a part of the line is of what was booked by hand; link or match it before the line goes into suspense, or as a whole")
		}
		outOfSuspense(p, l)
		p.line = l
		s.settleDone(p, at)
		postings = append(postings, p)
	}
	l.close(Matched, 0)
	return append(postings, lineResolved(LineMatched, l, "note", c.Note)), nil
}

// partsOf returns the amounts of the parts of a line, which sum to its own.
func (s *State) partsOf(l *ImportedLine, parts []LinePart) ([]money.Amount, error) {
	if l.Amount.IsZero() {
		return nil, refuse(CodeLineDiffers, "the amount of the line could not be read; tick it off, and book by hand what it says")
	}
	if len(parts) == 1 && parts[0].Amount == "" {
		return []money.Amount{l.Amount}, nil
	}
	amounts, total := make([]money.Amount, len(parts)), s.zero()
	for i, part := range parts {
		amount, err := s.parseAmount(part.Amount)
		if err != nil {
			return nil, err
		}
		amounts[i], total = amount, total.Plus(amount)
	}
	if total != l.Amount {
		return nil, short(CodeLineDiffers, l.Amount, total, "the parts of a line add up to its amount, %s, and these to %s")
	}
	return amounts, nil
}

// matchPart books a part of a line for what a reference names.
func (s *State) matchPart(l *ImportedLine, text string, amount money.Amount, note string, at time.Time) (*posting, error) {
	ref, attempt := splitAttempt(text)
	x, o := s.obligation(ref)
	switch {
	case o == nil:
		return nil, refuse(CodeUnknownReference, "nothing is to be paid under the reference %q", text)
	case o.owed() && l.Credit:
		return s.receivePart(x, o, l, amount, note, at)
	case o.owed():
		return s.takeBackPart(x, o, l, amount, note, at)
	case l.Credit:
		return s.returnPart(x, o, attempt, l, amount, note, at)
	}
	return s.confirmPart(x, o, attempt, l, amount, note, at)
}

func (s *State) receivePart(x *Lifecycle, o *Obligation, l *ImportedLine, amount money.Amount, note string, at time.Time) (*posting, error) {
	if o.direct() {
		return nil, refuse(CodeNotCustodys, "%s is to be paid to %q itself; give the money back, or put it into suspense and pass it on", o.Reference, o.Payee)
	}
	if err := s.mayBePaid(x, o, amount); err != nil {
		return nil, err
	}
	p := newPosting(PaymentReceived)
	p.Merchant = merchantOf(o.Payer)
	if err := s.bookReceipt(p, x, o, amount, note, at); err != nil {
		return nil, err
	}
	o.newest(PaymentMade).SeenOn = l.BookedOn
	return p, nil
}

func (s *State) takeBackPart(x *Lifecycle, o *Obligation, l *ImportedLine, amount money.Amount, note string, at time.Time) (*posting, error) {
	paid := o.pick(0, amount, func(p *Payment) bool { return !p.ToParty && p.couldBeBack(l) }, PaymentReturned, PaymentMade)
	if paid == nil {
		return nil, refuse(CodeNotReceived, "nothing was received for %s as one payment of %s that could go back", o.Reference, amount)
	}
	paid.BackOn, o.changed = l.BookedOn, true
	if paid.State == PaymentReturned {
		return linked(l, o, paid, paid.UndoneSeq), nil
	}
	return s.takeBack(x, o, paid, note, at)
}

func (s *State) returnPart(x *Lifecycle, o *Obligation, attempt int, l *ImportedLine, amount money.Amount, note string, at time.Time) (*posting, error) {
	paid := o.pick(attempt, amount, func(p *Payment) bool { return p.couldBeBack(l) }, PaymentReturned, PaymentMade, PaymentOrdered)
	if paid == nil {
		return nil, refuse(CodeNotSent, "nothing was paid for %s as one payment of %s that could come back", o.Reference, amount)
	}
	paid.BackOn, o.changed = l.BookedOn, true
	if paid.State == PaymentReturned {
		return linked(l, o, paid, paid.UndoneSeq), nil
	}
	return s.bookReturn(x, o, paid, note, at)
}

func (s *State) confirmPart(x *Lifecycle, o *Obligation, attempt int, l *ImportedLine, amount money.Amount, note string, at time.Time) (*posting, error) {
	unseen := func(p *Payment) bool { return p.SeenOn.IsZero() }
	paid := o.pick(attempt, amount, unseen, PaymentOrdered, PaymentMade)
	if paid == nil && (attempt > 0 || o.Status != Payable) {
		paid = o.pick(attempt, amount, unseen, PaymentReturned)
	}
	if paid != nil && paid.State != PaymentOrdered {
		paid.SeenOn, o.changed = l.BookedOn, true
		return linked(l, o, paid, paid.BookedSeq), nil
	}
	if paid == nil && attempt > 0 {
		return nil, refuse(CodeNotSent, "%s names no payment of %s that a bank statement has not shown yet", o.Reference, amount)
	}
	if paid == nil && (o.Status != Payable || amount.Cmp(o.Outstanding()) > 0) {
		return nil, short(CodeAlreadyConfirmed, o.Outstanding(), amount, "%s is %s: %s of it is still to be paid, and this is %s", o.Reference, o.Status)
	}
	p, err := s.confirm(x, o, 0, amount, note, at)
	if err == nil {
		o.newest(PaymentMade).SeenOn = l.BookedOn
	}
	return p, err
}

// couldBeBack reports whether a line could be of the payment going back: no other line was,
// and the bank has not shown the payment only after that.
func (p *Payment) couldBeBack(l *ImportedLine) bool {
	return p.BackOn.IsZero() && notAfter(p.SeenOn, l.BookedOn)
}

// pick returns the newest payment of an amount that fulfils a condition, of the first of
// some states that has one; or the attempt that is named, if it is such a one; or nil.
func (o *Obligation) pick(attempt int, amount money.Amount, fits func(*Payment) bool, states ...PaymentState) *Payment {
	for _, state := range states {
		for i := len(o.Payments) - 1; i >= 0; i-- {
			p := &o.Payments[i]
			if p.State == state && p.Amount == amount && fits(p) && (attempt == 0 || p.Number == attempt) {
				return p
			}
		}
	}
	return nil
}

// lineResolved returns the posting of a person's word about a line.
func lineResolved(kind string, l *ImportedLine, data ...string) *posting {
	p := newPosting(kind)
	e := Event{Type: kind, Data: map[string]string{"line": l.name(), "bank_line": lineID(l.Seq), "amount": l.Amount.String(), "outcome": l.Outcome}}
	for i := 0; i+1 < len(data); i += 2 {
		if data[i+1] != "" {
			e.Data[data[i]] = data[i+1]
		}
	}
	p.record(e)
	return p
}

// snapshot returns a function that puts back what is known of the months, for a command
// that is refused after it has begun.
func (s *State) snapshot() func() {
	lifecycles := make([]Lifecycle, len(s.Settlements))
	obligations := make([][]Obligation, len(s.Settlements))
	for i, x := range s.Settlements {
		lifecycles[i] = *x
		for _, o := range x.Obligations {
			before := *o
			before.Payments, before.Bearers = slices.Clone(o.Payments), slices.Clone(o.Bearers)
			obligations[i] = append(obligations[i], before)
		}
	}
	merchantsChanged := s.merchantsChanged
	return func() {
		for i, x := range s.Settlements {
			all := lifecycles[i].Obligations
			*x = lifecycles[i]
			for j, o := range all {
				*o = obligations[i][j]
			}
		}
		s.merchantsChanged = merchantsChanged
	}
}
