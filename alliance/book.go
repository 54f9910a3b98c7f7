package alliance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/recent"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant"
)

// book is the rule book at work on a circle: the state that orders have named
// lately, and what has come of them since it was saved.
type book struct {
	setups   *Library
	circle   int64
	head     *clearing.Head
	balances *ledger.Balances
	setup    *Setup
	state    *State

	cards     recent.Shelf[string, *Card]
	members   recent.Shelf[string, *Member]
	originals recent.Shelf[int64, *Original]
	keys      recent.Shelf[Reference, int64]
	releases  recent.Shelf[dueKey, struct{}]
	released  map[dueKey]struct{} // lately, and perhaps not on disk yet

	// since it was saved
	records []Record
	joined  []string            // members who joined
	added   map[dueKey]DueWork  // what falls due and is not in the database
	done    []DueWork           // what fell due and is in the database
	undone  map[int64]*Original // what reversals have changed
}

// dueKey identifies work that falls due.
type dueKey struct {
	saleSeq int64
	level   int
}

func newBook(library *Library, circle int64, head *clearing.Head, balances *ledger.Balances, remember int) *book {
	b := &book{
		setups: library, circle: circle, head: head, balances: balances, state: NewState(nil),
		cards:     recent.Shelf[string, *Card]{Limit: remember},
		members:   recent.Shelf[string, *Member]{Limit: remember / 3},
		originals: recent.Shelf[int64, *Original]{Limit: remember / 6},
		keys:      recent.Shelf[Reference, int64]{Limit: remember / 6},
		releases:  recent.Shelf[dueKey, struct{}]{Limit: remember / 6}, released: make(map[dueKey]struct{}),
		added: make(map[dueKey]DueWork), undone: make(map[int64]*Original),
	}
	b.state.Due.Until = time.Unix(0, 0) // nothing is loaded yet
	return b
}

// Size returns how many things are in memory.
func (b *book) Size() int {
	return b.cards.Len(b.state.Cards) + b.members.Len(b.state.Members) + b.originals.Len(b.state.Log) + b.state.Due.Len()
}

// saved forgets what has been saved, and what was not used lately.
func (b *book) saved() {
	b.records, b.joined, b.done = b.records[:0], nil, b.done[:0] // who joined is on its way to the database
	clear(b.added)
	clear(b.undone)
	b.state.Cards = b.cards.Turn(b.state.Cards)
	b.state.Members = b.members.Turn(b.state.Members)
	b.state.Log = b.originals.Turn(b.state.Log)
	b.state.Keys = b.keys.Turn(b.state.Keys)
	b.released = b.releases.Turn(b.released)
}

// NextDue returns the instant of the earliest loaded work that falls due.
func (b *book) NextDue() (time.Time, bool) { return b.state.NextDue() }

// RunDue does that work.
func (b *book) RunDue(seq int64, period string) (ledger.Transaction, error) {
	work, _ := b.state.Due.Next()
	r, err := b.state.RunDue()
	if err != nil {
		return ledger.Transaction{}, err
	}
	b.strike(work)
	return b.take(r, Reference{}, seq, period)
}

// strike takes work off what falls due.
func (b *book) strike(work DueWork) {
	key := dueKey{work.SaleSeq, work.Level}
	if _, ok := b.added[key]; ok {
		delete(b.added, key)
	} else {
		b.done = append(b.done, work)
	}
}

// Decide decides an order.
func (b *book) Decide(order clearing.Order, at time.Time, seq int64, period string) (ledger.Transaction, json.RawMessage, error) {
	command, ok := order.Command.(Command)
	if !ok {
		return ledger.Transaction{}, nil, fmt.Errorf("%T is no command of the rule book", order.Command)
	}
	if len(b.setup.Terms) == 0 {
		return ledger.Transaction{}, nil, ErrNoTerms
	}
	r, err := b.state.Decide(command, at)
	if err != nil {
		return ledger.Transaction{}, nil, err
	}
	t, err := b.take(r, Reference{Caller: order.Caller, Key: order.Key}, seq, period)
	if err != nil {
		return t, nil, err
	}
	receipt, err := json.Marshal(b.state.Receipt(&b.records[len(b.records)-1]))
	return t, receipt, err
}

