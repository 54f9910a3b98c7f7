package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// listed is how many transactions moved a member's commission, and the sum of
// their numbers.
type listed struct{ count, sum int64 }

// foldLinks follows the chains along which the transactions of a card and of a
// merchant are walked back, and counts those of members.
func (a *auditor) foldLinks(t *ledger.Transaction) {
	if card := a.state.Cards[t.Card]; card != nil && t.Previous != card.LastSeq && t.Previous != 0 {
		a.fault(chained, "transaction %d follows %d on card %q, and should follow %d", t.Seq, t.Previous, t.Card, card.LastSeq)
	}
	a.renewTurnovers(t.Period)
	fresh := *t
	fresh.Links = nil
	if err := a.balances.Take(&fresh); err != nil {
		a.fault(balanced, "transaction %d: %v", t.Seq, err)
	}
	if !slices.Equal(fresh.Links, t.Links) {
		a.fault(chained, "transaction %d is linked to %v of merchants, and should be to %v", t.Seq, t.Links, fresh.Links)
	}
	for _, member := range t.Earners() {
		l := a.listed[member]
		a.listed[member] = listed{l.count + 1, l.sum + t.Seq}
	}
}

// renewTurnovers begins turnovers anew when a window opens.
func (a *auditor) renewTurnovers(period string) {
	if period != a.period {
		a.period = period
		a.balances.Renew()
	}
}

// compareLists compares the lists of members' transactions with the log.
func (a *auditor) compareLists(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `
		SELECT member, count(*), sum(seq)::bigint FROM member_transactions WHERE alliance_id = $1 GROUP BY member`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var member string
	var stored listed
	_, err = pgx.ForEachRow(rows, []any{&member, &stored.count, &stored.sum}, func() error {
		a.looked(commissioned, 1)
		if folded := a.listed[member]; folded != stored {
			a.fault(commissioned, "%d transactions are listed of member %q, and %d moved its commission, or others", stored.count, member, folded.count)
		}
		delete(a.listed, member)
		return nil
	})
	for member := range a.listed {
		a.fault(commissioned, "no transactions are listed of member %q, and some moved its commission", member)
	}
	return err
}
