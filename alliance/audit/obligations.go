package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// mostObligations is how many obligations of a month are read at once.
const mostObligations = 5000

// checkObligations compares the books with the obligations: what parties owe, are owed
// and have borne for closed months. It also compares obligations with the transfers of
// their settlements.
func (a *auditor) checkObligations(ctx context.Context) error {
	owed := make(map[ledger.Account]int64) // debit positive
	counts, err := a.countsOfSettlements(ctx)
	if err != nil {
		return err
	}
	for _, w := range a.windows {
		if w.ClosedSeq == 0 {
			continue
		}
		all, undone := 0, 0
		for after, more := int64(0), true; more; {
			page, err := settlement.Obligations(ctx, a.db, a.head.Alliance, w.Period, "", after, mostObligations)
			if err != nil {
				return err
			}
			for _, o := range page {
				a.looked(obliged, 1)
				after = int64(o.Number)
				all++
				if !o.Status.Done() {
					undone++
				}
				a.owe(owed, o)
				if o.Disputed.Sign() < 0 || o.Carried.Sign() < 0 || o.Paid.Sign() < 0 || o.Sent.Sign() < 0 || o.Outstanding().Sign() < 0 {
					a.fault(obliged, "%s asks for %s; %s is disputed, %s carried, %s paid and %s on its way", o.Reference, o.Amount,
						o.Disputed, o.Carried, o.Paid, o.Sent)
				}
			}
			more = len(page) == mostObligations
		}
		if counted := counts[w.Period]; counted != [2]int{all, undone} {
			a.fault(obliged, "the settlement of %s counts %d obligations, %d of them undone; there are %d and %d", w.Period, counted[0], counted[1], all, undone)
		}
	}
	for account, sum := range a.accounts {
		switch account.Kind {
		case ledger.Receivables, ledger.Payables, ledger.Payouts, ledger.Allowances:
			if owed[account] != sum {
				a.fault(obliged, "%s is %s by its entries, and %s by the obligations", account, a.amount(sum), a.amount(owed[account]))
			}
			delete(owed, account)
		case ledger.Deposits:
			if sum > 0 {
				a.fault(obliged, "%s is overdrawn by %s", account, a.amount(sum))
			}
		}
	}
	for account, sum := range owed {
		if sum != 0 {
			a.fault(obliged, "%s has no entries, and is %s by the obligations", account, a.amount(sum))
		}
	}
	return a.checkEvents(ctx)
}

// countsOfSettlements returns how many obligations each settlement counts, and how many of
// them are open.
func (a *auditor) countsOfSettlements(ctx context.Context) (map[string][2]int, error) {
	rows, err := a.db.Query(ctx, `SELECT period, obligations, undone FROM settlements WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return nil, err
	}
	counts := make(map[string][2]int)
	var period string
	var all, undone int
	_, err = pgx.ForEachRow(rows, []any{&period, &all, &undone}, func() error {
		counts[period] = [2]int{all, undone}
		return nil
	})
	return counts, err
}

func (a *auditor) amount(minor int64) string { return a.setup.Currency.Minor(minor).String() }

// owe adds what is left of an obligation to its accounts.
func (a *auditor) owe(owed map[ledger.Account]int64, o *settlement.Obligation) {
	left := o.Amount.Minor() - o.Carried.Minor() - o.Paid.Minor()
	switch o.Kind {
	case settlement.Commission:
		owed[ledger.Account{Kind: ledger.Payouts, Owner: o.Payee}] -= left
		return
	case settlement.Payout:
		owed[ledger.Account{Kind: ledger.Payables, Owner: o.Payee}] -= left
		return
	case settlement.Direct:
		if o.Status == settlement.Defaulted {
			owed[ledger.Account{Kind: ledger.Payables, Owner: o.Payee}] -= o.Disputed.Minor() // custody pays the rest in its place
		} else {
			owed[ledger.Account{Kind: ledger.Payables, Owner: o.Payee}] -= left
		}
	}
	owed[ledger.Account{Kind: ledger.Receivables, Owner: o.Payer}] += left
	for _, b := range o.Bearers {
		owed[ledger.Account{Kind: ledger.Allowances, Owner: o.Payer}] -= b.Borne.Minus(b.Recovered).Minor()
	}
}

// checkEvents checks that each event names a transaction of the log, and that the
// events of a transaction are numbered from 1 without a gap.
func (a *auditor) checkEvents(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `SELECT seq, count(*), min(number), max(number) FROM events WHERE alliance_id = $1 GROUP BY seq ORDER BY seq`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var seq, first, last int64
	var events int
	_, err = pgx.ForEachRow(rows, []any{&seq, &events, &first, &last}, func() error {
		a.looked(obliged, events)
		switch {
		case seq < 0 || seq > a.head.LastSeq: // 0: the setup, before the first transaction
			a.fault(obliged, "%d events name transaction %d, which there is not", events, seq)
		case first != ledger.EventNumber(seq, 1) || last != ledger.EventNumber(seq, events):
			a.fault(obliged, "the %d events of transaction %d are numbered %d to %d, and should be %d to %d",
				events, seq, first, last, ledger.EventNumber(seq, 1), ledger.EventNumber(seq, events))
		}
		return nil
	})
	return err
}
