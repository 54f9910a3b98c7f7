package alliance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing/columns"
	"github.com/lianka/lianka/clearing/ledger"
)

// QueueWrites queues the writes of all that has changed beside the ledger since the last
// time.
func (b *book) QueueWrites(batch *pgx.Batch) error {
	b.saveMembers(batch)
	b.saveCards(batch)
	b.saveCommissions(batch)
	b.saveDue(batch)
	b.saveReversed(batch)
	b.saved()
	return nil
}

// touched returns the cards that were changed, each with what else is to be known
// of it, in the order of their codes.
func (b *book) touched() []touchedCard {
	sold, used := make(map[string]bool), make(map[string]bool)
	var cards []touchedCard
	for i := range b.records {
		r := &b.records[i]
		if !r.onCard() {
			continue
		}
		if r.Type == CardSold {
			sold[r.Card] = true
		}
		if r.Facts.Uses != 0 {
			used[r.Card] = true
		}
		if card := b.state.Cards[r.Card]; card.LastSeq == r.Seq { // its last
			cards = append(cards, touchedCard{Card: card, sold: sold[r.Card], used: used[r.Card]})
		}
	}
	slices.SortFunc(cards, func(x, y touchedCard) int { return cmp.Compare(x.Code, y.Code) })
	return cards
}

// touchedCard is a card that was changed: whether it was sold just now, and
// whether its uses changed.
type touchedCard struct {
	*Card
	sold, used bool
}

// cardRows is cards on their way to the database.
type cardRows struct {
	code, product, member, home, soldSeq, soldAt, expiresAt columns.Column // of those that were sold
	cancelled, frozen, expired                              columns.Column
	value, bonus, pool, points, standing, uses, last        columns.Column
	scratch                                                 []byte
}

func newCardRows() *cardRows {
	return &cardRows{
		code: columns.Text(), product: columns.Text(), member: columns.Text(), home: columns.Text(),
		soldSeq: columns.Bigint(), soldAt: columns.Timestamptz(), expiresAt: columns.Timestamptz(),
		cancelled: columns.Boolean(), frozen: columns.Boolean(), expired: columns.Boolean(),
		value: columns.Bigint(), bonus: columns.Bigint(), pool: columns.Bigint(), points: columns.Bigint(),
		standing: columns.Integer(), uses: columns.Text(), last: columns.Bigint(),
	}
}

func (r *cardRows) add(c touchedCard) {
	r.code.Text(c.Code)
	if c.sold {
		r.product.Text(c.Product)
		r.member.Text(c.Member)
		r.home.Text(c.Home)
		r.soldSeq.Bigint(c.SoldSeq)
		r.soldAt.Instant(c.SoldAt)
		r.expiresAt.Instant(c.ExpiresAt)
	}
	r.cancelled.Boolean(c.Cancelled)
	r.frozen.Boolean(c.Frozen)
	r.expired.Boolean(c.Expired)
	r.value.Bigint(c.Value.Minor())
	r.bonus.Bigint(c.Bonus.Minor())
	r.pool.Bigint(c.Pool.Minor())
	r.points.Bigint(c.Points)
	r.standing.Integer(int32(c.Standing))
	if c.sold || c.used {
		r.scratch = c.AppendUses(r.scratch[:0])
		r.uses.Bytes(r.scratch)
	} else {
		r.uses.Null() // they are the longest, and most commands leave them alone
	}
	r.last.Bigint(c.LastSeq)
}

// saveCards queues the inserts of cards that were sold and the updates of those
// that were changed, as they are now. A card must not be newer than what is
// written, or there are fewer updates than there should be. Uses travel as the
// texts of their arrays, because cards have different numbers of them.
func (b *book) saveCards(batch *pgx.Batch) {
	sold, changed := newCardRows(), newCardRows()
	for _, c := range b.touched() {
		if c.sold {
			sold.add(c)
		} else {
			changed.add(c)
		}
	}
	if sold.code.Rows() > 0 {
		batch.Queue(`
			INSERT INTO cards (alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			                   value, bonus, pool, points, standing, uses_left, last_seq)
			SELECT $1, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			       value, bonus, pool, points, standing, uses_left::integer[], last_seq
			FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
			            $9::boolean[], $10::boolean[], $11::boolean[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
			            $16::integer[], $17::text[], $18::bigint[])
			     AS n (card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			           value, bonus, pool, points, standing, uses_left, last_seq)`,
			b.circle, &sold.code, &sold.product, &sold.member, &sold.home, &sold.soldSeq, &sold.soldAt, &sold.expiresAt,
			&sold.cancelled, &sold.frozen, &sold.expired, &sold.value, &sold.bonus, &sold.pool, &sold.points,
			&sold.standing, &sold.uses, &sold.last)
	}
	n := int64(changed.code.Rows())
	if n == 0 {
		return
	}
	batch.Queue(`
		UPDATE cards c SET cancelled = n.cancelled, frozen = n.frozen, expired = n.expired, value = n.value, bonus = n.bonus,
		       pool = n.pool, points = n.points, standing = n.standing, uses_left = coalesce(n.uses_left::integer[], c.uses_left),
		       last_seq = n.last_seq
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		                  $10::integer[], $11::text[], $12::bigint[])
		           AS n (card, cancelled, frozen, expired, value, bonus, pool, points, standing, uses_left, last_seq),
		      LATERAL (SELECT ctid AS row FROM cards WHERE alliance_id = $1 AND card = n.card OFFSET 0) at) n
		WHERE c.ctid = n.row AND c.last_seq < n.last_seq`,
		b.circle, &changed.code, &changed.cancelled, &changed.frozen, &changed.expired, &changed.value, &changed.bonus,
		&changed.pool, &changed.points, &changed.standing, &changed.uses, &changed.last).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != n {
				return fmt.Errorf("%d of %d cards were changed by somebody who did not hold the circle's head", n-tag.RowsAffected(), n)
			}
			return nil
		})
}

