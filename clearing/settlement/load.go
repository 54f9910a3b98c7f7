package settlement

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// openOfParties is SQL for parties' obligations o that are not done, or defaulted and
// not paid since. Deadlines, payments and set-off need them whatever a command names.
// The index obligations_open has the same condition.
const openOfParties = `o.kind <> 'commission' AND o.state NOT IN ('paid', 'confirmed', 'carried')`

// Load reads what is open, and what orders name beside it.
func (p *Processor) Load(ctx context.Context, db ledger.Session, orders []sequencer.Order) error {
	n := namesOf(orders)
	if !p.countersRead {
		if err := p.loadCounters(ctx, db); err != nil {
			return err
		}
		p.countersRead = true
	}
	periods, err := p.loadSettlements(ctx, db, &n)
	if err != nil {
		return err
	}
	for _, load := range []func(context.Context, ledger.Session, *names, []string) error{
		p.loadObligations, p.loadDisputes, p.loadCreditors, p.loadTransactions, p.loadAccounts, p.loadKnownLines,
	} {
		if err := load(ctx, db, &n, periods); err != nil {
			return err
		}
	}
	return nil
}

func (p *Processor) loadCounters(ctx context.Context, db ledger.Session) error {
	return db.QueryRow(ctx, `
		SELECT coalesce((SELECT number FROM disputes WHERE alliance_id = $1 ORDER BY number DESC LIMIT 1), 0),
		       coalesce((SELECT run FROM payment_runs WHERE alliance_id = $1 ORDER BY run DESC LIMIT 1), 0)`,
		p.state.Alliance.ID).Scan(&p.state.LastDispute, &p.state.LastRun)
}

// loadSettlements reads settlements that were not read yet, and returns their periods.
func (p *Processor) loadSettlements(ctx context.Context, db ledger.Session, n *names) ([]string, error) {
	s := &p.state
	known := make([]string, len(s.Settlements))
	for i, x := range s.Settlements {
		known[i] = x.Period
	}
	found, err := readSettlements(ctx, db, s.Alliance.ID, `
		(s.state <> 'settled' OR s.period = ANY ($2)
		 OR EXISTS (SELECT FROM obligations o WHERE o.alliance_id = $1 AND o.period = s.period AND `+openOfParties+`)
		 OR EXISTS (SELECT FROM disputes d WHERE d.alliance_id = $1 AND d.period = s.period AND d.state = 'open')
		 OR EXISTS (SELECT FROM disputes d WHERE d.alliance_id = $1 AND d.period = s.period AND d.number = ANY ($3)))
		AND s.period <> ALL ($4)`, n.periods, n.disputes, known)
	if err != nil {
		return nil, err
	}
	periods := make([]string, len(found))
	for i, x := range found {
		periods[i] = x.Period
	}
	s.Settlements = append(s.Settlements, found...)
	s.sort()
	return periods, nil
}

// loadObligations reads parties' open obligations of periods, and those that were
// named.
func (p *Processor) loadObligations(ctx context.Context, db ledger.Session, n *names, periods []string) error {
	s := &p.state
	read := func(where string, args ...any) error {
		found, err := readObligations(ctx, db, s.Alliance, where, args...)
		s.keepObligations(found)
		return err
	}
	if len(periods) > 0 {
		if err := read(`o.period = ANY ($2) AND `+openOfParties, periods); err != nil {
			return err
		}
	}
	if len(n.obligations) > 0 {
		if err := read(`(o.period, o.number) IN (SELECT * FROM unnest($2::text[], $3::integer[]))`, n.obligedIn, n.obligations); err != nil {
			return err
		}
	}
	if n.payouts {
		unsettled := []string{}
		for _, x := range s.Settlements {
			if x.Phase != Settled {
				unsettled = append(unsettled, x.Period)
			}
		}
		return read(`o.period = ANY ($2) AND o.kind = 'commission' AND o.state = 'payable'`, unsettled)
	}
	return nil
}

// keepObligations adds the obligations that were read to their settlements.
func (s *State) keepObligations(found []*Obligation) {
	known := make(map[string]bool)
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			known[o.Reference] = true
		}
	}
	for _, o := range found {
		if x := s.settlement(o.Period); x != nil && !known[o.Reference] {
			x.Obligations = append(x.Obligations, o)
		}
	}
	for _, x := range s.Settlements {
		slices.SortFunc(x.Obligations, func(a, b *Obligation) int { return a.Number - b.Number })
	}
}

