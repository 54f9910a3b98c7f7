package year_test

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// told is what the events say of money, apart from the books and from what is stored
// of obligations. Amounts are in minor units.
type told struct {
	custody   map[int64]int64 // what a transaction brought in, less what it took out
	paid      map[string]int64
	drawn     map[string]int64
	sent      map[string]int64
	defaulted map[string]bool  // and nothing of it has fallen due again since
	losses    map[string]int64 // of what a default left unpaid, what neither a deposit nor anybody has borne
	borne     map[string]int64 // of what others bore of a loss, and have not got back
	deposits  map[string]int64
}

// checkEvents checks that events are numbered without a gap and that each belongs to
// a transaction which tells of it, and adds up what they say.
func (c *livingAlliance) checkEvents() *told {
	c.Helper()
	t := &told{
		custody: make(map[int64]int64), paid: make(map[string]int64), drawn: make(map[string]int64), sent: make(map[string]int64),
		defaulted: make(map[string]bool), losses: make(map[string]int64), borne: make(map[string]int64), deposits: make(map[string]int64),
	}
	for seq, minor := range c.online {
		t.custody[seq] = minor
	}
	directs := make(map[string]bool)
	read(c, `SELECT reference, kind = 'direct' FROM obligations WHERE alliance_id = $1`, func() ([]any, func()) {
		var of string
		var direct bool
		return []any{&of, &direct}, func() { directs[of] = direct }
	})
	var previous, making int64
	read(c, `
		SELECT e.number, e.at, e.seq, e.type, e.body::text, t.booked_at, t.type, coalesce(t.facts::jsonb -> 'events' @> jsonb_build_array(e.body::jsonb), false)
		FROM events e LEFT JOIN transactions t USING (alliance_id, seq) WHERE alliance_id = $1 ORDER BY e.number`, func() ([]any, func()) {
		var number, seq int64
		var at time.Time
		var kind, body string
		var booked *time.Time
		var of *string
		var facts bool
		return []any{&number, &at, &seq, &kind, &body, &booked, &of, &facts}, func() {
			if seq != making {
				making, previous = seq, ledger.EventNumber(seq, 0)
			}
			require.Equal(c, previous+1, number, "a transaction's events are numbered without a gap")
			previous = number
			if aboutSetup(kind) {
				return // it is no transaction's: it comes behind one, or before all
			}
			require.NotNil(c, booked, "event %d names transaction %d", number, seq)
			require.Equal(c, *booked, at)
			if *of != "window.closed" && *of != "commission.paid" { // a closing's are told after it is booked
				require.True(c, facts, "transaction %d tells of event %d: %s", seq, number, body)
			}
			var e settlement.Event
			require.NoError(c, json.Unmarshal([]byte(body), &e))
			require.Equal(c, kind, e.Type)
			c.take(t, &e, seq, directs[e.Reference])
		}
	})
	return t
}

// take adds up what an event says.
func (c *livingAlliance) take(t *told, e *settlement.Event, seq int64, direct bool) {
	c.Helper()
	minor := int64(0)
	if text, ok := e.Data["amount"]; ok {
		minor = c.minor(text)
	}
	switch e.Type {
	case settlement.PaymentReceived:
		t.paid[e.Reference] += minor
		if !direct || t.defaulted[e.Reference] {
			t.custody[seq] += minor
		}
	case settlement.PaymentDue:
		t.defaulted[e.Reference] = e.Data["state"] == string(settlement.Defaulted)
	case settlement.PaymentDefaulted: // again, if a disputed part of it was refused afterwards
		t.defaulted[e.Reference] = true
		t.losses[e.Reference] += minor
	case settlement.DepositDrawn:
		t.paid[e.Reference] += minor
		t.drawn[e.Reference] += minor
		t.deposits[e.Party] -= minor
		if _, byHand := e.Data["outstanding"]; !byHand {
			t.losses[e.Reference] -= minor
		}
	case settlement.PaymentSetOff:
		t.paid[e.Reference] += minor
		t.paid[e.Data["note"]] += minor
	case settlement.LossShared:
		t.borne[e.Reference] += minor
		t.losses[e.Reference] -= minor
	case settlement.LossRecovered:
		t.borne[e.Reference] -= minor
	case settlement.PayoutSent:
		require.Zero(c, t.sent[e.Reference], "%s is on its way already", e.Reference)
		t.sent[e.Reference] = minor
	case settlement.PayoutConfirmed:
		if sent := t.sent[e.Reference]; sent != 0 {
			require.Equal(c, sent, minor)
		}
		t.sent[e.Reference] = 0
		t.paid[e.Reference] += minor
		t.custody[seq] -= minor
	case settlement.PayoutReturned:
		if t.sent[e.Reference] == minor {
			t.sent[e.Reference] = 0
		} else { // it was paid, and the rest may be on its way still
			t.paid[e.Reference] -= minor
			t.custody[seq] += minor
		}
	case settlement.DepositLodged:
		t.deposits[e.Party] += minor
		t.custody[seq] += minor
	case settlement.DepositReturned:
		t.deposits[e.Party] -= minor
		t.custody[seq] -= minor
	}
}

