package alliance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"lianka/clearing/columns"
	"lianka/clearing/ledger"
)

// Save queues the writes of all that has changed beside the ledger since the last
// time.
func (b *book) Save(batch *pgx.Batch) error {
	b.saveMembers(batch)
	b.saveCards(batch)
	b.saveCommissions(batch)
	b.saveDue(batch)
	b.saveReversed(batch)
	b.saved()
	return nil
}

// touched returns the cards that were changed, in the order of their
// codes.
func (b *book) touched() []*Card {
	seen := make(map[string]bool)
	var cards []*Card
	for i := range b.records {
		r := &b.records[i]
		if r.onCard() && !seen[r.Card] {
			seen[r.Card] = true
			cards = append(cards, b.state.Cards[r.Card])
		}
	}
	slices.SortFunc(cards, func(x, y *Card) int { return cmp.Compare(x.Code, y.Code) })
	return cards
}

// saveCards queues one statement for all cards that were sold or changed, as they
// are now. It is an upsert, because that finds its rows by the
// primary key however the statement was planned. A card that was there before
// must be the same sale and must not be newer than what is written, or the
// statement changes fewer rows than it should. Uses travel as the texts of their arrays, because cards have different
// numbers of them.
func (b *book) saveCards(batch *pgx.Batch) {
	cards := b.touched()
	if len(cards) == 0 {
		return
	}
	code, product, member, home := columns.Text(), columns.Text(), columns.Text(), columns.Text()
	soldSeq, soldAt, expiresAt := columns.Bigint(), columns.Timestamptz(), columns.Timestamptz()
	cancelled, frozen, expired := columns.Boolean(), columns.Boolean(), columns.Boolean()
	value, bonus, pool, points := columns.Bigint(), columns.Bigint(), columns.Bigint(), columns.Bigint()
	standing, uses, last := columns.Integer(), columns.Text(), columns.Bigint()
	var scratch []byte
	for _, c := range cards {
		code.Text(c.Code)
		product.Text(c.Product)
		member.Text(c.Member)
		home.Text(c.Home)
		soldSeq.Bigint(c.SoldSeq)
		soldAt.Instant(c.SoldAt)
		expiresAt.Instant(c.ExpiresAt)
		cancelled.Boolean(c.Cancelled)
		frozen.Boolean(c.Frozen)
		expired.Boolean(c.Expired)
		value.Bigint(c.Value.Minor())
		bonus.Bigint(c.Bonus.Minor())
		pool.Bigint(c.Pool.Minor())
		points.Bigint(c.Points)
		standing.Integer(int32(c.Standing))
		scratch = appendUses(scratch[:0], c)
		uses.Bytes(scratch)
		last.Bigint(c.LastSeq)
	}
	batch.Queue(`
		INSERT INTO cards AS c (alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		                        value, bonus, pool, points, standing, uses_left, last_seq)
		SELECT $1, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		       value, bonus, pool, points, standing, uses_left::integer[], last_seq
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
		            $9::boolean[], $10::boolean[], $11::boolean[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
		            $16::integer[], $17::text[], $18::bigint[])
		     AS n (card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		           value, bonus, pool, points, standing, uses_left, last_seq)
		ON CONFLICT (alliance_id, card) DO UPDATE SET
		       cancelled = excluded.cancelled, frozen = excluded.frozen, expired = excluded.expired, value = excluded.value,
		       bonus = excluded.bonus, pool = excluded.pool, points = excluded.points, standing = excluded.standing,
		       uses_left = excluded.uses_left, last_seq = excluded.last_seq
		WHERE c.sold_seq = excluded.sold_seq AND c.last_seq < excluded.last_seq`,
		b.circle, &code, &product, &member, &home, &soldSeq, &soldAt, &expiresAt, &cancelled, &frozen, &expired,
		&value, &bonus, &pool, &points, &standing, &uses, &last).
		Exec(func(tag pgconn.CommandTag) error {
			if n := int64(len(cards)); tag.RowsAffected() != n {
				return fmt.Errorf("%d of %d cards were changed by somebody who did not hold the circle's head", n-tag.RowsAffected(), n)
			}
			return nil
		})
}

// appendUses appends the uses left on a card as PostgreSQL writes an array.
func appendUses(b []byte, c *Card) []byte {
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
		FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS c (member, pending, payable, earned, clawed_back)
		WHERE m.alliance_id = $1 AND m.member = c.member`, circle, members, pending, payable, earned, clawedBack)
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
			FROM (SELECT sale_seq, level, min(state) AS state
			      FROM unnest($2::bigint[], $3::smallint[], $4::text[]) AS n (sale_seq, level, state) GROUP BY sale_seq, level) n
			WHERE c.alliance_id = $1 AND c.sale_seq = n.sale_seq AND c.level = n.level`,
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
			DELETE FROM due d USING unnest($2::timestamptz[], $3::smallint[], $4::bigint[], $5::smallint[]) AS n (due_at, rank, sale_seq, level)
			WHERE d.alliance_id = $1 AND d.due_at = n.due_at AND d.rank = n.rank AND d.sale_seq = n.sale_seq AND d.level = n.level`,
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
