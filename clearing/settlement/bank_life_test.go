package settlement_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// TestTheBooksAreTheBanks plays the life of custody's account against a bank that the test
// keeps itself: payments, parts, payments twice, orders that are paid, rejected and come
// back, bookings by hand in between, files with whole days in any order, newest first,
// overlapping, twice and in another format. In the end a person says what the lines are that
// wait. Then custody is what the bank says, no payout has left twice, and each line was
// taken in once. The files are imported in two orders, and both end alike.
func TestTheBooksAreTheBanks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	rapid.Check(t, func(t *rapid.T) {
		life := drawLife(t)
		first := life.live(t, life.files)
		second := life.live(t, rapid.Permutation(life.files).Draw(t, "order"))
		require.Equal(t, first, second, "the order of the files matters")
	})
}

// life is what happens, drawn before it does, so that it can happen twice.
type life struct {
	days  [][]happening
	files []file
	notes bool // the bank keeps what names an attempt
	ids   int  // 0: the bank numbers no lines, 1: each day from 1, 2: all of them
}

// happening is one thing: what it is about is an index, modulo what there is.
type happening struct {
	what   string
	which  int
	amount int // of a payment: all, a part, or too much
	named  bool
}

// file is a bank's file with whole days.
type file struct {
	from, to int
	reversed bool
	csv      bool
}

const lifeDays = 6

func drawLife(t *rapid.T) *life {
	l := &life{notes: rapid.Bool().Draw(t, "notes"), ids: rapid.IntRange(0, 2).Draw(t, "ids")}
	whats := []string{"run", "run", "bank pays", "bank pays", "bank pays", "bank rejects", "bank sends back", "bank sends back", "party pays", "party pays", "party pays",
		"bank takes back", "stray", "hand confirms", "hand returns", "hand returns", "hand receives", "hand takes back", "import"}
	for range lifeDays {
		var day []happening
		for range rapid.IntRange(0, 6).Draw(t, "happenings") {
			day = append(day, happening{
				rapid.SampledFrom(whats).Draw(t, "what"), rapid.IntRange(0, 9).Draw(t, "which"), rapid.IntRange(0, 3).Draw(t, "amount"), rapid.Bool().Draw(t, "named"),
			})
		}
		l.days = append(l.days, day)
	}
	for range rapid.IntRange(1, 3).Draw(t, "more files") {
		from := rapid.IntRange(0, lifeDays-1).Draw(t, "from")
		l.files = append(l.files, file{from, rapid.IntRange(from, lifeDays-1).Draw(t, "to"), rapid.Bool().Draw(t, "reversed"), rapid.IntRange(0, 3).Draw(t, "csv") == 0})
	}
	for day := range lifeDays { // so that each day is in one at least
		l.files = append(l.files, file{day, day, rapid.Bool().Draw(t, "reversed"), false})
	}
	return l
}

// entry is a line of the bank's own books.
type entry struct {
	day     int
	line    settlement.BankLine
	credit  *entry // of money that is taken back: how it came
	party   *settlement.Obligation
	attempt string // of a payout
	booked  int64  // by hand, by this transaction
	back    bool   // it was sent or taken back
}

// order is a payment that the bank was told to make.
type order struct {
	settlement.PaymentOrder
	day   int
	fate  string // what the bank did
	entry *entry
}

// account is custody's account at the bank, and the person who keeps the books.
type account struct {
	*fixture
	life    *life
	day     int
	entries []*entry
	orders  []*order
	runs    int
	known   map[[32]byte]*entry // by what lines say
}

func (l *life) live(t *rapid.T, files []file) []string {
	patient := window.Settling{ReviewDays: 3, PaymentDays: 300, ReminderDays: 300, GraceDays: 300}
	a := &account{fixture: approved(t, patient, false), life: l, known: make(map[[32]byte]*entry)}
	a.bank("ann")
	for day, happenings := range l.days {
		a.day = day
		for _, h := range happenings {
			a.happen(h)
			a.holds()
			a.noneLeftTwice()
		}
		a.days(1)
	}
	for _, f := range files {
		a.load(f)
		a.holds()
	}
	a.resolve()
	a.holds()
	a.agrees()
	return a.summary()
}