// loadDisputes reads disputes of periods that wait for an answer, and those that were
// named.
func (p *Processor) loadDisputes(ctx context.Context, db ledger.Session, n *names, periods []string) error {
	s := &p.state
	read := func(where string, args ...any) error {
		found, err := readDisputes(ctx, db, s.Alliance, where, args...)
		for _, d := range found {
			x := s.settlement(d.Period)
			if x == nil || slices.ContainsFunc(x.Disputes, func(known *Dispute) bool { return known.Number == d.Number }) {
				continue
			}
			x.Disputes = append(x.Disputes, d)
			slices.SortFunc(x.Disputes, func(a, b *Dispute) int { return int(a.Number - b.Number) })
		}
		return err
	}
	if len(periods) > 0 {
		if err := read(`d.period = ANY ($2) AND d.state = 'open'`, periods); err != nil {
			return err
		}
	}
	if len(n.disputes) > 0 {
		if err := read(`d.number = ANY ($2)`, n.disputes); err != nil {
			return err
		}
	}
	if len(n.lines) > 0 {
		return read(`(d.party, d.seq) IN (SELECT * FROM unnest($2::text[], $3::bigint[]))`, n.parties, n.lines)
	}
	return nil
}

// loadCreditors reads whom snapshots give money. Settled months are left out: their
// creditors can bear no loss any more.
func (p *Processor) loadCreditors(ctx context.Context, db ledger.Session, _ *names, periods []string) error {
	s := &p.state
	unsettled := slices.DeleteFunc(slices.Clone(periods), func(period string) bool { return s.settlement(period).Phase == Settled })
	if len(unsettled) == 0 {
		return nil
	}
	rows, err := db.Query(ctx, `
		SELECT period, party, transfer FROM positions
		WHERE alliance_id = $1 AND period = ANY ($2) AND transfer > 0 ORDER BY period, party`, s.Alliance.ID, unsettled)
	if err != nil {
		return err
	}
	var period, party string
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&period, &party, &minor}, func() error {
		x := s.settlement(period)
		x.Creditors = append(x.Creditors, Net{party, s.amount(minor)})
		return nil
	})
	return err
}

func (p *Processor) loadTransactions(ctx context.Context, db ledger.Session, n *names, _ []string) error {
	if len(n.transactions) == 0 {
		return nil
	}
	found, err := ledger.BySeq(ctx, db, p.state.Alliance.ID, p.state.Alliance.Currency, n.transactions)
	for _, t := range found {
		p.state.Transactions[t.Seq] = t
	}
	return err
}

func (p *Processor) loadAccounts(ctx context.Context, db ledger.Session, n *names, _ []string) error {
	if !n.payouts {
		return nil
	}
	accounts, err := readAccounts(ctx, db, p.state.Alliance.ID, `true`)
	if err != nil {
		return err
	}
	p.state.Accounts = accounts
	return p.loadSentUnread(ctx, db)
}

// loadSentUnread sums the commission that is on its way, but what was read. Of parties all
// that is on its way is read.
func (p *Processor) loadSentUnread(ctx context.Context, db ledger.Session) error {
	s := &p.state
	periods, numbers := []string{}, []int{}
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			if o.Kind == Commission {
				periods, numbers = append(periods, o.Period), append(numbers, o.Number)
			}
		}
	}
	var minor int64
	err := db.QueryRow(ctx, `
		SELECT coalesce(sum(o.sent), 0)::bigint FROM obligations o
		WHERE o.alliance_id = $1 AND o.state = 'sent' AND o.kind = 'commission'
		  AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::integer[]) AS n (period, number) WHERE n.period = o.period AND n.number = o.number)`,
		s.Alliance.ID, periods, numbers).Scan(&minor)
	s.SentUnread = s.amount(minor)
	return err
}

// loadKnownLines finds which lines of a bank statement were imported before.
func (p *Processor) loadKnownLines(ctx context.Context, db ledger.Session, n *names, _ []string) error {
	if len(n.bankLines) == 0 {
		return nil
	}
	rows, err := db.Query(ctx, `
		SELECT line FROM bank_lines WHERE alliance_id = $1 AND account = $2 AND line = ANY ($3)`, p.state.Alliance.ID, n.account, n.bankLines)
	if err != nil {
		return err
	}
	clear(p.state.KnownLines)
	var line string
	_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
		p.state.KnownLines[line] = true
		return nil
	})
	return err
}