// take numbers a record, folds it into the state, and notes what is to be saved.
func (b *book) take(r Record, by Reference, seq int64, period string) (ledger.Transaction, error) {
	r.Seq, r.Period = seq, period
	t, err := r.Encode()
	if err != nil {
		return t, err
	}
	r.Transaction = t
	if err := b.state.Apply(r); err != nil {
		return t, err
	}
	if by.Key != "" || by.Caller != "" {
		b.state.Remember(r, by)
	}
	b.records = append(b.records, r)
	switch r.Type {
	case CardSold:
		if r.Facts.Joined {
			b.joined = append(b.joined, r.Member)
		}
		for _, work := range DueOf(r) {
			b.added[dueKey{work.SaleSeq, work.Level}] = work
			if b.head.NextDueAt.IsZero() || work.At.Before(b.head.NextDueAt) {
				b.head.NextDueAt = work.At
			}
		}
	case CommissionReleased:
		b.released[dueKey{r.Facts.SaleSeq, r.Facts.Level}] = struct{}{}
	case Reversed:
		original := b.state.Log[r.Corrects]
		b.undone[r.Corrects] = original
		if original.Type == CardSold {
			for _, work := range DueOf(original.Record) {
				b.strike(work)
			}
		}
	}
	return t, nil
}

// Policy returns what the terms say of the month-end.
func (b *book) Policy() clearing.Policy { return b.setup.Current().Policy() }

// TermsVersion returns the version of the terms in force.
func (b *book) TermsVersion() int { return b.setup.Current().Version }

// Shops returns the merchants of the circle, in the order of their codes.
func (b *book) Shops() []clearing.Shop {
	shops := make([]clearing.Shop, 0, len(b.setup.Shops))
	for _, code := range slices.Sorted(maps.Keys(b.setup.Shops)) {
		s := b.setup.Shops[code]
		shops = append(shops, clearing.Shop{Code: s.Code, Suspended: s.Suspended, LeavesAt: s.LeavesAt, Left: s.Left})
	}
	return shops
}

// Desk returns a desk for a batch, or ErrNoTerms: nothing can be done by no rules.
func (b *book) Desk() (clearing.Desk, error) {
	if len(b.setup.Terms) == 0 {
		return nil, ErrNoTerms
	}
	return settlement.NewDesk(b.head.Circle, b.balances, b.Shops(), b.stand), nil
}

// stand queues the writes of shops whose standing has changed. Every server is told
// that its copy of the setup is old, this one too.
func (b *book) stand(writes *pgx.Batch, shops []clearing.Shop) {
	merchant.QueueStatuses(writes, b.circle, shops, b.head.BookedThrough)
	writes.Queue(anotherSetup+` RETURNING setup_version`, b.circle).QueryRow(func(row pgx.Row) error {
		return row.Scan(&b.head.SetupVersion)
	})
}

// Payables returns each member's payable commission that is above zero.
func (b *book) Payables(ctx context.Context, db ledger.Session) ([]clearing.Payable, error) {
	rows, err := db.Query(ctx, `
		SELECT member, payable FROM members WHERE alliance_id = $1 AND payable > 0 ORDER BY member`, b.circle)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p clearing.Payable, err error) {
		var minor int64
		err = row.Scan(&p.Member, &minor)
		p.Amount = b.setup.Currency.Minor(minor)
		return p, err
	})
}

// Pay queues the writes of the members' payouts, and their statements.
func (b *book) Pay(batch *pgx.Batch, period string, paid []clearing.Payout) {
	members, amounts, taxes := make([]string, len(paid)), make([]int64, len(paid)), make([]int64, len(paid))
	for i, p := range paid {
		members[i], amounts[i], taxes[i] = p.Member, p.Gross.Minor(), p.Tax.Minor()
	}
	batch.Queue(`
		UPDATE members m SET payable = m.payable - p.amount, paid = m.paid + p.amount
		FROM unnest($2::text[], $3::bigint[]) AS p (member, amount)
		WHERE m.alliance_id = $1 AND m.member = p.member`, b.circle, members, amounts)
	batch.Queue(`
		INSERT INTO commission_statements (alliance_id, period, member, pending, payable, paid, withheld)
		SELECT m.alliance_id, $2, m.member, m.pending, m.payable, coalesce(p.amount, 0), coalesce(p.tax, 0)
		FROM members m LEFT JOIN unnest($3::text[], $4::bigint[], $5::bigint[]) AS p (member, amount, tax) USING (member)
		WHERE m.alliance_id = $1 AND m.earned > 0`, b.circle, period, members, amounts, taxes)
}