func (a *account) happen(h happening) {
	switch h.what {
	case "run":
		a.give(settlement.SendPayouts{})
		for _, run := range a.Runs[a.runs:] {
			for _, o := range run.Orders {
				a.orders = append(a.orders, &order{PaymentOrder: o, day: a.day})
			}
		}
		a.runs = len(a.Runs)
	case "bank pays", "bank rejects":
		if o := pick(h.which, a.orders, func(o *order) bool { return o.fate == "" }); o != nil {
			if o.fate = "rejected"; h.what == "bank pays" {
				o.fate = "paid"
				o.entry = a.book(settlement.BankLine{Amount: o.Amount, References: []string{o.Reference}, Attempt: a.attemptIn(o, h.named), Text: "to " + o.Payee.Holder})
				o.entry.attempt = o.Attempt
			}
		}
	case "bank sends back":
		if o := pick(h.which, a.orders, func(o *order) bool { return o.fate == "paid" }); o != nil {
			o.fate = "sent back"
			e := a.book(settlement.BankLine{
				Credit: true, Returned: true, Amount: o.Amount, References: []string{o.Reference}, Attempt: a.attemptIn(o, h.named), Reason: "AC04",
			})
			e.attempt = o.Attempt
		}
	case "party pays":
		o := []*settlement.Obligation{a.of("2026-10", 2), a.of("2026-10", 5)}[h.which%2]
		amount := []int64{o.Amount.Minor(), o.Amount.Minor() / 2, o.Amount.Minor() / 3, o.Amount.Minor() + 1}[h.amount]
		line := settlement.BankLine{Credit: true, Amount: cny(amount), Text: "from " + o.Payer}
		if h.named {
			line.References = []string{o.Reference}
		}
		a.book(line).party = o
	case "bank takes back":
		if e := pick(h.which, a.entries, func(e *entry) bool { return e.party != nil && e.credit == nil && !e.back }); e != nil {
			e.back = true
			back := a.book(settlement.BankLine{Returned: true, Amount: e.line.Amount, References: e.line.References, Text: "back"})
			back.party, back.credit = e.party, e
		}
	case "stray":
		a.book(settlement.BankLine{Credit: h.named, Amount: cny(int64(500 + h.which)), Text: "fee or interest"})
	case "import":
		if a.day > 0 { // of days that are over
			to := h.which % a.day
			a.load(file{h.amount % (to + 1), to, h.named, false})
		}
	default:
		a.byHand(h)
	}
}

// byHand has somebody book what he saw at the bank.
func (a *account) byHand(h happening) {
	switch h.what {
	case "hand confirms":
		if o := pick(h.which, a.orders, func(o *order) bool { return o.entry != nil }); o != nil && a.paymentOf(o).State == settlement.PaymentOrdered {
			a.give(settlement.ConfirmPayout{Reference: o.Attempt})
		}
	case "hand returns":
		if o := pick(h.which, a.orders, func(o *order) bool { return o.fate == "rejected" || o.fate == "sent back" }); o != nil {
			a.give(settlement.ReturnPayout{Reference: o.Attempt, Reason: "seen"})
		}
	case "hand receives":
		if e := pick(h.which, a.entries, func(e *entry) bool { return e.party != nil && e.credit == nil && e.booked == 0 && !a.taken(e) }); e != nil {
			if first := a.seq + 1; a.give(settlement.ReceivePayment{Reference: e.party.Reference, Amount: e.line.Amount.String(), Note: "seen"}) {
				e.booked = first
			}
		}
	case "hand takes back":
		if e := pick(h.which, a.entries, func(e *entry) bool { return e.credit != nil && e.booked == 0 && !a.taken(e) && e.credit.booked != 0 }); e != nil {
			if first := a.seq + 1; a.give(settlement.ReturnPayment{Reference: e.party.Reference, Amount: e.line.Amount.String(), Reason: "seen"}) {
				e.booked = first
			}
		}
	}
}

func pick[T any](which int, of []*T, fits func(*T) bool) *T {
	fitting := slices.DeleteFunc(slices.Clone(of), func(v *T) bool { return !fits(v) })
	if len(fitting) == 0 {
		return nil
	}
	return fitting[which%len(fitting)]
}

