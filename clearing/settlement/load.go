package settlement

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

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
	if err := p.loadLines(ctx, db, &n); err != nil {
		return err
	}
	if err := p.loadTransactions(ctx, db, &n); err != nil {
		return err
	}
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
		p.loadObligations, p.loadDisputes, p.loadCreditors, p.loadAccounts, p.loadEarlierLines,
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

// loadTransactions reads transactions that were named, and of those that may have moved
// custody what they moved. The obligations that these were for are named by that.
func (p *Processor) loadTransactions(ctx context.Context, db ledger.Session, n *names) error {
	if len(n.transactions) == 0 {
		return nil
	}
	found, err := ledger.BySeq(ctx, db, p.state.Alliance.ID, p.state.Alliance.Currency, n.transactions)
	if err != nil {
		return err
	}
	for _, t := range found {
		p.state.Transactions[t.Seq] = t
		if !slices.Contains(n.bookings, t.Seq) {
			continue
		}
		var facts struct{ Events []Event }
		if json.Unmarshal(t.Facts, &facts) != nil {
			continue // it is none of this package's
		}
		for _, e := range facts.Events {
			n.reference(e.Reference)
		}
	}
	return p.loadBookings(ctx, db, n.bookings)
}

func (p *Processor) loadBookings(ctx context.Context, db ledger.Session, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	rows, err := db.Query(ctx, `SELECT seq, amount, line FROM custody_bookings WHERE alliance_id = $1 AND seq = ANY ($2)`, p.state.Alliance.ID, seqs)
	if err != nil {
		return err
	}
	var seq, minor int64
	var line *int64
	_, err = pgx.ForEachRow(rows, []any{&seq, &minor, &line}, func() error {
		b := &Booking{Seq: seq, Amount: p.state.amount(minor)}
		if line != nil {
			b.Line = *line
		}
		if p.state.Bookings[seq] == nil {
			p.state.Bookings[seq] = b
		}
		return nil
	})
	return err
}

func (p *Processor) loadAccounts(ctx context.Context, db ledger.Session, n *names, _ []string) error {
	where := `true`
	switch {
	case n.payouts:
	case n.account != "":
		where = `kind = 'party' AND owner = 'custody'`
	default:
		return nil
	}
	accounts, err := readAccounts(ctx, db, p.state.Alliance.ID, where)
	if err != nil {
		return err
	}
	p.state.Accounts = accounts
	if n.payouts {
		if err := p.loadMemberAccounts(ctx, db); err != nil {
			return err
		}
		return p.loadSentUnread(ctx, db)
	}
	return nil
}

// loadMemberAccounts reads the accounts that the members who may be paid have named themselves.
func (p *Processor) loadMemberAccounts(ctx context.Context, db ledger.Session) error {
	if p.readMembers == nil {
		return nil
	}
	members := []string{}
	p.state.eachOutstanding(func(x *Lifecycle, o *Obligation) {
		if o.Kind == Commission && x.payable() && o.Status == Payable {
			members = append(members, o.Payee)
		}
	})
	if len(members) == 0 {
		return nil
	}
	own, err := p.readMembers(ctx, db, p.state.Alliance.ID, members)
	for member, account := range own {
		p.state.Accounts[Payee{Member: true, Code: member}] = account
	}
	return err
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

// loadLines reads the lines of bank statements that wait for what they name, and those
// that were named. What they name is named by that too.
func (p *Processor) loadLines(ctx context.Context, db ledger.Session, n *names) error {
	s := &p.state
	known := make([]int64, 0, len(s.Lines))
	for _, l := range s.Lines {
		known = append(known, l.Seq)
	}
	found, err := readLines(ctx, db, s.Alliance, `(l.waits AND l.reference <> '' OR l.seq = ANY ($2)) AND l.seq <> ALL ($3)`, n.bankLines, known)
	if err != nil {
		return err
	}
	s.Lines = append(s.Lines, found...)
	for _, l := range s.Lines {
		if l.Open {
			for _, r := range l.References {
				n.reference(r)
			}
		}
	}
	return nil
}

// loadEarlierLines reads the lines on the days of a statement that is imported, and what
// other files say of them.
func (p *Processor) loadEarlierLines(ctx context.Context, db ledger.Session, n *names, _ []string) error {
	if n.account == "" {
		return nil
	}
	s := &p.state
	days := make([]string, 0, len(n.days))
	for _, day := range n.days {
		days = append(days, day.Format(time.DateOnly))
	}
	slices.Sort(days)
	var err error
	s.Earlier, err = readLines(ctx, db, s.Alliance, `l.account = $2 AND l.booked_on = ANY ($3::date[])`, n.account, slices.Compact(days))
	if err != nil {
		return err
	}
	seqs := make([]int64, len(s.Earlier))
	for i, l := range s.Earlier {
		seqs[i] = l.Seq
	}
	rows, err := db.Query(ctx, `
		SELECT fingerprint, occurrence, line FROM bank_line_twins WHERE alliance_id = $1 AND account = $2 AND line = ANY ($3)`, s.Alliance.ID, n.account, seqs)
	if err != nil {
		return err
	}
	s.Twins = make(map[identity]int64)
	var fingerprint []byte
	var occurrence int
	var line int64
	_, err = pgx.ForEachRow(rows, []any{&fingerprint, &occurrence, &line}, func() error {
		s.Twins[identity{[sha256.Size]byte(fingerprint), occurrence}] = line
		return nil
	})
	return err
}