// AppendUses appends the uses left on a card as PostgreSQL writes an array.
func (c *Card) AppendUses(b []byte) []byte {
	b = append(b, '{')
	for i, left := range c.UsesLeft {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(left), 10)
	}
	return append(b, '}')
}

// commissionChange is what changes of a member's commission.
type commissionChange struct{ pending, payable, earned, clawedBack int64 }

// saveMembers queues new members, then what changed of members' commission.
func (b *book) saveMembers(batch *pgx.Batch) {
	if n := len(b.joined); n > 0 {
		referrers, seconds, seqs := make([]string, n), make([]string, n), make([]int64, n)
		at := make(map[string]int, n)
		for i, code := range b.joined {
			m := b.state.Members[code]
			referrers[i], seconds[i], at[code] = m.Referrer, m.Second, i
		}
		for i := range b.records {
			if r := &b.records[i]; r.Facts.Joined {
				seqs[at[r.Member]] = r.Seq
			}
		}
		batch.Queue(`
			INSERT INTO members (alliance_id, member, referrer, second, joined_seq)
			SELECT $1, member, nullif(referrer, ''), nullif(second, ''), joined_seq
			FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS m (member, referrer, second, joined_seq)`,
			b.circle, b.joined, referrers, seconds, seqs)
	}
	changes := make(map[string]*commissionChange)
	for i := range b.records {
		r := &b.records[i]
		for _, e := range r.Entries {
			if e.Account.Kind != ledger.CommissionPending && e.Account.Kind != ledger.CommissionPayable {
				continue
			}
			c := changes[e.Account.Owner]
			if c == nil {
				c = &commissionChange{}
				changes[e.Account.Owner] = c
			}
			c.add(r.Type, e)
		}
	}
	saveCommissionChanges(batch, b.circle, changes)
}

// add takes in an entry on a commission account; a credit is what the member
// gains.
func (c *commissionChange) add(kind ledger.Type, e ledger.Entry) {
	gained := -e.Amount.Minor()
	if e.Account.Kind == ledger.CommissionPending {
		c.pending += gained
	} else {
		c.payable += gained
	}
	switch kind {
	case CardSold:
		c.earned += gained
	case Reversed:
		c.clawedBack -= gained
	}
}

func saveCommissionChanges(batch *pgx.Batch, circle int64, changes map[string]*commissionChange) {
	if len(changes) == 0 {
		return
	}
	members := make([]string, 0, len(changes))
	for member := range changes {
		members = append(members, member)
	}
	slices.Sort(members)
	n := len(members)
	pending, payable, earned, clawedBack := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, member := range members {
		c := changes[member]
		pending[i], payable[i], earned[i], clawedBack[i] = c.pending, c.payable, c.earned, c.clawedBack
	}
	batch.Queue(`
		UPDATE members m SET pending = m.pending + c.pending, payable = m.payable + c.payable,
		       earned = m.earned + c.earned, clawed_back = m.clawed_back + c.clawed_back
		FROM (SELECT at.row, c.*
		      FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS c (member, pending, payable, earned, clawed_back),
		      LATERAL (SELECT ctid AS row FROM members WHERE alliance_id = $1 AND member = c.member OFFSET 0) at) c
		WHERE m.ctid = c.row`, circle, members, pending, payable, earned, clawedBack)
}

