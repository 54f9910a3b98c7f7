package statement

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
)

// facts is what a line needs of what the rule book recorded. Amount is in minor
// units: of a sale the price, of a purchase or coupon the bill, of a part of a
// spend that was undone that part.
type facts struct {
	Amount     int64                 `json:"amount"`
	OccurredAt time.Time             `json:"occurred_at"`
	Benefit    string                `json:"benefit"`
	Growth     *alliance.GrowthFacts `json:"growth"`
}

func factsOf(t *ledger.Transaction) (facts, error) {
	var f facts
	if len(t.Facts) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(t.Facts, &f); err != nil {
		return f, fmt.Errorf("facts of %s: %w", ledger.ID(t.Seq), err)
	}
	return f, nil
}

// effect returns what a transaction did to the party's position. A closing settles the
// position, so it has no effect.
func (r *reader) effect(t *ledger.Transaction) (money.Amount, error) {
	sum := r.alliance.Currency.Zero()
	if t.Type == window.Closed {
		return sum, nil
	}
	var err error
	for _, e := range t.Entries {
		if e.Account != r.account {
			continue
		}
		if sum, err = sum.Sub(e.Amount); err != nil {
			return sum, fmt.Errorf("%s: %w", ledger.ID(t.Seq), err)
		}
	}
	return sum, nil
}

// lines returns the lines that transactions make, in their order and without a
// balance.
func (r *reader) lines(ctx context.Context, transactions []ledger.Transaction) ([]Line, error) {
	lines := make([]Line, 0, len(transactions))
	undone := make(map[int64][]int) // by the transaction that was undone as a whole, the lines that did it
	all := make([]facts, len(transactions))
	for i := range transactions {
		var err error
		if all[i], err = factsOf(&transactions[i]); err != nil {
			return nil, err
		}
	}
	returned, err := r.returned(ctx, transactions, all)
	if err != nil {
		return nil, err
	}
	for i := range transactions {
		t := &transactions[i]
		effect, err := r.effect(t)
		if err != nil {
			return nil, err
		}
		if effect.IsZero() {
			continue
		}
		f := &all[i]
		line := Line{
			Seq: t.Seq, BookedAt: t.BookedAt, OccurredAt: f.OccurredAt, Type: t.Type, Card: t.Card, Merchant: t.Merchant, Home: t.Home,
			Corrects: t.Corrects, Gross: r.alliance.Currency.Minor(f.Amount), Effect: effect,
		}
		line.Group, line.Counterparty = r.group(t)
		r.head(&line, t, f, returned[t.Seq])
		if t.Corrects != 0 {
			line.Gross = line.Gross.Neg()
			if f.Amount == 0 {
				undone[t.Corrects] = append(undone[t.Corrects], len(lines))
			}
		}
		lines = append(lines, line)
	}
	return lines, r.undo(ctx, lines, undone)
}

// undo gives the lines of full reversals the subject of what they reversed.
func (r *reader) undo(ctx context.Context, lines []Line, undone map[int64][]int) error {
	seqs := make([]int64, 0, len(undone))
	for seq := range undone {
		seqs = append(seqs, seq)
	}
	originals, err := ledger.BySeq(ctx, r.db, r.alliance.ID, r.alliance.Currency, seqs)
	if err != nil {
		return err
	}
	for i := range originals {
		f, err := factsOf(&originals[i])
		if err != nil {
			return err
		}
		for _, at := range undone[originals[i].Seq] {
			lines[at].Gross = r.alliance.Currency.Minor(-f.Amount)
		}
	}
	return nil
}

// group returns the group of a transaction, and the shop in it.
func (r *reader) group(t *ledger.Transaction) (Group, string) {
	mine := r.party
	if r.party == clearing.Organiser {
		mine = "" // a card that no shop sold is the organiser's
	}
	switch {
	case t.Merchant == "":
		return Own, ""
	case t.Merchant == r.party && t.Card != "" && t.Home != r.party:
		return OthersMembersHere, t.Home
	case t.Merchant != r.party && t.Card != "" && t.Home == mine:
		return MyMembersElsewhere, t.Merchant
	}
	return Own, t.Merchant
}
