package year_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/settlement"
)

// bank is where custody has its account. It knows nothing of the books: it does what
// payment runs say, takes in what is paid, and tells of both in its statements.
type bank struct {
	balance int64 // of custody's account
	names   bool  // its statements name the attempts
	lines   []*line
	orders  []order
	runs    int64            // taken up
	paid    map[string]int64 // out, by reference, less what came back
	told    int              // statements
}

// order is a payment that the bank was told to make.
type order struct {
	reference string
	attempt   int64
	amount    int64
}

// line is a line of the bank's statements.
type line struct {
	settlement.BankLine
	told   bool  // it stood in a statement that was imported
	booked bool  // its money is in the books
	closed bool  // it never will be, as the money went back
	work   bool  // somebody is at it
	ticked bool  // it waits no more for what it names
	back   bool  // of a payment: it came back, and can't again
	seq    int64 // of the transaction that took it in

	attempt int64 // of a payment or its return: which one of its payout's it was, whether the line names it or not
}

// of says which payment of its payout the line is about, and lets the line name it if the
// bank's do.
func (l *line) of(b *bank, attempt int64) {
	l.attempt = attempt
	if b.names {
		l.Attempt = int(attempt)
	}
}

// signed returns what a line did to the account.
func (l *line) signed() int64 {
	if l.Credit {
		return l.Amount.Minor()
	}
	return -l.Amount.Minor()
}

func (c *livingAlliance) line(amount int64, credit bool, references ...string) *line {
	l := &line{BankLine: settlement.BankLine{
		ID: fmt.Sprintf("line%05d", len(c.bank.lines)+1), BookedOn: c.today(), Credit: credit, Amount: c.Currency.Minor(amount), References: references, Text: "text",
	}}
	c.bank.lines = append(c.bank.lines, l)
	c.bank.balance += l.signed()
	return l
}