// give gives a command that a rule may refuse, and reports whether it was booked.
func (a *account) give(command sequencer.SettlementCommand) bool {
	a.Helper()
	_, err := a.try(command)
	var refusal *clearing.Refusal
	if errors.As(err, &refusal) {
		return false
	}
	require.NoError(a, err, "%#v", command)
	return true
}

// book books a line at the bank.
func (a *account) book(line settlement.BankLine) *entry {
	on := time.Date(2026, time.November, 4+a.day, 0, 0, 0, 0, time.UTC)
	line.BookedOn = on
	ofDay := len(slices.DeleteFunc(slices.Clone(a.entries), func(e *entry) bool { return e.day != a.day }))
	switch a.life.ids {
	case 1:
		line.ID = fmt.Sprint(ofDay + 1)
	case 2:
		line.ID = fmt.Sprintf("B%03d", len(a.entries)+1)
	}
	e := &entry{day: a.day, line: line}
	a.entries = append(a.entries, e)
	return e
}

// attemptIn returns what a line names of an order: a bank may lose it.
func (a *account) attemptIn(o *order, named bool) int {
	if !named && !a.life.notes {
		return 0
	}
	return a.paymentOf(o).Number
}

// paymentOf returns the payment that an order is of.
func (a *account) paymentOf(o *order) *settlement.Payment {
	payments := a.of(o.Period, o.Number).Payments
	for i := range payments {
		if text, _ := referenceAttempt(o.Reference, payments[i].Number); text == o.Attempt {
			return &payments[i]
		}
	}
	return nil
}

// load imports a file, as the bank writes it.
func (a *account) load(f file) {
	a.Helper()
	c := settlement.ImportStatement{Account: "c", Statement: fmt.Sprint(f), Format: "camt.053"}
	if f.csv {
		c.Format = "csv"
	}
	for _, e := range a.entries {
		if e.day < f.from || e.day > f.to {
			continue
		}
		line := e.line
		if f.csv { // which words differently
			line.Text, line.Counterparty = "附言 "+line.Text, "某"
		}
		line.Place = fmt.Sprint("line ", len(c.Lines)+1)
		a.known[line.Fingerprint()] = e
		c.Lines = append(c.Lines, line)
	}
	if f.reversed {
		slices.Reverse(c.Lines)
	}
	a.Remember()
	_, err := a.try(c)
	require.NoError(a, err)
}

// taken reports whether a line was imported that says what an entry says.
func (a *account) taken(e *entry) bool {
	return slices.ContainsFunc(a.Lines, func(l *settlement.ImportedLine) bool { return a.known[l.Fingerprint] == e })
}

// noneLeftTwice checks that what has left for a payout, and not come back, is never more than
// it, and that a run takes nothing of which another payment may still be on its way.
func (a *account) noneLeftTwice() {
	out := make(map[string]int64)
	for _, o := range a.orders {
		if o.fate == "paid" || o.fate == "" {
			out[o.Reference] += o.Amount.Minor()
		}
		require.LessOrEqual(a, out[o.Reference], a.of(o.Period, o.Number).Amount.Minor(), "%s is paid twice", o.Reference)
	}
}

// resolve has a person say what the lines are that wait. First the office hears of what
// was rejected.
func (a *account) resolve() {
	for _, o := range a.orders {
		if p := a.paymentOf(o); o.fate == "rejected" && p.State == settlement.PaymentOrdered {
			a.do(settlement.ReturnPayout{Reference: o.Attempt, Reason: "rejected"})
		}
	}
	for again := true; again; {
		again = false
		for _, l := range slices.SortedStableFunc(slices.Values(a.Lines), func(x, y *settlement.ImportedLine) int {
			return slices.Index(a.entries, a.known[x.Fingerprint]) - slices.Index(a.entries, a.known[y.Fingerprint]) // as it happened
		}) {
			if l.Open && l.Outcome != settlement.InSuspense {
				a.explain(l)
				again = true
			}
		}
	}
}

