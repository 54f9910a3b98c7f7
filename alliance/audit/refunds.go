package audit

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// undone is what was undone of a transaction.
type undone struct {
	amount int64
	inFull bool
	moved  int64 // what the original moved, if it can be undone in parts
}

// recallOriginals reads the transactions that the reversals of a page undo, and the sales of
// the cards that it refunds.
func (a *auditor) recallOriginals(ctx context.Context, page []ledger.Transaction) error {
	var seqs []int64
	for i := range page {
		if kind := a.registry.Kind(page[i].Type); kind != nil && kind.Undoes {
			seqs = append(seqs, page[i].Corrects)
		}
		if page[i].Type == alliance.CardRefunded {
			var facts struct {
				SaleSeq int64 `json:"sale_seq"`
			}
			if json.Unmarshal(page[i].Facts, &facts) == nil { // else the fold finds that out
				seqs = append(seqs, facts.SaleSeq)
			}
		}
	}
	found, err := ledger.BySeq(ctx, a.db, a.head.Alliance.ID, a.setup.Currency, seqs)
	if err != nil {
		return err
	}
	a.recalled = make(map[int64]alliance.Record, len(found))
	for _, t := range found {
		original, err := alliance.DecodeRecord(t)
		if err != nil {
			a.fault(refunded, "transaction %d: its facts can't be read: %v", t.Seq, err)
			continue
		}
		a.recalled[t.Seq] = original
	}
	return nil
}

// refund gives the fold the transaction that a reversal undoes, and adds up how much of
// it is undone.
func (a *auditor) refund(r *alliance.Record) bool {
	a.looked(refunded, 1)
	original, ok := a.recalled[r.Corrects]
	if !ok {
		a.fault(refunded, "transaction %d reverses %d, which can't be read", r.Seq, r.Corrects)
		return false
	}
	so := a.refunds[r.Corrects]
	if so == nil {
		so = &undone{}
		if kind := a.registry.Kind(original.Type); kind != nil && kind.Reversal != nil && kind.Reversal.InParts {
			so.moved = original.Facts.Amount
		}
		a.refunds[r.Corrects] = so
	}
	if so.inFull {
		a.fault(refunded, "transaction %d reverses %d, which was reversed in full before", r.Seq, r.Corrects)
	}
	a.state.Log[r.Corrects] = &alliance.Original{Record: original, Undone: a.setup.Currency.Minor(so.amount), InFull: so.inFull}
	so.amount += r.Facts.Amount
	so.inFull = r.Facts.InFull
	if so.amount > so.moved || (so.inFull && so.amount != so.moved) {
		a.fault(refunded, "transaction %d: %s of %s of transaction %d is undone", r.Seq,
			a.setup.Currency.Minor(so.amount), a.setup.Currency.Minor(so.moved), r.Corrects)
	}
	return true
}

// compareRefunds compares what is stored as undone with the reversals.
func (a *auditor) compareRefunds(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `SELECT seq, amount, in_full FROM reversed WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	seen := 0
	var seq, amount int64
	var inFull bool
	_, err = pgx.ForEachRow(rows, []any{&seq, &amount, &inFull}, func() error {
		seen++
		so := a.refunds[seq]
		if so == nil || so.amount != amount || so.inFull != inFull {
			a.fault(refunded, "transaction %d is stored as undone by %s, and its reversals say otherwise", seq, a.setup.Currency.Minor(amount))
		}
		return nil
	})
	if err == nil && seen != len(a.refunds) {
		a.fault(refunded, "%d transactions were reversed, and %d are stored as such", len(a.refunds), seen)
	}
	return err
}
