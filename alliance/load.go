package alliance

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing"
	"lianka/clearing/ledger"
	"lianka/clearing/money"
)

// maxDue is how much of what falls due is held in memory at once.
const maxDue = 10_000

// names collects what orders name.
type names struct {
	cards, members, merchants map[string]bool
	reversals                 []Reference
}

func (n *names) add(set map[string]bool, codes ...*string) {
	for _, code := range codes {
		if code != nil {
			set[*code] = true
		}
	}
}

func namesOf(orders []clearing.Order) *names {
	n := &names{cards: make(map[string]bool), members: make(map[string]bool), merchants: make(map[string]bool)}
	for i := range orders {
		switch c := orders[i].Command.(type) {
		case SellCard:
			n.add(n.cards, &c.Card)
			n.add(n.members, &c.Member, c.Referrer)
			n.add(n.merchants, c.Merchant)
		case TopUp:
			n.add(n.cards, &c.Card)
			n.add(n.merchants, c.Merchant)
		case SpendValue:
			n.add(n.cards, &c.Card)
		case UsePass:
			n.add(n.cards, &c.Card)
		case UseCoupon:
			n.add(n.cards, &c.Card)
		case RecordPurchase:
			n.add(n.cards, &c.Card)
			n.add(n.merchants, &c.Merchant)
		case SpendPoints:
			n.add(n.cards, &c.Card)
		case FreezeCard:
			n.add(n.cards, &c.Card)
		case UnfreezeCard:
			n.add(n.cards, &c.Card)
		case Reverse:
			n.reversals = append(n.reversals, c.Of)
		}
	}
	return n
}

func keysOf(set map[string]bool) []string {
	codes := make([]string, 0, len(set))
	for code := range set {
		codes = append(codes, code)
	}
	return codes
}

// Read queues the reads of what the orders name themselves.
func (b *book) Read(batch *pgx.Batch) {
	b.readCards(batch, b.names.cards)
	b.readMembers(batch)
	b.readPositions(batch)
}

// Load reads what the names of the orders lead to: the setup if it is new, the
// originals of reversals, and what falls due by an instant.
func (b *book) Load(ctx context.Context, db ledger.Session, through time.Time) (time.Time, error) {
	var err error
	if b.setup, err = b.library.Setup(ctx, db, b.head); err != nil {
		return through, err
	}
	b.state.Setup = b.setup
	more := make(map[string]bool) // cards that are not named
	if len(b.names.reversals) > 0 {
		if err := b.loadOriginals(ctx, db, more); err != nil {
			return through, err
		}
	}
	loaded := through
	if !b.head.NextDueAt.IsZero() && !b.head.NextDueAt.After(through) {
		if loaded, err = b.loadDue(ctx, db, more, through); err != nil {
			return through, err
		}
	}
	for code := range b.names.cards {
		delete(more, code)
	}
	if len(more) == 0 {
		return loaded, nil
	}
	reads := &pgx.Batch{}
	b.readCards(reads, more)
	return loaded, db.SendBatch(ctx, reads).Close()
}