// checkObligations compares obligations with the events, which say that nothing was
// paid twice, and the books with both.
func (c *livingAlliance) checkObligations(t *told) {
	c.Helper()
	balances := make(map[string]int64)
	read(c, `
		SELECT reference, kind, payer, payee, amount, held, carried, paid, sent, drawn, state,
		       (SELECT coalesce(sum((b ->> 'borne')::bigint - (b ->> 'recovered')::bigint), 0)::bigint FROM json_array_elements(bearers) b)
		FROM obligations WHERE alliance_id = $1`, func() ([]any, func()) {
		var of, kind, payer, payee, state string
		var amount, held, carried, paid, sent, drawn, borne int64
		return []any{&of, &kind, &payer, &payee, &amount, &held, &carried, &paid, &sent, &drawn, &state, &borne}, func() {
			require.Equal(c, t.paid[of], paid, "paid of %s (%s, %s)", of, kind, state)
			require.Equal(c, t.drawn[of], drawn, of)
			require.Equal(c, t.sent[of], sent, of)
			require.Equal(c, t.borne[of], borne, of)
			if payer == clearing.Organiser { // nobody bears what he himself owes
				require.GreaterOrEqual(c, t.losses[of], int64(0), of)
			} else {
				require.Zero(c, t.losses[of], "all of the loss of %s is borne", of)
			}
			require.GreaterOrEqual(c, borne, int64(0), of)
			if state == "paid" {
				require.Zero(c, borne, "%s is paid after all, and its loss made good", of)
			}
			require.LessOrEqual(c, t.paid[of]+t.sent[of]+held+carried, amount, "%s is paid once", of)
			rest := amount - carried - paid
			switch kind {
			case "collection":
				balances["receivables:"+payer] += rest
			case "payout":
				balances["payables:"+payee] -= rest
			case "commission":
				balances["payouts:"+payee] -= rest
			case "direct":
				balances["receivables:"+payer] += rest
				if t.defaulted[of] {
					rest = held // custody pays the others in its place
				}
				balances["payables:"+payee] -= rest
			}
			balances["allowances:"+payer] -= borne
		}
	})
	for merchant, minor := range t.deposits {
		balances["deposits:"+merchant] -= minor
	}
	read(c, `
		SELECT owner, sum(amount)::bigint FROM entries JOIN transactions USING (alliance_id, seq)
		WHERE alliance_id = $1 AND type = 'deposit.released' AND account = 'deposits' GROUP BY owner`, func() ([]any, func()) {
		var merchant string
		var minor int64
		return []any{&merchant, &minor}, func() { balances["deposits:"+merchant] += minor }
	})
	for name, minor := range balances {
		if minor == 0 {
			delete(balances, name)
		}
	}
	books := make(map[string]int64)
	read(c, `
		SELECT account || ':' || owner, sum(amount)::bigint FROM entries
		WHERE alliance_id = $1 AND account IN ('receivables', 'payables', 'payouts', 'deposits', 'allowances')
		GROUP BY account, owner HAVING sum(amount) <> 0`, func() ([]any, func()) {
		var name string
		var minor int64
		return []any{&name, &minor}, func() { books[name] = minor }
	})
	require.Equal(c, balances, books, "what parties owe and are owed")

	custody := make(map[int64]int64)
	read(c, `
		SELECT seq, sum(amount)::bigint FROM entries WHERE alliance_id = $1 AND account = 'custody' GROUP BY seq HAVING sum(amount) <> 0`, func() ([]any, func()) {
		var seq, minor int64
		return []any{&seq, &minor}, func() { custody[seq] = minor }
	})
	for seq, minor := range t.custody {
		if minor == 0 {
			delete(t.custody, seq)
		}
	}
	require.Equal(c, t.custody, custody, "each transaction moved custody by what came in and went out")
}

