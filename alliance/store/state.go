package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/recent"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
)

// allianceState is the state of a circle that the sequencer works on: what commands have
// named lately, and what they have changed since the last save.
type allianceState struct {
	setups     *SetupCache
	allianceID int64
	head       *clearing.Head
	balances   *ledger.Balances
	setup      *alliance.Setup
	state      *alliance.State

	cards     recent.Generations[string, *alliance.Card]
	members   recent.Generations[string, *alliance.Member]
	originals recent.Generations[int64, *alliance.Original]
	keys      recent.Generations[alliance.Reference, int64]
	releases  recent.Generations[releaseKey, struct{}]
	released  map[releaseKey]struct{} // lately, and perhaps not on disk yet
	gifted    recent.Generations[string, *alliance.Gifted]
	sumsRead  bool             // those of campaigns and items are in memory
	gained    gained           // cards lately, perhaps not on disk yet
	uses      map[string]int64 // of cards by the commands that were read for, in minor units

	codes     map[presentation.Digest]*presentation.Issued // that were shown lately
	codesKept recent.Generations[presentation.Digest, *presentation.Issued]
	usedCodes []*presentation.Issued // since it was saved
	by        presentation.By        // what the order that was decided last used a card by
	covered   bool                   // its caller is not told what is on the card

	records []alliance.Record // since it was saved
	decided int               // which of them is of the order that was decided last
	missing missing           // what is to be read for the next commands
}

// releaseKey names a commission that was released.
type releaseKey struct {
	saleSeq int64
	level   int
}

func newAllianceState(setups *SetupCache, allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) *allianceState {
	c := &allianceState{
		setups: setups, allianceID: allianceID, head: head, balances: balances, state: alliance.NewState(setups.registry, nil),
		cards:     recent.Generations[string, *alliance.Card]{Limit: remember},
		members:   recent.Generations[string, *alliance.Member]{Limit: remember / 3},
		originals: recent.Generations[int64, *alliance.Original]{Limit: remember / 6},
		keys:      recent.Generations[alliance.Reference, int64]{Limit: remember / 6},
		releases:  recent.Generations[releaseKey, struct{}]{Limit: remember / 6}, released: make(map[releaseKey]struct{}),
		gifted: recent.Generations[string, *alliance.Gifted]{Limit: remember / 3},
		codes:  make(map[presentation.Digest]*presentation.Issued), codesKept: recent.Generations[presentation.Digest, *presentation.Issued]{Limit: remember / 6},
	}
	c.state.Changes, c.state.Partial = alliance.NewChanges(), true
	c.state.Due.Until = time.Unix(0, 0) // nothing is loaded yet
	return c
}

// Size returns how many things are in memory.
func (c *allianceState) Size() int {
	return c.cards.Len(c.state.Cards) + c.members.Len(c.state.Members) + c.originals.Len(c.state.Log) + c.gifted.Len(c.state.Gifted) +
		c.codesKept.Len(c.codes) + c.state.Due.Len()
}

// forget lets go of what has been saved and was not used lately.
func (c *allianceState) forget() {
	c.records = c.records[:0]
	c.state.Changes.Reset()
	c.state.Cards = c.cards.Rotate(c.state.Cards)
	c.state.Members = c.members.Rotate(c.state.Members)
	c.state.Log = c.originals.Rotate(c.state.Log)
	c.state.Keys = c.keys.Rotate(c.state.Keys)
	c.released = c.releases.Rotate(c.released)
	c.state.Gifted = c.gifted.Rotate(c.state.Gifted)
	c.gained.rotate()
	c.usedCodes = c.usedCodes[:0]
	c.codes = c.codesKept.Rotate(c.codes)
}

// NextDue returns the instant of the earliest loaded work that falls due.
func (c *allianceState) NextDue() (time.Time, bool) { return c.state.NextDue() }

// RunDue does that work.
func (c *allianceState) RunDue(seq int64, period string) (ledger.Transaction, error) {
	c.state.LastSeq = seq - 1
	r, err := c.state.RunDue()
	if err != nil {
		return ledger.Transaction{}, err
	}
	return c.apply(&r, alliance.Reference{}, seq, period)
}

// Decide decides an order.
func (c *allianceState) Decide(order sequencer.Order, at time.Time, seq int64, period string) (ledger.Transaction, error) {
	command, ok := order.Command.(alliance.Command)
	if !ok {
		return ledger.Transaction{}, fmt.Errorf("%T is no command of the rule book", order.Command)
	}
	if len(c.setup.Terms) == 0 {
		return ledger.Transaction{}, alliance.ErrNoTerms
	}
	if card := c.state.Cards[order.Card]; order.HeldBy != "" && (card == nil || card.Member != order.HeldBy) {
		return ledger.Transaction{}, clearing.Refuse(alliance.CodeUnknownCard, "no card %q was sold in this circle", order.Card)
	}
	code, err := c.present(&order, command)
	if err != nil {
		return ledger.Transaction{}, err
	}
	c.state.LastSeq = seq - 1
	r, err := c.state.Decide(command, at)
	if err != nil {
		return ledger.Transaction{}, c.cover(err)
	}
	r.Facts.Presented = c.by
	c.decided = len(c.records)
	t, err := c.apply(&r, alliance.Reference{Caller: order.Caller, Key: order.Key}, seq, period)
	if err == nil && code != nil {
		c.useUp(code, seq)
	}
	return t, err
}

