package alliance

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing"
	"lianka/clearing/ledger"
	"lianka/clearing/money"
)

const (
	// maxDue is how much of what falls due is held in memory at once.
	maxDue = 10_000
	// dueAhead is for how long ahead it is held.
	dueAhead = 24 * time.Hour
)

// Name prepares for orders, and for what falls due at or before an instant.
func (b *book) Name(reads *pgx.Batch, orders []clearing.Order, through time.Time) {
	b.foresee(through)
	clear(b.state.Positions)
	b.strangers = b.strangers[:0]
	var cards, members []string
	card := func(code string) {
		if !b.cards.Recall(b.state.Cards, code) {
			cards = append(cards, code)
		}
	}
	member := func(code string) {
		if !b.members.Recall(b.state.Members, code) {
			members = append(members, code)
		}
	}
	for i := range orders {
		switch c := orders[i].Command.(type) {
		case SellCard:
			card(c.Card)
			member(c.Member)
			if c.Referrer != nil {
				member(*c.Referrer)
			}
			b.position(c.Merchant)
		case TopUp:
			card(c.Card)
			b.position(c.Merchant)
		case SpendValue:
			card(c.Card)
		case UsePass:
			card(c.Card)
		case UseCoupon:
			card(c.Card)
		case RecordPurchase:
			card(c.Card)
			b.position(&c.Merchant)
		case SpendPoints:
			card(c.Card)
		case FreezeCard:
			card(c.Card)
		case UnfreezeCard:
			card(c.Card)
		case Reverse:
			if original := b.original(c.Of); original != nil {
				card(original.Card)
			} else {
				b.strangers = append(b.strangers, c.Of)
			}
		}
	}
	b.state.Due.Through(through, func(work DueWork) {
		if work.Rank == RankExpiry {
			card(work.Card)
		}
	})
	b.readCards(reads, cards)
	b.readMembers(reads, members)
}

// position puts the position of a merchant into the state whose debit cap may be
// asked for.
func (b *book) position(merchant *string) {
	if merchant != nil {
		b.state.Positions[*merchant] = b.head.Circle.Currency.Minor(-b.balances.Of(clearing.PartyAccount(*merchant)))
	}
}

// original returns the transaction that a reversal names, if it is in memory.
func (b *book) original(of Reference) *Original {
	seq := of.Seq
	if seq == 0 {
		if !b.keys.Recall(b.state.Keys, of) {
			return nil
		}
		seq = b.state.Keys[of]
	}
	b.originals.Recall(b.state.Log, seq)
	return b.state.Log[seq]
}

// Load reads what the names lead to: the setup if it is new, and the originals of
// reversals with their cards.
func (b *book) Load(ctx context.Context, db ledger.Session) error {
	var err error
	if b.setup, err = b.library.Setup(ctx, db, b.head); err != nil {
		return err
	}
	b.state.Setup = b.setup
	if len(b.strangers) == 0 {
		return nil
	}
	cards, err := b.loadOriginals(ctx, db)
	if err != nil || len(cards) == 0 {
		return err
	}
	reads := &pgx.Batch{}
	b.readCards(reads, slices.DeleteFunc(cards, func(code string) bool { return b.cards.Recall(b.state.Cards, code) }))
	if reads.Len() == 0 {
		return nil
	}
	return db.SendBatch(ctx, reads).Close()
}

func (b *book) readCards(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT c.* FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = n.code OFFSET 0) c`, b.circle, codes).
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

func (b *book) readMembers(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT member, coalesce(referrer, ''), coalesce(second, '') FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT member, referrer, second FROM members WHERE alliance_id = $1 AND member = n.code OFFSET 0) m`, b.circle, codes).
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

// foresee notes up to when nothing falls due that is not in memory, if that is
// known without looking.
func (b *book) foresee(through time.Time) {
	for _, until := range []time.Time{through.Add(dueAhead), through} {
		if b.state.Due.Until.Before(until) && b.Holds(until) {
			b.state.Due.Until = until
		}
	}
}

