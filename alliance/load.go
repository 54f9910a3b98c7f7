package alliance

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
)

const (
	// maxDue is how much of what falls due is held in memory at once.
	maxDue = 10_000
	// dueAhead is for how long ahead it is held.
	dueAhead = 24 * time.Hour
)

// QueueReads prepares for orders, and for what falls due at or before an instant.
func (b *book) QueueReads(reads *pgx.Batch, orders []sequencer.Order, through time.Time) {
	b.foresee(through)
	clear(b.state.Positions)
	clear(b.state.Owed)
	clear(b.state.Late)
	var cards, members []string
	var strangers []Reference
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
			b.uploads(c.Merchant, c.Redemption)
		case UsePass:
			card(c.Card)
			b.uploads(c.Merchant, c.Redemption)
		case UseCoupon:
			card(c.Card)
			b.uploads(c.Merchant, c.Redemption)
		case RecordPurchase:
			card(c.Card)
			b.position(&c.Merchant)
			b.uploads(c.Merchant, c.Redemption)
		case SpendPoints:
			card(c.Card)
			b.uploads(c.Merchant, c.Redemption)
		case FreezeCard:
			card(c.Card)
		case UnfreezeCard:
			card(c.Card)
		case Reverse:
			if original := b.original(c.Of); original != nil {
				card(original.Card)
			} else {
				strangers = append(strangers, c.Of)
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
	b.readOriginals(reads, strangers)
}

// position puts the position of a merchant, and what it owes, into the state whose
// debit cap may be asked for.
func (b *book) position(merchant *string) {
	if merchant != nil {
		currency := b.head.Circle.Currency
		b.state.Positions[*merchant] = currency.Minor(-b.balances.Of(clearing.PartyAccount(*merchant)))
		b.state.Owed[*merchant] = currency.Minor(b.balances.Of(ledger.Account{Kind: ledger.Receivables, Owner: *merchant}))
	}
}

// uploads puts into the state what a merchant has uploaded late.
func (b *book) uploads(merchant string, c Redemption) {
	if c.OccurredAt != nil {
		late := b.balances.Turnover(clearing.PartyAccount(merchant)).Of(ledger.Late)
		b.state.Late[merchant] = Uploads{Count: late.Count, Moved: late.Debits + late.Credits}
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

// LoadSetup makes sure of the setup.
func (b *book) LoadSetup(ctx context.Context, db ledger.Querier) error {
	var err error
	if b.setup, err = b.setups.Setup(ctx, db, b.head); err != nil {
		return err
	}
	b.state.Setup = b.setup
	return nil
}

func (b *book) readCards(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT c.* FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = n.code OFFSET 0) c`, b.circle, codes).
		Query(b.scanCards)
}

// scanCards takes cards into memory, but those that are there already: they may
// have changed since what is on disk.
func (b *book) scanCards(rows pgx.Rows) error {
	cards, err := pgx.CollectRows(rows, scanCard(b.head.Circle.Currency))
	for i := range cards {
		if c := &cards[i]; !b.cards.Recall(b.state.Cards, c.Code) {
			b.state.Cards[c.Code] = c
		}
	}
	return err
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
		if b.state.Due.Until.Before(until) && b.LoadedThrough(until) {
			b.state.Due.Until = until
		}
	}
}

// LoadedThrough reports whether all that falls due at or before an instant is in memory.
func (b *book) LoadedThrough(through time.Time) bool {
	return !b.state.Due.Until.Before(through) || b.head.NextDueAt.IsZero() || b.head.NextDueAt.After(through)
}

// LoadDue reads what falls due at or before an instant and for a while after it,
// the earliest first.
func (b *book) LoadDue(ctx context.Context, db ledger.Session, through time.Time) error {
	if b.LoadedThrough(through) {
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

// namedOriginals is the transactions that reversals name: by caller and key, or by
// number.
const namedOriginals = `
	WITH named (caller, key, seq) AS (
	    SELECT r.caller, r.key, r.seq FROM unnest($2::text[], $3::text[]) AS o (caller, key),
	    LATERAL (SELECT caller, key, seq FROM requests WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r
	    WHERE r.seq IS NOT NULL
	    UNION ALL SELECT '', '', n FROM unnest($4::bigint[]) AS n
	) `

// readOriginals queues the reads of transactions that are to be reversed, with what
// was undone of them already and which of their commissions were released, and of
// their cards.
func (b *book) readOriginals(reads *pgx.Batch, references []Reference) {
	if len(references) == 0 {
		return
	}
	var seqs []int64
	var callers, keys []string
	for _, of := range references {
		if of.Seq != 0 {
			seqs = append(seqs, of.Seq)
		} else {
			callers, keys = append(callers, of.Caller), append(keys, of.Key)
		}
	}
	reads.Queue(namedOriginals+`
		SELECT t.*, n.caller, n.key, coalesce(r.amount, 0), coalesce(r.in_full, false),
		       CASE t.type WHEN 'card.sold' THEN (
		           SELECT coalesce(array_agg(c.level), '{}') FROM commissions c
		           WHERE c.alliance_id = $1 AND c.sale_seq = t.seq AND c.state = 'released') ELSE '{}' END
		FROM named n, LATERAL (SELECT `+ledger.TransactionColumns+` FROM transactions WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) t
		LEFT JOIN LATERAL (SELECT amount, in_full FROM reversed WHERE alliance_id = $1 AND seq = t.seq OFFSET 0) r ON true`,
		b.circle, callers, keys, seqs).Query(b.scanOriginals)
	reads.Queue(namedOriginals+`
		SELECT DISTINCT ON (c.card) c.*
		FROM named n, LATERAL (SELECT card FROM transactions WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) t,
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = t.card OFFSET 0) c`,
		b.circle, callers, keys, seqs).Query(b.scanCards)
}

func (b *book) scanOriginals(rows pgx.Rows) error {
	currency := b.head.Circle.Currency
	for rows.Next() {
		var by Reference
		var undone int64
		var inFull bool
		var released []int16
		t, err := ledger.ScanTransaction(rows, currency, &by.Caller, &by.Key, &undone, &inFull, &released)
		if err != nil {
			return err
		}
		record, err := DecodeRecord(t)
		if err != nil {
			return err
		}
		if by != (Reference{}) {
			b.state.Keys[by] = t.Seq
		}
		if b.originals.Recall(b.state.Log, t.Seq) {
			continue // what is in memory may have changed since
		}
		original := &Original{Record: record, Undone: currency.Minor(undone), InFull: inFull}
		for _, level := range released {
			original.Released[level] = true
		}
		for level := range original.Released {
			if b.releases.Recall(b.released, dueKey{t.Seq, level}) {
				original.Released[level] = true
			}
		}
		b.state.Log[t.Seq] = original
	}
	return rows.Err()
}
