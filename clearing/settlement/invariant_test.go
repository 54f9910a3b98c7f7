package settlement_test

import (
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

// holds checks all that always holds of a fixture.
func (r *fixture) holds() {
	r.Helper()
	booked := make(map[ledger.Account]int64) // what the obligations say that the books say
	held := make(map[*settlement.Obligation]int64)
	for _, x := range r.Settlements {
		open := false
		for _, d := range x.Disputes {
			require.Equal(r, d.Verdict == settlement.Open, d.AnsweredAt.IsZero())
			if d.Verdict != settlement.Open {
				continue
			}
			open = open || len(d.DisputedAmounts) > 0
			for _, h := range d.DisputedAmounts {
				require.Positive(r, h.Amount.Minor())
				held[x.Obligations[h.Number-1]] += h.Amount.Minor()
			}
		}
		require.Equal(r, x.Phase == settlement.Settled, !x.SettledAt.IsZero(), x.Period)
		require.Equal(r, x.Phase == settlement.InReview, x.ApprovedAt.IsZero(), x.Period)
		if x.Phase == settlement.Settled {
			require.False(r, open, "%s is settled with an amount that is disputed", x.Period)
		}
		undone := 0
		for _, o := range x.Obligations {
			r.soundObligation(x, o)
			switch o.Status {
			case settlement.Paid, settlement.Defaulted, settlement.Confirmed, settlement.Carried:
			default:
				undone++
			}
			require.Equal(r, held[o], o.Disputed.Minor(), o.Reference)
			owed := o.Amount.Minor() - o.Carried.Minor() - o.Paid.Minor()
			switch o.Kind {
			case settlement.Commission:
				booked[ledger.Account{Kind: ledger.Payouts, Owner: o.Payee}] -= owed
			case settlement.Payout:
				booked[payables(o.Payee)] -= owed
			case settlement.Collection:
				booked[receivables(o.Payer)] += owed
			case settlement.Direct:
				booked[receivables(o.Payer)] += owed
				if o.Status == settlement.Defaulted || o.Status == settlement.Paid {
					owed = o.Disputed.Minor() // for the rest custody pays in its place
				}
				booked[payables(o.Payee)] -= owed
			}
			for _, b := range o.Bearers {
				booked[ledger.Account{Kind: ledger.Allowances, Owner: o.Payer}] -= b.Borne.Minor() - b.Recovered.Minor()
			}
		}
		require.Equal(r, undone, x.Undone, x.Period)
		require.Len(r, x.Obligations, x.Obliged, x.Period)
		r.soundLosses(x)
	}
	sum := int64(0)
	for account, minor := range r.books {
		sum += minor
		switch account.Kind {
		case ledger.Receivables, ledger.Payables, ledger.Payouts, ledger.Allowances:
			require.Equal(r, booked[account], minor, "%s", account)
			delete(booked, account)
		case ledger.Deposits:
			require.LessOrEqual(r, minor, int64(0), "%s is overdrawn", account)
		}
	}
	require.Zero(r, sum, "the books don't sum to zero")
	for account, minor := range booked {
		require.Zero(r, minor, "%s was never booked", account)
	}
	if due := r.Deadline(); !due.IsZero() {
		require.False(r, due.Before(r.now), "something should have happened at %s", due)
	}
}

// soundLosses checks that nobody bears what he himself owes, that no merchant bears more
// than the month gives it, and that a limited organiser bears more than its limit only if
// nobody else could.
func (r *fixture) soundLosses(x *settlement.Lifecycle) {
	r.Helper()
	nets := make(map[string]int64)
	for _, c := range x.Creditors {
		nets[c.Party] = c.Amount.Minor()
	}
	borne := make(map[string]int64)
	for _, o := range x.Obligations {
		for _, b := range o.Bearers {
			require.NotEqual(r, o.Payer, b.Party, "%+v", *o)
			borne[b.Party] += b.Borne.Minor() - b.Recovered.Minor()
		}
	}
	delete(borne, clearing.Organiser)
	for party, minor := range borne {
		require.LessOrEqual(r, minor, nets[party], "%s bears more than its net of %s", party, x.Period)
	}
}

// soundObligation checks what always holds of one.
func (r *fixture) soundObligation(x *settlement.Lifecycle, o *settlement.Obligation) {
	r.Helper()
	for _, amount := range []money.Amount{o.Disputed, o.Carried, o.Paid, o.Sent, o.Drawn, o.Outstanding()} {
		require.GreaterOrEqual(r, amount.Sign(), 0, "%+v", *o)
	}
	require.LessOrEqual(r, o.Drawn.Minor(), o.Paid.Minor(), o.Reference)
	require.Equal(r, o.Status == settlement.Sent, o.Sent.Sign() > 0, o.Reference)
	whole := o.Paid.Plus(o.Carried) == o.Amount
	switch o.Status {
	case settlement.Paid, settlement.Confirmed, settlement.Carried:
		require.True(r, whole, "%+v", *o)
	case settlement.Due:
		require.False(r, whole, "%+v", *o)
		require.Zero(r, o.Paid.Minor(), o.Reference)
	default:
		require.False(r, whole, "%+v", *o)
	}
	require.NotEqual(r, settlement.Returned, o.Status, "what came back is payable at once")
	if x.Phase == settlement.Settled {
		require.True(r, whole || o.Status == settlement.Defaulted, "%s is settled and %s is %s", x.Period, o.Reference, o.Status)
	}
	if x.Phase == settlement.InReview {
		require.Zero(r, o.Paid.Plus(o.Sent).Minor(), o.Reference)
	}
	if x.Phase == settlement.Approved {
		require.Zero(r, o.Paid.Plus(o.Sent).Minor(), "money has moved for %s", o.Reference)
	}
	borne, recovered := int64(0), int64(0)
	for _, b := range o.Bearers {
		require.Positive(r, b.Borne.Minor())
		require.LessOrEqual(r, b.Recovered.Minor(), b.Borne.Minor(), "more was given back than was lost")
		borne, recovered = borne+b.Borne.Minor(), recovered+b.Recovered.Minor()
	}
	switch {
	case o.Status != settlement.Defaulted:
		require.Equal(r, borne, recovered, "%+v", *o)
	case o.Payer == clearing.Organiser: // nobody bears what he himself owes
		require.GreaterOrEqual(r, o.Outstanding().Minor(), borne-recovered, "%+v", *o)
	default:
		require.Equal(r, o.Outstanding().Minor(), borne-recovered, "nobody bears a part of the loss of %s: %+v", o.Reference, *o)
	}
	if o.Status == settlement.Defaulted {
		require.NotZero(r, o.DefaultedAt, o.Reference)
	}
}