// Answer returns the receipt of the order that was decided last, and of what it caused.
func (c *allianceState) Answer() (json.RawMessage, error) {
	receipt := c.state.Receipt(&c.records[c.decided], c.records[c.decided+1:]...)
	if c.covered {
		return json.Marshal(receipt.Covered())
	}
	return json.Marshal(receipt)
}

// apply numbers a record, folds it into the state, and keeps it to be saved.
func (c *allianceState) apply(r *alliance.Record, by alliance.Reference, seq int64, period string) (ledger.Transaction, error) {
	r.Seq, r.Period = seq, period
	t, err := r.Encode()
	if err != nil {
		return t, err
	}
	r.Transaction = t
	changes := c.state.Changes
	moved := len(changes.Moved)
	c.records = append(c.records, *r)
	if err := c.state.Apply(&c.records[len(c.records)-1]); err != nil {
		return t, err
	}
	if by.Key != "" || by.Caller != "" {
		c.state.Remember(*r, by)
	}
	for _, m := range changes.Moved[moved:] {
		if m.State == alliance.CommissionStateReleased {
			c.released[releaseKey{m.SaleSeq, m.Level}] = struct{}{}
		}
	}
	if len(c.setup.Campaigns) > 0 {
		c.noteGained(r)
	}
	if next := changes.NextDue; !next.IsZero() && (c.head.NextDueAt.IsZero() || next.Before(c.head.NextDueAt)) {
		c.head.NextDueAt = next
	}
	return t, nil
}

// Policy returns what the terms say of the month-end.
func (c *allianceState) Policy() window.Policy { return c.setup.Current().Policy() }

// TermsVersion returns the version of the terms in force.
func (c *allianceState) TermsVersion() int { return c.setup.Current().Version }

// Merchants returns the merchants of the circle, in the order of their codes.
func (c *allianceState) Merchants() []clearing.Merchant {
	merchants := make([]clearing.Merchant, 0, len(c.setup.Merchants))
	for _, code := range slices.Sorted(maps.Keys(c.setup.Merchants)) {
		s := c.setup.Merchants[code]
		merchants = append(merchants, clearing.Merchant{Code: s.Code, Suspended: s.Suspended, LeavesAt: s.LeavesAt, Left: s.Left})
	}
	return merchants
}

// Processor returns a settlement processor for one batch, or ErrNoTerms.
func (c *allianceState) Processor() (sequencer.SettlementProcessor, error) {
	if len(c.setup.Terms) == 0 {
		return nil, alliance.ErrNoTerms
	}
	p := settlement.NewProcessor(c.head.Alliance, c.balances, c.Merchants(), c.queueMerchantStatus)
	p.ReadMemberAccounts(c.setups.MemberAccounts)
	return p, nil
}

// queueMerchantStatus queues the writes of merchants whose status has changed. It
// invalidates every server's copy of the setup, also this one's.
func (c *allianceState) queueMerchantStatus(writes *pgx.Batch, merchants []clearing.Merchant) {
	merchant.QueueStatuses(writes, c.allianceID, merchants)
	writes.Queue(renewSetupVersion+` RETURNING setup_version`, c.allianceID).QueryRow(func(row pgx.Row) error {
		return row.Scan(&c.head.SetupVersion)
	})
}

// Payables returns each member's payable commission that is above zero.
func (c *allianceState) Payables(ctx context.Context, db ledger.Session) ([]window.Payable, error) {
	rows, err := db.Query(ctx, `
		SELECT member, payable FROM members WHERE alliance_id = $1 AND payable > 0 ORDER BY member`, c.allianceID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p window.Payable, err error) {
		var minor int64
		err = row.Scan(&p.Member, &minor)
		p.Amount = c.setup.Currency.Minor(minor)
		return p, err
	})
}

// QueuePayouts queues the writes of the members' payouts, and their statements.
func (c *allianceState) QueuePayouts(batch *pgx.Batch, period string, paid []window.Payout) {
	members, amounts, taxes := make([]string, len(paid)), make([]int64, len(paid)), make([]int64, len(paid))
	for i, p := range paid {
		members[i], amounts[i], taxes[i] = p.Member, p.Gross.Minor(), p.Tax.Minor()
	}
	batch.Queue(`
		UPDATE members m SET payable = m.payable - p.amount, paid = m.paid + p.amount
		FROM unnest($2::text[], $3::bigint[]) AS p (member, amount)
		WHERE m.alliance_id = $1 AND m.member = p.member`, c.allianceID, members, amounts)
	batch.Queue(`
		INSERT INTO commission_statements (alliance_id, period, member, pending, payable, paid, withheld)
		SELECT m.alliance_id, $2, m.member, m.pending, m.payable, coalesce(p.amount, 0), coalesce(p.tax, 0)
		FROM members m LEFT JOIN unnest($3::text[], $4::bigint[], $5::bigint[]) AS p (member, amount, tax) USING (member)
		WHERE m.alliance_id = $1 AND m.earned > 0`, c.allianceID, period, members, amounts, taxes)
}
