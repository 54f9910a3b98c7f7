package year_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// afterClosing makes a request of a command about closed months.
func (c *livingAlliance) afterClosing(command sequencer.SettlementCommand, then func(settlement.Receipt)) request {
	r := c.request("office", command)
	r.then = func(o sequencer.Outcome) {
		var receipt settlement.Receipt
		require.NoError(c, json.Unmarshal(o.Answer, &receipt))
		if then != nil {
			then(receipt)
		}
	}
	return r
}

// obligation is one as the office sees it.
type obligation struct {
	period, reference, kind, payer, payee, state, phase string
	outstanding                                         int64
}

// closed is a window with the transactions that it holds.
type closed struct {
	period      string
	first, last int64
}

func (c *livingAlliance) obligations() []obligation {
	c.Helper()
	var all []obligation
	read(c, `
		SELECT o.period, o.reference, o.kind, o.payer, o.payee, o.state, s.state, o.amount - o.held - o.carried - o.paid - o.sent
		FROM obligations o JOIN settlements s USING (alliance_id, period)
		WHERE alliance_id = $1 AND o.state NOT IN ('paid', 'confirmed', 'carried') ORDER BY o.period, o.number`, func() ([]any, func()) {
		var o obligation
		return []any{&o.period, &o.reference, &o.kind, &o.payer, &o.payee, &o.state, &o.phase, &o.outstanding}, func() { all = append(all, o) }
	})
	return all
}

// office draws what the organiser and the shops do about closed months.
func (c *livingAlliance) office() []request {
	c.Helper()
	requests := append(c.reviews(), c.answers()...)
	for _, o := range c.obligations() {
		if o.kind == "collection" || o.kind == "direct" {
			requests = append(requests, c.pays(o)...)
		} else if o.state == "payable" && o.outstanding > 0 && c.random.IntN(12) == 0 {
			requests = append(requests, c.byHand(o.reference))
		}
	}
	if c.random.IntN(3) > 0 {
		requests = append(requests, c.afterClosing(settlement.SendPayouts{ExecuteOn: one(c.random, "", c.now.AddDate(0, 0, 2).Format(time.DateOnly)), AcceptShortage: c.random.IntN(4) > 0}, nil))
	}
	requests = append(requests, c.bank.work(c)...)
	c.bank.comeBack(c)
	requests = append(requests, c.bank.clerk(c)...)
	if c.random.IntN(3) > 0 {
		if r, ok := c.bank.statement(c); ok {
			requests = append(requests, r)
		}
	}
	return append(requests, c.adjustments()...)
}

// byHand pays a payout outside of any run.
func (c *livingAlliance) byHand(of string) request {
	return c.afterClosing(settlement.ConfirmPayout{Reference: of, Note: "by hand"}, func(receipt settlement.Receipt) {
		for _, e := range receipt.Events {
			if e.Type == settlement.PayoutConfirmed && e.Transaction == receipt.Transaction {
				amount := c.minor(e.Data["amount"])
				c.bank.balance -= amount
				c.bank.paid[of] += amount
			}
		}
	})
}

// pays draws whether and how a party pays what it owes.
func (c *livingAlliance) pays(o obligation) []request {
	due := o.phase != "in_review" && o.outstanding > 0
	if !due {
		if c.random.IntN(30) > 0 {
			return nil
		}
	} else if c.random.Float64() > c.diligence[o.payer] && !(o.state == "defaulted" && c.random.IntN(6) == 0) {
		return nil
	}
	amount := max(o.outstanding, 1)
	cash := func(command settlement.ReceivePayment) request {
		return c.afterClosing(command, func(receipt settlement.Receipt) { c.bank.balance += c.cameIn(receipt) })
	}
	switch n := c.random.IntN(100); {
	case n < 40 && (o.kind == "collection" || n < 12): // of a direct transfer it comes to the wrong one
		c.line(amount, true, o.reference)
		return nil
	case n < 46:
		c.line(amount+one[int64](c.random, -1, 1, 300), true, o.reference).Counterparty = o.payer
		return nil
	case n < 49:
		none, err := reference.New(c.ID, o.period, 900_000+c.random.IntN(1000))
		require.NoError(c, err)
		c.line(amount, true, none)
		return nil
	case n < 51:
		c.line(amount, true)
		return nil
	case n < 60:
		return []request{cash(settlement.ReceivePayment{Party: o.payer, Amount: yuan(within(c.random, 1, amount))})}
	case n < 70:
		return []request{cash(settlement.ReceivePayment{Reference: o.reference, Amount: yuan(within(c.random, 1, amount)), Note: "a part"})}
	case n < 85 && o.kind == "direct":
		return []request{c.afterClosing(settlement.ReceivePayment{Reference: o.reference, Payee: o.payee, Amount: yuan(amount)}, func(receipt settlement.Receipt) {
			require.Zero(c, c.cameIn(receipt), "what a payee says that it has is not custody's")
		})}
	case n < 88:
		return []request{cash(settlement.ReceivePayment{Reference: o.reference, Amount: yuan(amount + 1)})}
	}
	return []request{cash(settlement.ReceivePayment{Reference: o.reference, Amount: yuan(amount)})}
}