// Holds reports whether all that falls due at or before an instant is in memory.
func (b *book) Holds(through time.Time) bool {
	return !b.state.Due.Until.Before(through) || b.head.NextDueAt.IsZero() || b.head.NextDueAt.After(through)
}

// LoadDue reads what falls due at or before an instant and for a while after it,
// the earliest first.
func (b *book) LoadDue(ctx context.Context, db ledger.Session, through time.Time) error {
	if b.Holds(through) {
		return nil
	}
	until := through.Add(dueAhead)
	rows, err := db.Query(ctx, `
		SELECT d.due_at, d.rank, d.sale_seq, d.level,
		       CASE d.rank WHEN 2 THEN (SELECT t.card FROM transactions t WHERE t.alliance_id = $1 AND t.seq = d.sale_seq) ELSE '' END,
		       coalesce(c.member, ''), coalesce(c.amount, 0)
		FROM due d LEFT JOIN commissions c ON c.alliance_id = $1 AND c.sale_seq = d.sale_seq AND c.level = d.level
		WHERE d.alliance_id = $1 AND d.due_at <= $2
		ORDER BY d.due_at, d.rank, d.sale_seq, d.level LIMIT $3`, b.circle, until, maxDue)
	if err != nil {
		return err
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w DueWork, err error) {
		err = row.Scan(&w.At, &w.Rank, &w.SaleSeq, &w.Level, &w.Card, &w.Member, &w.Amount)
		w.At = w.At.UTC()
		return w, err
	})
	if err != nil {
		return err
	}
	if len(due) == maxDue {
		until = due[maxDue-1].At
	}
	b.state.Due = Agenda{Until: until}
	for _, work := range due {
		b.state.Due.Push(work)
	}
	if len(due) == maxDue {
		b.state.Due.Until = until.Add(-time.Microsecond) // there may be more at that instant
	}
	return nil
}

// loadOriginals reads the transactions that reversals name and memory lacks, what
// was undone of them already, and which of their commissions were released. It
// returns their cards.
func (b *book) loadOriginals(ctx context.Context, db ledger.Session) ([]string, error) {
	seqs, err := b.resolve(ctx, db, b.strangers)
	if err != nil || len(seqs) == 0 {
		return nil, err
	}
	transactions, err := ledger.BySeq(ctx, db, b.circle, b.setup.Currency, seqs)
	if err != nil {
		return nil, err
	}
	cards := make([]string, 0, len(transactions))
	for _, t := range transactions {
		record, err := DecodeRecord(t)
		if err != nil {
			return nil, err
		}
		b.state.Log[t.Seq] = &Original{Record: record, Undone: b.setup.Currency.Zero()}
		cards = append(cards, t.Card)
	}
	rows, err := db.Query(ctx, `
		SELECT r.seq, r.amount, r.in_full FROM unnest($2::bigint[]) AS n (seq),
		LATERAL (SELECT seq, amount, in_full FROM reversed WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) r`, b.circle, seqs)
	if err != nil {
		return nil, err
	}
	var seq, amount int64
	var inFull bool
	_, err = pgx.ForEachRow(rows, []any{&seq, &amount, &inFull}, func() error {
		b.state.Log[seq].Undone, b.state.Log[seq].InFull = b.setup.Currency.Minor(amount), inFull
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT sale_seq, level FROM unnest($2::bigint[]) AS n (seq),
		LATERAL (SELECT sale_seq, level, state FROM commissions WHERE alliance_id = $1 AND sale_seq = n.seq OFFSET 0) c
		WHERE state = 'released'`, b.circle, seqs)
	if err != nil {
		return nil, err
	}
	var level int
	_, err = pgx.ForEachRow(rows, []any{&seq, &level}, func() error {
		b.state.Log[seq].Released[level] = true
		return nil
	})
	return cards, err
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