func (b *book) readCards(reads *pgx.Batch, codes map[string]bool) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT c.* FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = n.code OFFSET 0) c`, b.circle, keysOf(codes)).
		Query(func(rows pgx.Rows) error {
			cards, err := pgx.CollectRows(rows, scanCard(b.head.Circle.Currency))
			for i := range cards {
				b.state.Cards[cards[i].Code] = &cards[i]
			}
			return err
		})
}

const cardColumns = `card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
	value, bonus, pool, points, standing, uses_left, last_seq`

func scanCard(currency money.Currency) pgx.RowToFunc[Card] {
	return func(row pgx.CollectableRow) (Card, error) {
		var c Card
		var value, bonus, pool int64
		var expires *time.Time
		err := row.Scan(&c.Code, &c.Product, &c.Member, &c.Home, &c.SoldSeq, &c.SoldAt, &expires, &c.Cancelled, &c.Frozen, &c.Expired,
			&value, &bonus, &pool, &c.Points, &c.Standing, &c.UsesLeft, &c.LastSeq)
		c.Value, c.Bonus, c.Pool = currency.Minor(value), currency.Minor(bonus), currency.Minor(pool)
		c.SoldAt = c.SoldAt.UTC()
		if expires != nil {
			c.ExpiresAt = expires.UTC()
		}
		return c, err
	}
}

func (b *book) readMembers(reads *pgx.Batch) {
	if len(b.names.members) == 0 {
		return
	}
	reads.Queue(`
		SELECT member, coalesce(referrer, ''), coalesce(second, '') FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT member, referrer, second FROM members WHERE alliance_id = $1 AND member = n.code OFFSET 0) m`, b.circle, keysOf(b.names.members)).
		Query(func(rows pgx.Rows) error {
			members, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Member, err error) {
				return m, row.Scan(&m.Code, &m.Referrer, &m.Second)
			})
			for i := range members {
				b.state.Members[members[i].Code] = &members[i]
			}
			return err
		})
}

// readPositions reads the positions of the merchants whose debit caps may be
// asked for. One without a balance has not moved yet.
func (b *book) readPositions(reads *pgx.Batch) {
	if len(b.names.merchants) == 0 {
		return
	}
	codes := keysOf(b.names.merchants)
	reads.Queue(`
		SELECT owner, -balance FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT owner, balance FROM balances WHERE alliance_id = $1 AND account = 'merchants' AND owner = n.code OFFSET 0) b`, b.circle, codes).
		Query(func(rows pgx.Rows) error {
			for _, code := range codes {
				b.state.Positions[code] = b.head.Circle.Currency.Zero()
			}
			var code string
			var position int64
			_, err := pgx.ForEachRow(rows, []any{&code, &position}, func() error {
				b.state.Positions[code] = b.head.Circle.Currency.Minor(position)
				return nil
			})
			return err
		})
}

// loadDue reads what falls due by an instant, the earliest first, and names the
// cards that it needs. It returns the instant through which that is all.
func (b *book) loadDue(ctx context.Context, db ledger.Session, more map[string]bool, through time.Time) (time.Time, error) {
	rows, err := db.Query(ctx, `
		SELECT d.due_at, d.rank, d.sale_seq, d.level,
		       CASE d.rank WHEN 2 THEN (SELECT t.card FROM transactions t WHERE t.alliance_id = $1 AND t.seq = d.sale_seq) ELSE '' END,
		       coalesce(c.member, ''), coalesce(c.amount, 0)
		FROM due d LEFT JOIN commissions c ON c.alliance_id = $1 AND c.sale_seq = d.sale_seq AND c.level = d.level
		WHERE d.alliance_id = $1 AND d.due_at <= $2
		ORDER BY d.due_at, d.rank, d.sale_seq, d.level LIMIT $3`, b.circle, through, maxDue)
	if err != nil {
		return through, err
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w DueWork, err error) {
		err = row.Scan(&w.At, &w.Rank, &w.SaleSeq, &w.Level, &w.Card, &w.Member, &w.Amount)
		w.At = w.At.UTC()
		return w, err
	})
	for _, work := range due {
		b.state.Due.Push(work)
		if work.Rank == RankExpiry {
			more[work.Card] = true
		}
	}
	if len(due) == maxDue {
		return due[maxDue-1].At.Add(-time.Microsecond), err
	}
	return through, err
}

// loadOriginals reads the transactions that reversals name, what was undone of
// them already, and which of their commissions were released; and names their
// cards.
func (b *book) loadOriginals(ctx context.Context, db ledger.Session, more map[string]bool) error {
	seqs, err := b.resolve(ctx, db, b.names.reversals)
	if err != nil || len(seqs) == 0 {
		return err
	}
	transactions, err := ledger.BySeq(ctx, db, b.circle, b.setup.Currency, seqs)
	if err != nil {
		return err
	}
	for _, t := range transactions {
		record, err := DecodeRecord(t)
		if err != nil {
			return err
		}
		b.state.Log[t.Seq] = &Original{Record: record, Undone: b.setup.Currency.Zero()}
		more[t.Card] = true
	}
	rows, err := db.Query(ctx, `
		SELECT r.seq, r.amount, r.in_full FROM unnest($2::bigint[]) AS n (seq),
		LATERAL (SELECT seq, amount, in_full FROM reversed WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) r`, b.circle, seqs)
	if err != nil {
		return err
	}
	var seq, amount int64
	var inFull bool
	_, err = pgx.ForEachRow(rows, []any{&seq, &amount, &inFull}, func() error {
		b.state.Log[seq].Undone, b.state.Log[seq].InFull = b.setup.Currency.Minor(amount), inFull
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = db.Query(ctx, `
		SELECT sale_seq, level FROM unnest($2::bigint[]) AS n (seq),
		LATERAL (SELECT sale_seq, level, state FROM commissions WHERE alliance_id = $1 AND sale_seq = n.seq OFFSET 0) c
		WHERE state = 'released'`, b.circle, seqs)
	if err != nil {
		return err
	}
	var level int
	_, err = pgx.ForEachRow(rows, []any{&seq, &level}, func() error {
		b.state.Log[seq].Released[level] = true
		return nil
	})
	return err
}

// resolve returns the numbers of the transactions that references name.
func (b *book) resolve(ctx context.Context, db ledger.Session, references []Reference) ([]int64, error) {
	var seqs []int64
	var callers, keys []string
	for _, of := range references {
		if of.Seq != 0 {
			seqs = append(seqs, of.Seq)
		} else {
			callers, keys = append(callers, of.Caller), append(keys, of.Key)
		}
	}
	if len(keys) == 0 {
		return seqs, nil
	}
	rows, err := db.Query(ctx, `
		SELECT r.caller, r.key, r.seq FROM unnest($2::text[], $3::text[]) AS o (caller, key),
		LATERAL (SELECT caller, key, seq FROM requests WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r
		WHERE r.seq IS NOT NULL`, b.circle, callers, keys)
	if err != nil {
		return nil, err
	}
	var of Reference
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&of.Caller, &of.Key, &seq}, func() error {
		b.state.Keys[of] = seq
		seqs = append(seqs, seq)
		return nil
	})
	return seqs, err
}