// today returns the circle's date as midnight UTC, as bank lines have theirs.
func (c *livingAlliance) today() time.Time {
	y, m, d := c.now.In(c.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// takeRuns takes up the payment runs that were made since.
func (c *livingAlliance) takeRuns() {
	c.Helper()
	read(c, `
		SELECT run, reference, attempt, amount FROM payment_orders WHERE alliance_id = $1 AND run > $2 ORDER BY run, line`,
		func() ([]any, func()) {
			var run int64
			var o order
			var attempt string
			return []any{&run, &o.reference, &attempt, &o.amount}, func() {
				o.attempt = reference.FindAttempts(attempt)[0].Attempt
				c.bank.orders = append(c.bank.orders, o)
				c.bank.runs = run
			}
		}, c.bank.runs)
}

// work lets the bank do some of what it was told. What it can't do, the office hears
// of and books.
func (b *bank) work(c *livingAlliance) []request {
	var waiting []order
	var requests []request
	for _, o := range b.orders {
		switch n := c.random.IntN(10); {
		case n < 2:
			waiting = append(waiting, o)
		case n < 3: // it never left
			requests = append(requests, c.afterClosing(settlement.ReturnPayout{Reference: o.reference, Reason: "no such account"}, nil))
		default:
			b.paid[o.reference] += o.amount
			c.line(o.amount, false, o.reference).of(b, o.attempt)
		}
	}
	b.orders = waiting
	return requests
}

// comeBack lets payments come back that were made lately, also of a payout of which
// another part is on its way; but not if another payment was of the very same amount:
// such a return waits until a person says which of them came back.
func (b *bank) comeBack(c *livingAlliance) {
	for _, l := range b.lines[max(0, len(b.lines)-40):] {
		if l.Credit || l.back || !l.booked || c.random.IntN(50) > 0 {
			continue
		}
		of, known := l.References[0], false
		require.NoError(c, c.pool.QueryRow(c.Context(), `SELECT (SELECT count(*) FROM json_array_elements(payments) p WHERE p ->> 'state' = 'made' AND (p ->> 'amount')::bigint = $3) = 1 AND sent <> $3 FROM obligations WHERE alliance_id = $1 AND reference = $2`,
			c.ID, of, l.Amount.Minor()).Scan(&known))
		if !known || b.paid[of] < l.Amount.Minor() {
			continue
		}
		l.back = true
		b.paid[of] -= l.Amount.Minor()
		returned := c.line(l.Amount.Minor(), true, of)
		returned.Returned = true
		returned.of(b, l.attempt)
	}
}

// statement imports what stands in the bank's newest statement, and some lines that
// were imported before.
func (b *bank) statement(c *livingAlliance) (request, bool) {
	var lines []*line
	fresh := false
	for _, l := range b.lines {
		if l.closed && !l.told || l.work {
			continue
		}
		if !l.told || c.random.IntN(20) == 0 {
			lines = append(lines, l)
			fresh = fresh || !l.told
		}
	}
	if len(lines) == 0 || (!fresh && c.random.IntN(8) > 0) {
		return request{}, false
	}
	b.told++
	command := settlement.ImportStatement{Account: "custody", Statement: fmt.Sprintf("statement %d", b.told)}
	for _, l := range lines {
		l.work = true
		command.Lines = append(command.Lines, l.BankLine)
	}
	return c.afterClosing(command, func(settlement.Receipt) {
		outcomes := make(map[string]string)
		seqs := make(map[string]int64)
		read(c, `SELECT line, outcome, seq FROM bank_lines WHERE alliance_id = $1`, func() ([]any, func()) {
			var id, outcome string
			var seq int64
			return []any{&id, &outcome, &seq}, func() { outcomes[id], seqs[id] = outcome, seq }
		})
		for _, l := range lines {
			l.work = false
			outcome := outcomes[l.ID]
			l.seq = seqs[l.ID]
			if l.Amount.IsZero() { // passed over: nothing moved
				l.told, l.closed = true, true
				continue
			}
			require.NotEmpty(c, outcome, "line %s was imported", l.ID)
			if !l.told {
				l.told = true
				l.booked = outcome == settlement.Received || outcome == string(settlement.Confirmed) || outcome == string(settlement.Returned)
				if !l.Credit || l.Returned {
					require.True(c, l.booked || l.Returned && outcome == settlement.WhichAttempt, "the bank did what it was told, and line %+v is %s", l.BankLine, outcome)
				}
			}
		}
	}), true
}

// clerk looks at lines that were not matched: somebody books them, or the money goes
// back.
func (b *bank) clerk(c *livingAlliance) []request {
	var requests []request
	for _, l := range b.lines {
		if !l.told || l.booked || l.closed || c.random.IntN(3) == 0 {
			continue
		}
		if l.Returned { // the bank says on the telephone which payment came back
			attempt, err := reference.Attempt(l.References[0], l.attempt)
			require.NoError(c, err)
			l.work = true
			requests = append(requests, c.afterClosing(settlement.MatchLine{Line: l.seq, Parts: []settlement.LinePart{{Reference: attempt}}, Note: "by telephone"},
				func(settlement.Receipt) { l.work, l.booked = false, true }))
			continue
		}
		if !l.ticked { // from then on it waits no more, and somebody books it by hand
			l.work = true
			r := c.afterClosing(settlement.TickOffLine{Line: l.seq, Reason: "booked by hand"}, func(settlement.Receipt) { l.work, l.ticked = false, true })
			r.refused = func() { l.work, l.booked = false, true } // what it waited for has happened
			requests = append(requests, r)
			continue
		}
		refund := func() {
			l.work, l.closed = false, true
			b.balance -= l.Amount.Minor()
		}
		command := settlement.ReceivePayment{Amount: l.Amount.String(), Note: l.ID}
		if len(l.References) == 1 {
			command.Reference = l.References[0]
		} else {
			command.Party = c.merchant()
		}
		l.work = true
		r := c.afterClosing(command, func(receipt settlement.Receipt) {
			l.work, l.booked = false, true
			// What was for another party than custody is passed on.
			b.balance -= l.Amount.Minor() - c.cameIn(receipt)
		})
		r.refused = refund
		requests = append(requests, r)
	}
	return requests
}

// tryAgain notes which lines have waited and were booked since.
func (b *bank) tryAgain(c *livingAlliance) {
	c.Helper()
	booked := make(map[string]bool)
	read(c, `SELECT line FROM bank_lines WHERE alliance_id = $1 AND NOT waits AND outcome <> 'ticked_off'`, func() ([]any, func()) {
		var id string
		return []any{&id}, func() { booked[id] = true }
	})
	for _, l := range b.lines {
		if l.told && !l.ticked && booked[l.ID] {
			l.booked = true
		}
	}
}

// cameIn returns what of a payment that was booked came into custody: of a direct
// transfer nothing, unless the books say that custody has stepped in.
func (c *livingAlliance) cameIn(receipt settlement.Receipt) int64 {
	c.Helper()
	sum := int64(0)
	for _, e := range receipt.Events {
		if e.Type != settlement.PaymentReceived || e.Transaction != receipt.Transaction {
			continue // a line that waited may be booked in the payment's wake
		}
		var toParty bool
		require.NoError(c, c.pool.QueryRow(c.Context(), `
			SELECT EXISTS (
			    SELECT FROM events e JOIN obligations o ON o.alliance_id = e.alliance_id AND o.reference = $2, json_array_elements(o.payments) AS p
			    WHERE e.alliance_id = $1 AND e.number = $3 AND (p ->> 'booked_seq')::bigint = e.seq AND (p ->> 'to_party')::boolean)`,
			c.ID, e.Reference, e.Number).Scan(&toParty))
		if !toParty {
			sum += c.minor(e.Data["amount"])
		}
	}
	return sum
}

// check compares the account with the books: what stands in a statement that nobody
// has booked yet is all that they differ by. And nothing was paid out twice.
func (b *bank) check(c *livingAlliance) {
	c.Helper()
	b.tryAgain(c)
	expected := b.balance
	for _, l := range b.lines {
		if !l.booked && !l.closed {
			expected -= l.signed()
		}
	}
	require.Equal(c, expected, c.account("custody"), "custody holds what came in less what went out")
	read(c, `SELECT reference, amount FROM obligations WHERE alliance_id = $1 AND kind IN ('payout', 'commission')`, func() ([]any, func()) {
		var o order
		return []any{&o.reference, &o.amount}, func() {
			require.LessOrEqual(c, b.paid[o.reference], o.amount, "%s was paid more than once", o.reference)
		}
	})
}