// reviews draws objections to what is under review, and early approvals.
func (c *livingAlliance) reviews() []request {
	c.Helper()
	var all []closed
	read(c, `
		SELECT s.period, w.first_seq, w.closed_seq FROM settlements s JOIN windows w USING (alliance_id, period)
		WHERE alliance_id = $1 AND s.state = 'in_review' ORDER BY s.period`, func() ([]any, func()) {
		var x closed
		return []any{&x.period, &x.first, &x.last}, func() { all = append(all, x) }
	})
	var requests []request
	for _, x := range all {
		for range c.random.IntN(8) {
			party, seq := c.contested(x)
			requests = append(requests, c.afterClosing(settlement.OpenDispute{Period: x.period, Party: party, Seq: seq, Reason: "not ours"}, nil))
		}
		if c.random.IntN(3) == 0 {
			requests = append(requests, c.afterClosing(settlement.Approve{Period: x.period}, nil))
		}
	}
	return requests
}

// contested draws a line of a window that moved a party.
func (c *livingAlliance) contested(x closed) (party string, seq int64) {
	c.Helper()
	party = one(c.random, clearing.Organiser, c.merchant(), c.merchant(), c.merchant())
	seq = within(c.random, x.first, x.last)
	read(c, `
		SELECT seq FROM transactions WHERE alliance_id = $1 AND seq BETWEEN $2 AND $3 AND $4 = ANY (accounts) AND type <> 'window.closed'
		ORDER BY seq OFFSET $5 LIMIT 1`, func() ([]any, func()) { return []any{&seq}, func() {} },
		x.first, x.last, clearing.PartyAccount(party).String(), c.random.IntN(20))
	return party, seq
}

// answers draws answers to disputes; some are left open over the deadline.
func (c *livingAlliance) answers() []request {
	c.Helper()
	var requests []request
	read(c, `SELECT number, party, effect FROM disputes WHERE alliance_id = $1 AND state = 'open' ORDER BY number`, func() ([]any, func()) {
		var number, effect int64
		var party string
		return []any{&number, &party, &effect}, func() {
			switch c.random.IntN(8) {
			case 0:
				requests = append(requests, c.afterClosing(settlement.RefuseDispute{Dispute: number, Answer: "it was"}, nil))
			case 1:
				against := one(c.random, clearing.Organiser, c.merchant())
				amount := within(c.random, 1, max(effect, -effect))
				requests = append(requests, c.afterClosing(settlement.AdjustDispute{Dispute: number, Against: against, Amount: yuan(amount), Answer: "so be it"}, nil))
			case 2:
				requests = append(requests, c.afterClosing(settlement.WithdrawDispute{Dispute: number, Party: one(c.random, party, "")}, nil))
			}
		}
	})
	return requests
}

// adjustments draws adjustments, deposits, notices and reinstatements.
func (c *livingAlliance) adjustments() []request {
	c.Helper()
	var requests []request
	add := func(command sequencer.SettlementCommand, then func(settlement.Receipt)) {
		requests = append(requests, c.afterClosing(command, then))
	}
	if c.random.IntN(3) == 0 {
		adjust := settlement.Adjust{From: one(c.random, clearing.Organiser, c.merchant()), To: c.merchant(), Amount: yuan(within(c.random, 1, 80_00)), Reason: "an error"}
		if len(c.booked) > 0 && c.random.IntN(2) == 0 {
			adjust.Corrects = c.booked[c.random.IntN(len(c.booked))].seq
		}
		add(adjust, nil)
	}
	if c.random.IntN(5) == 0 {
		amount := within(c.random, 1, 300_00)
		add(settlement.LodgeDeposit{Merchant: c.merchant(), Amount: yuan(amount)}, func(settlement.Receipt) { c.bank.balance += amount })
	}
	if c.random.IntN(5) == 0 {
		amount := within(c.random, 1, 80_00)
		add(settlement.ReturnDeposit{Merchant: c.merchant(), Amount: yuan(amount)}, func(settlement.Receipt) { c.bank.balance -= amount })
	}
	if c.random.IntN(3) == 0 {
		add(settlement.DrawDeposit{Merchant: c.merchant(), Amount: yuan(within(c.random, 1, 40_00))}, nil)
	}
	if c.random.IntN(25) == 0 && c.notices < len(c.written.Merchants)/2 {
		leaves := c.now.Add(time.Duration(within(c.random, 1, 40*24)) * time.Hour)
		if c.random.IntN(3) == 0 {
			leaves = window.Of(c.now, c.Location).CutoffAt
		}
		add(settlement.GiveNotice{Merchant: c.merchant(), LeavesAt: leaves}, func(settlement.Receipt) { c.notices++ })
	}
	read(c, `SELECT merchant FROM merchants WHERE alliance_id = $1 AND suspended ORDER BY merchant`, func() ([]any, func()) {
		var merchant string
		return []any{&merchant}, func() {
			if c.random.IntN(4) == 0 {
				requests = append(requests, c.afterClosing(settlement.Reinstate{Merchant: merchant}, nil))
			}
		}
	})
	return requests
}

// giveAccount gives somebody a bank account to be paid to.
func (c *livingAlliance) giveAccount(kind, owner string) {
	c.Helper()
	_, err := c.pool.Exec(c.Context(), `
		INSERT INTO bank_accounts (alliance_id, kind, owner, body) VALUES ($1, $2, $3, $4::text::json) ON CONFLICT DO NOTHING`,
		c.ID, kind, owner, fmt.Sprintf(`{"holder": %q, "number": "6222020000000000"}`, owner))
	require.NoError(c, err)
}