// checkHolds checks that what is held out of obligations is what is disputed, and that
// nothing else was taken out of them.
func (c *livingAlliance) checkHolds() {
	c.Helper()
	require.Empty(c, c.rows(`
		SELECT o.reference || ' holds ' || o.held || ', disputed ' || h.held || '; carried ' || o.carried || ', adjusted ' || h.adjusted
		FROM obligations o CROSS JOIN LATERAL (
		    SELECT coalesce(sum((x ->> 'amount')::bigint) FILTER (WHERE d.state = 'open'), 0) AS held,
		           coalesce(sum((x ->> 'amount')::bigint) FILTER (WHERE d.state = 'adjusted'), 0) AS adjusted
		    FROM disputes d, json_array_elements(d.holds) x
		    WHERE d.alliance_id = $1 AND d.period = o.period AND (x ->> 'number')::integer = o.number) h
		WHERE o.alliance_id = $1 AND (o.held <> h.held OR o.carried <> h.adjusted)`))
}

// checkDeadlines checks that nothing is overdue, and that a settlement is settled as
// soon as nothing of it and of those before it is left to do.
func (c *livingAlliance) checkDeadlines() {
	c.Helper()
	require.Empty(c, c.rows(`
		SELECT 'review of ' || period FROM settlements WHERE alliance_id = $1 AND state = 'in_review' AND review_until <= $2
		UNION ALL SELECT 'approval of ' || period FROM settlements WHERE alliance_id = $1 AND (approved_at > review_until OR settled_at < approved_at)
		UNION ALL SELECT 'default of ' || reference FROM obligations
		    WHERE alliance_id = $1 AND state IN ('due', 'part_paid') AND amount > held + carried + paid AND least(default_at, remind_at) <= $2
		UNION ALL SELECT 'answer to ' || number FROM disputes WHERE alliance_id = $1 AND state = 'open' AND answer_by <= $2
		UNION ALL SELECT 'leaving of ' || merchant FROM merchants WHERE alliance_id = $1 AND has_left <> coalesce(leaves_at <= $2, false)`, c.now), "what is overdue")
	earlier := true
	read(c, `
		SELECT s.period, s.state = 'settled', NOT EXISTS (
		        SELECT FROM obligations o WHERE o.alliance_id = $1 AND o.period = s.period AND o.state NOT IN ('paid', 'defaulted', 'confirmed', 'carried')),
		    EXISTS (SELECT FROM disputes d WHERE d.alliance_id = $1 AND d.period = s.period AND d.state = 'open' AND json_array_length(d.holds) > 0) OR s.state = 'in_review'
		FROM settlements s WHERE alliance_id = $1 ORDER BY s.period`, func() ([]any, func()) {
		var period string
		var settled, done, discussed bool
		return []any{&period, &settled, &done, &discussed}, func() {
			if settled {
				require.True(c, done && !discussed, "%s is settled, and something is left to do", period)
			} else {
				require.False(c, earlier && done && !discussed, "%s is not settled, and nothing is left to do", period)
			}
			earlier = earlier && settled
		}
	})
}

// checkLosses checks that nobody bears what he himself owes, and that no merchant bears
// more than the month gave it.
func (c *livingAlliance) checkLosses() {
	c.Helper()
	require.Empty(c, c.rows(`
		SELECT 'the loss of ' || o.reference || ' bears ' || o.payer || ' itself' FROM obligations o, json_array_elements(o.bearers) b
		WHERE o.alliance_id = $1 AND b ->> 'party' = o.payer
		UNION ALL
		SELECT b.party || ' bears ' || b.borne || ' of ' || b.period || ', which gave it ' || coalesce(p.transfer, 0)
		FROM (SELECT o.period, b ->> 'party' AS party, sum((b ->> 'borne')::bigint - (b ->> 'recovered')::bigint) AS borne
		      FROM obligations o, json_array_elements(o.bearers) b WHERE o.alliance_id = $1 AND b ->> 'party' <> 'organiser' GROUP BY 1, 2) b
		LEFT JOIN positions p ON p.alliance_id = $1 AND p.period = b.period AND p.party = b.party
		WHERE b.borne > greatest(coalesce(p.transfer, 0), 0)`))
}

// account returns the balance of an account without an owner, from the entries.
func (c *livingAlliance) account(kind string) int64 {
	c.Helper()
	sum := int64(0)
	read(c, `SELECT coalesce(sum(amount), 0)::bigint FROM entries WHERE alliance_id = $1 AND account = $2::text::account_kind`, func() ([]any, func()) {
		return []any{&sum}, func() {}
	}, kind)
	return sum
}

// aboutSetup reports whether an event tells of a change of the setup.
func aboutSetup(kind string) bool {
	switch kind {
	case alliance.MerchantAdmitted, alliance.MerchantAmended:
		return true
	}
	word, _, _ := strings.Cut(kind, ".")
	return slices.Contains([]string{"terms", "product", "key", "bank_account"}, word)
}
