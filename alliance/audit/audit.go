package audit

import (
	"context"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// pageSize is how many transactions are folded at once.
const pageSize = 5000

// Run audits a circle whose commands are those of a registry. Faults are in the report;
// an error means that the audit could not be done.
func Run(ctx context.Context, db clearing.Database, registry *alliance.Registry, allianceID int64) (*Report, error) {
	var report *Report
	err := clearing.ReadConsistent(ctx, db, func(snapshot ledger.Querier) (err error) {
		report, err = run(ctx, snapshot, registry, allianceID)
		return err
	})
	return report, err
}

// auditor is an audit under way: the snapshot it reads, and the fold of the log
// so far.
type auditor struct {
	*Report
	db       ledger.Querier
	registry *alliance.Registry
	head     clearing.Head
	setup    *alliance.Setup
	state    *alliance.State
	windows  map[string]*auditedWindow
	period   string // the window that the fold has come to

	accounts map[ledger.Account]int64 // debit positive, minor units
	balances *ledger.Balances         // of those that parties share
	listed   map[string]listed        // the transactions of each member
	members  map[string]*member
	refunds  map[int64]*undone
	uses     map[string]map[string]int64 // of each card and benefit
	points   map[string]int64            // of each card
	released map[commissionKey]string    // the state of each commission
	recalled map[int64]alliance.Record   // what the reversals of a page undo, and the sales that its refunds end
	grown
}

func run(ctx context.Context, db ledger.Querier, registry *alliance.Registry, allianceID int64) (*Report, error) {
	head, err := clearing.ReadHead(ctx, db, allianceID)
	if err != nil {
		return nil, err
	}
	setup, err := store.LoadSetup(ctx, db, head.Alliance)
	if err != nil {
		return nil, err
	}
	a := &auditor{
		Report: newReport(head.Alliance.Code), db: db, registry: registry, head: head, setup: setup, state: alliance.NewState(registry, setup),
		windows:  make(map[string]*auditedWindow),
		accounts: make(map[ledger.Account]int64),
		balances: ledger.NewBalances(),
		listed:   make(map[string]listed),
		members:  make(map[string]*member),
		refunds:  make(map[int64]*undone),
		uses:     make(map[string]map[string]int64),
		points:   make(map[string]int64),
		released: make(map[commissionKey]string),
		grown:    newGrown(),
	}
	for code := range setup.Merchants {
		a.state.Positions[code], a.state.Owed[code] = setup.Currency.Zero(), setup.Currency.Zero()
	}
	steps := []func(context.Context) error{
		a.loadWindows, a.foldLog,
		a.compareBalances, a.compareHolds, a.compareCards, a.compareMembers, a.compareCommissions, a.compareLists, a.compareRefunds,
		a.compareCampaigns, a.compareGiftRows, a.compareGiftCounts, a.checkChains, a.compareItems,
		a.checkRequests, a.checkSettlements, a.checkCover, a.checkObligations,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a.Report, nil
}

// foldLog walks the log from the first transaction.
func (a *auditor) foldLog(ctx context.Context) error {
	var last ledger.Hash
	next := int64(1)
	for {
		page, err := ledger.Range(ctx, a.db, a.head.Alliance.ID, a.setup.Currency, next, pageSize)
		if err != nil {
			a.fault(chained, "the log from transaction %d on: %v", next, err)
			return nil
		}
		if err := a.recallOriginals(ctx, page); err != nil {
			return err
		}
		for i := range page {
			t := &page[i]
			a.looked(chained, 1)
			for ; next < t.Seq; next++ {
				a.fault(chained, "transaction %d is missing", next)
			}
			if hash := t.Seal(a.head.Alliance.ID, last); hash != t.Hash {
				a.fault(chained, "transaction %d was altered, or one before it: its hash is %x and should be %x", t.Seq, t.Hash[:6], hash[:6])
			}
			last = t.Hash
			next = t.Seq + 1
			a.fold(t)
		}
		if len(page) == 0 {
			break
		}
	}
	a.Transactions = next - 1
	if next-1 != a.head.LastSeq || last != a.head.LastHash {
		a.fault(chained, "the head names transaction %d as the last, the log ends with %d", a.head.LastSeq, next-1)
	}
	return nil
}

// fold takes in one transaction.
func (a *auditor) fold(t *ledger.Transaction) {
	a.looked(balanced, 1)
	if err := t.Check(); err != nil {
		a.fault(balanced, "%v", err)
	}
	a.placeInWindow(t)
	for _, e := range t.Entries {
		a.accounts[e.Account] += e.Amount.Minor()
	}
	record, err := alliance.DecodeRecord(*t)
	if err != nil {
		a.fault(folded, "transaction %d: its facts can't be read: %v", t.Seq, err)
		return
	}
	t.Late = record.Late
	if t.Type == window.Closed {
		a.keepTurnovers(t.Period)
		a.checkLeavers(t)
	}
	a.foldLinks(t)
	a.foldCommission(t, &record)
	kind := a.registry.Kind(t.Type)
	if kind == nil {
		if err := a.state.Apply(&record); err != nil {
			a.fault(folded, "transaction %d can't be folded: %v", t.Seq, err)
		}
		return
	}
	if kind.Undoes {
		if !a.refund(&record) {
			return
		}
		defer delete(a.state.Log, record.Corrects)
	}
	if record.Facts.Growth != nil && record.Facts.Growth.Hold != nil {
		a.state.Changes = alliance.NewChanges()
	}
	if err := a.state.Apply(&record); err != nil {
		a.fault(folded, "transaction %d can't be folded: %v", t.Seq, err)
		return
	}
	a.foldGrowth(&record, kind)
	for {
		// What fell due is in the log; the agenda is not needed.
		if _, ok := a.state.Due.Pop(); !ok {
			break
		}
	}
	a.foldEntitlements(&record)
	a.checkBounds(&record)
}

// checkBounds checks what a transaction left on its card, and that the acting merchant
// stayed within its debit cap.
func (a *auditor) checkBounds(r *alliance.Record) {
	if card := a.state.Cards[r.Card]; card != nil {
		a.looked(inBounds, 1)
		if card.Value.Sign() < 0 || card.Bonus.Sign() < 0 || card.Pool.Sign() < 0 || card.Points < 0 || card.Unreversed < 0 {
			a.fault(inBounds, "transaction %d leaves card %q with value %s, bonus %s, pool %s, %d points", r.Seq, card.Code, card.Value, card.Bonus, card.Pool, card.Points)
		}
		if card.Held < 0 || card.Held > card.Value.Minor()+card.Bonus.Minor() {
			a.fault(held, "transaction %d leaves card %q with %s reserved, and value %s, bonus %s", r.Seq, card.Code, a.amount(card.Held), card.Value, card.Bonus)
		}
		for i, left := range card.UsesLeft {
			if left < 0 {
				a.fault(inBounds, "transaction %d leaves card %q with %d uses of its benefit %d", r.Seq, card.Code, left, i)
			}
		}
	}
	if r.Facts.DebitCap == nil {
		return
	}
	a.looked(inBounds, 1)
	moved := int64(0)
	for _, e := range r.Entries {
		if e.Account == clearing.PartyAccount(r.Merchant) {
			moved += e.Amount.Minor()
		}
	}
	position, owed := a.state.Positions[r.Merchant], a.state.Owed[r.Merchant]
	if moved > 0 && position.Minor()-owed.Minor() < -*r.Facts.DebitCap {
		a.fault(inBounds, "transaction %d lowered the position of %q to %s, with %s owed for closed months, past its cap of %s",
			r.Seq, r.Merchant, position, owed, a.setup.Currency.Minor(*r.Facts.DebitCap))
	}
}
