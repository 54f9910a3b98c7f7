package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
)

// Verify recomputes the snapshot of a closed window from its raw entries, by the terms
// in force when it closed, and returns it with the stored one. It returns
// window.ErrNotClosed if there is none.
func Verify(ctx context.Context, db ledger.Querier, head *clearing.Head, setup *alliance.Setup, period string) (stored, fresh window.Snapshot, err error) {
	if stored, err = window.Find(ctx, db, head.Alliance, period); err != nil {
		return stored, fresh, err
	}
	terms, err := closedBy(ctx, db, head, setup, &stored)
	if err != nil {
		return stored, fresh, err
	}
	left := func(party string) bool { return setup.HasLeft(party, stored.CutoffAt) }
	fresh, err = window.Recompute(ctx, db, head.Alliance, period, terms.Policy(), left)
	return stored, fresh, err
}

// TermsOf returns the terms that a window closed by, or window.ErrNotClosed.
func TermsOf(ctx context.Context, db ledger.Querier, head *clearing.Head, setup *alliance.Setup, period string) (*alliance.Terms, error) {
	stored, err := window.Find(ctx, db, head.Alliance, period)
	if err != nil {
		return nil, err
	}
	return closedBy(ctx, db, head, setup, &stored)
}

func closedBy(ctx context.Context, db ledger.Querier, head *clearing.Head, setup *alliance.Setup, s *window.Snapshot) (*alliance.Terms, error) {
	last, err := ledger.BySeq(ctx, db, head.Alliance.ID, head.Alliance.Currency, []int64{s.ClosedSeq})
	if err != nil {
		return nil, err
	}
	if len(last) == 0 {
		return nil, fmt.Errorf("transaction %d, the last of %s, is missing", s.ClosedSeq, s.Period)
	}
	return setup.Version(last[0].Terms), nil
}

// Cover says how much a merchant may still owe, and what covers its debts. The figures
// are separate: none includes another.
type Cover struct {
	Merchant *merchant.Merchant
	Position money.Amount // in the open window; positive, the circle owes it
	Owed     money.Amount // for closed windows
	Deposit  money.Amount
	Disputed money.Amount // of what it owes or is owed, and kept out of payment until the dispute is answered
	Borne    money.Amount // by others, of what it owes
	Headroom money.Amount // how far its own acts may lower its position, if it has a cap
}

// Covers returns the cover of merchants with codes after one, in the order of their
// codes.
func Covers(ctx context.Context, db ledger.Querier, al clearing.Alliance, setup *alliance.Setup, after string, limit int) ([]Cover, error) {
	balances := make(map[ledger.Account]int64)
	err := ledger.EachBalance(ctx, db, al.ID, func(a ledger.Account, minor, _ int64, _ ledger.Turnover) { balances[a] = minor })
	if err != nil {
		return nil, err
	}
	disputed, err := settlement.DisputedByParty(ctx, db, al)
	if err != nil {
		return nil, err
	}
	var covers []Cover
	for _, code := range slices.Sorted(maps.Keys(setup.Merchants)) {
		if code <= after && after != "" {
			continue
		}
		if len(covers) == limit {
			break
		}
		of := func(kind ledger.Kind) int64 { return balances[ledger.Account{Kind: kind, Owner: code}] }
		c := Cover{
			Merchant: setup.Merchants[code], Position: al.Currency.Minor(-of(ledger.Merchants)), Owed: al.Currency.Minor(of(ledger.Receivables)),
			Deposit: al.Currency.Minor(-of(ledger.Deposits)), Disputed: al.Currency.Minor(disputed[code].Minor()), Borne: al.Currency.Minor(-of(ledger.Allowances)),
		}
		c.Headroom = al.Currency.Minor(max(0, c.Position.Minor()-c.Owed.Minor()+c.Merchant.DebitCap.Minor()))
		covers = append(covers, c)
	}
	return covers, nil
}