func (a *account) explain(l *settlement.ImportedLine) {
	a.Helper()
	e := a.known[l.Fingerprint]
	if l.Twin != 0 {
		twin := a.Lines[slices.IndexFunc(a.Lines, func(other *settlement.ImportedLine) bool { return other.Seq == l.Twin })]
		if a.sameEntry(a.known[twin.Fingerprint], e) {
			a.do(settlement.TickOffLine{Line: l.Seq, SameAs: l.Twin, Reason: "the same"})
			return
		}
	}
	switch {
	case e.attempt != "":
		_, err := a.try(settlement.MatchLine{Line: l.Seq, Parts: []settlement.LinePart{{Reference: e.attempt}}})
		require.NoError(a, err, "%+v", *l)
		return
	case a.linked(e, l):
		return
	case e.party != nil && a.give(settlement.MatchLine{Line: l.Seq, Parts: []settlement.LinePart{{Reference: e.party.Reference}}}):
		return
	}
	a.do(settlement.SuspendLine{Line: l.Seq, Note: "nobody knows"})
}

// linked links a line with what was booked by hand of its entry, or of one that is equal to
// it.
func (a *account) linked(e *entry, l *settlement.ImportedLine) bool {
	for _, other := range a.entries {
		if other.booked != 0 && other.line.Fingerprint() == e.line.Fingerprint() && a.give(settlement.LinkLine{Line: l.Seq, Transaction: other.booked}) {
			return true
		}
	}
	return false
}

// sameEntry reports whether two entries are one, or can't be told apart.
func (a *account) sameEntry(x, y *entry) bool {
	return x == y || x.line.BookedOn.Equal(y.line.BookedOn) && x.line.Amount == y.line.Amount && x.line.Credit == y.line.Credit
}

// agrees checks that the books are the bank's.
func (a *account) agrees() {
	balance, lines := int64(0), 0
	for _, e := range a.entries {
		if e.line.Credit {
			balance += e.line.Amount.Minor()
		} else {
			balance -= e.line.Amount.Minor()
		}
	}
	for _, l := range a.Lines {
		if l.Outcome != settlement.TickedOff {
			lines++
		}
	}
	require.Equal(a, len(a.entries), lines, "each line of the bank was taken in once")
	require.Equal(a, balance, a.books[ledger.Account{Kind: ledger.Custody}], "custody is what the bank says\n%s", a.story())
	for _, o := range a.orders {
		if p := a.paymentOf(o); o.fate == "sent back" || o.fate == "rejected" {
			require.Equal(a, settlement.PaymentReturned, p.State, "%s was %s", o.Attempt, o.fate)
		} else if o.fate == "paid" {
			require.Equal(a, settlement.PaymentMade, p.State, "%s was %s", o.Attempt, o.fate)
		}
	}
}

// summary is all that must not depend on the order of files.
func (a *account) summary() []string {
	var all []string
	for _, o := range a.Settlements[0].Obligations {
		all = append(all, fmt.Sprintf("%s %s paid %s sent %s", o.Reference, o.Status, o.Paid, o.Sent))
	}
	for _, account := range slices.SortedFunc(maps.Keys(a.books), func(x, y ledger.Account) int { return slices.Compare([]byte(x.String()), []byte(y.String())) }) {
		if a.books[account] != 0 {
			all = append(all, fmt.Sprintf("%s %d", account, a.books[account]))
		}
	}
	return all
}

// story tells what became of each line and payment.
func (a *account) story() string {
	var b strings.Builder
	for _, l := range a.Lines {
		fmt.Fprintf(&b, "%s %s credit %t returned %t %v attempt %d twin %d: %s by %d; booked %d, party %t\n", l.BookedOn.Format(time.DateOnly), l.Amount, l.Credit, l.Returned,
			l.References, l.Attempt, l.Twin, l.Outcome, l.ResolvedSeq, a.known[l.Fingerprint].booked, a.known[l.Fingerprint].party != nil)
	}
	for _, o := range a.Settlements[0].Obligations {
		for _, p := range o.Payments {
			fmt.Fprintf(&b, "%s %d %s %s made %s seen %s back %s booked %d undone %d\n", o.Reference, p.Number, p.Amount, p.State, p.MadeOn.Format(time.DateOnly),
				p.SeenOn.Format(time.DateOnly), p.BackOn.Format(time.DateOnly), p.BookedSeq, p.UndoneSeq)
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(a.Bookings)) {
		fmt.Fprintf(&b, "%d moved %s, line %d\n", seq, a.Bookings[seq].Amount, a.Bookings[seq].Line)
	}
	return b.String()
}