// saveCommissions queues what was earned by sales, and what was released or
// clawed back.
func (b *book) saveCommissions(batch *pgx.Batch) {
	var seqs, amounts []int64
	var levels []int16
	var members []string
	var releases []time.Time
	var changedSeqs []int64
	var changedLevels []int16
	var states []string
	for i := range b.records {
		r := &b.records[i]
		switch {
		case r.Type == CardSold:
			for _, c := range r.Facts.Commissions {
				seqs, levels, members = append(seqs, r.Seq), append(levels, int16(c.Level)), append(members, c.Member)
				amounts, releases = append(amounts, c.Amount), append(releases, *r.Facts.ReleaseAt)
			}
		case r.Type == CommissionReleased:
			changedSeqs, changedLevels, states = append(changedSeqs, r.Facts.SaleSeq), append(changedLevels, int16(r.Facts.Level)), append(states, "released")
		case r.Type == Reversed:
			for _, c := range r.Facts.Commissions {
				changedSeqs, changedLevels, states = append(changedSeqs, r.Corrects), append(changedLevels, int16(c.Level)), append(states, "clawed_back")
			}
		}
	}
	if len(seqs) > 0 {
		batch.Queue(`
			INSERT INTO commissions (alliance_id, sale_seq, level, member, amount, release_at, state)
			SELECT $1, sale_seq, level, member, amount, release_at, 'pending'
			FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::bigint[], $6::timestamptz[]) AS c (sale_seq, level, member, amount, release_at)`,
			b.circle, seqs, levels, members, amounts, releases)
	}
	if len(changedSeqs) > 0 {
		// A commission can be released and clawed back in one batch; the later
		// state, which is always clawed_back, wins.
		batch.Queue(`
			UPDATE commissions c SET state = n.state
			FROM (SELECT at.row, n.state
			      FROM (SELECT sale_seq, level, min(state) AS state
			            FROM unnest($2::bigint[], $3::smallint[], $4::text[]) AS n (sale_seq, level, state) GROUP BY sale_seq, level) n,
			      LATERAL (SELECT ctid AS row FROM commissions WHERE alliance_id = $1 AND sale_seq = n.sale_seq AND level = n.level OFFSET 0) at) n
			WHERE c.ctid = n.row`,
			b.circle, changedSeqs, changedLevels, states)
	}
}

// saveDue queues what falls due later and what has been done.
func (b *book) saveDue(batch *pgx.Batch) {
	columns := func(work []DueWork) (at []time.Time, ranks []int16, seqs []int64, levels []int16) {
		for _, w := range work {
			at, ranks = append(at, w.At), append(ranks, int16(w.Rank))
			seqs, levels = append(seqs, w.SaleSeq), append(levels, int16(w.Level))
		}
		return at, ranks, seqs, levels
	}
	if len(b.done) > 0 {
		at, ranks, seqs, levels := columns(b.done)
		batch.Queue(`
			DELETE FROM due d
			USING unnest($2::timestamptz[], $3::smallint[], $4::bigint[], $5::smallint[]) AS n (due_at, rank, sale_seq, level),
			LATERAL (SELECT ctid AS row FROM due
			         WHERE alliance_id = $1 AND due_at = n.due_at AND rank = n.rank AND sale_seq = n.sale_seq AND level = n.level OFFSET 0) at
			WHERE d.ctid = at.row`,
			b.circle, at, ranks, seqs, levels)
	}
	if len(b.added) > 0 {
		added := make([]DueWork, 0, len(b.added))
		for _, work := range b.added {
			added = append(added, work)
		}
		slices.SortFunc(added, func(x, y DueWork) int {
			if x.before(y) {
				return -1
			}
			return 1
		})
		at, ranks, seqs, levels := columns(added)
		batch.Queue(`
			INSERT INTO due (alliance_id, due_at, rank, sale_seq, level)
			SELECT $1, due_at, rank, sale_seq, level
			FROM unnest($2::timestamptz[], $3::smallint[], $4::bigint[], $5::smallint[]) AS n (due_at, rank, sale_seq, level)`,
			b.circle, at, ranks, seqs, levels)
	}
}

// saveReversed queues how much was undone of what reversals named.
func (b *book) saveReversed(batch *pgx.Batch) {
	if len(b.undone) == 0 {
		return
	}
	var seqs, amounts []int64
	var inFull []bool
	for seq, original := range b.undone {
		seqs, amounts, inFull = append(seqs, seq), append(amounts, original.Undone.Minor()), append(inFull, original.InFull)
	}
	batch.Queue(`
		INSERT INTO reversed (alliance_id, seq, amount, in_full)
		SELECT $1, seq, amount, in_full FROM unnest($2::bigint[], $3::bigint[], $4::boolean[]) AS r (seq, amount, in_full)
		ON CONFLICT (alliance_id, seq) DO UPDATE SET amount = excluded.amount, in_full = excluded.in_full`,
		b.circle, seqs, amounts, inFull)
}
