package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/columns"
)

// touched returns the cards that were changed, in the order of their codes.
func (c *allianceState) touched() []touchedCard {
	used := make(map[string]bool)
	var cards []touchedCard
	for i := range c.records {
		r := &c.records[i]
		if c.state.Registry.Kind(r.Type).OffCard {
			continue
		}
		if r.Facts.Uses != 0 {
			used[r.Card] = true
		}
		if card := c.state.Cards[r.Card]; card.LastSeq == r.Seq { // its last
			cards = append(cards, touchedCard{Card: card, isNew: c.state.Changes.NewCards[r.Card], used: used[r.Card]})
		}
	}
	slices.SortFunc(cards, func(x, y touchedCard) int { return cmp.Compare(x.Code, y.Code) })
	return cards
}

// touchedCard is a changed card. It says whether the card is new, and whether its uses
// changed.
type touchedCard struct {
	*alliance.Card
	isNew, used bool
}

// cardRows is cards as columns, to be written to the database.
type cardRows struct {
	code, product, member, home, soldSeq, soldAt, expiresAt columns.Column // of those that were sold
	cancelled, frozen, expired                              columns.Column
	value, bonus, pool, points, unreversed, uses, last      columns.Column
	scratch                                                 []byte
}

func newCardRows() *cardRows {
	return &cardRows{
		code: columns.Text(), product: columns.Text(), member: columns.Text(), home: columns.Text(),
		soldSeq: columns.Bigint(), soldAt: columns.Timestamptz(), expiresAt: columns.Timestamptz(),
		cancelled: columns.Boolean(), frozen: columns.Boolean(), expired: columns.Boolean(),
		value: columns.Bigint(), bonus: columns.Bigint(), pool: columns.Bigint(), points: columns.Bigint(),
		unreversed: columns.Integer(), uses: columns.Text(), last: columns.Bigint(),
	}
}

func (r *cardRows) add(c touchedCard) {
	r.code.Text(c.Code)
	if c.isNew {
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
	r.unreversed.Integer(int32(c.Unreversed))
	if c.isNew || c.used {
		r.scratch = AppendUses(r.scratch[:0], c.UsesLeft)
		r.uses.Bytes(r.scratch)
	} else {
		r.uses.Null() // they are the longest, and most commands leave them alone
	}
	r.last.Bigint(c.LastSeq)
}

// saveCards queues the inserts of new cards and the updates of changed ones. Somebody
// who wrote a card without the circle's head shows in the number of updated rows. Uses
// are sent as array literals, because cards have different numbers of them.
func (c *allianceState) saveCards(batch *pgx.Batch) {
	sold, changed := newCardRows(), newCardRows()
	for _, card := range c.touched() {
		if card.isNew {
			sold.add(card)
		} else {
			changed.add(card)
		}
	}
	if sold.code.Rows() > 0 {
		batch.Queue(`
			INSERT INTO cards (alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			                   value, bonus, pool, points, unreversed, uses_left, last_seq)
			SELECT $1, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			       value, bonus, pool, points, unreversed, uses_left::integer[], last_seq
			FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
			            $9::boolean[], $10::boolean[], $11::boolean[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
			            $16::integer[], $17::text[], $18::bigint[])
			     AS n (card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
			           value, bonus, pool, points, unreversed, uses_left, last_seq)`,
			c.allianceID, &sold.code, &sold.product, &sold.member, &sold.home, &sold.soldSeq, &sold.soldAt, &sold.expiresAt,
			&sold.cancelled, &sold.frozen, &sold.expired, &sold.value, &sold.bonus, &sold.pool, &sold.points,
			&sold.unreversed, &sold.uses, &sold.last)
	}
	n := int64(changed.code.Rows())
	if n == 0 {
		return
	}
	batch.Queue(`
		UPDATE cards c SET cancelled = n.cancelled, frozen = n.frozen, expired = n.expired, value = n.value, bonus = n.bonus,
		       pool = n.pool, points = n.points, unreversed = n.unreversed, uses_left = coalesce(n.uses_left::integer[], c.uses_left),
		       last_seq = n.last_seq
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		                  $10::integer[], $11::text[], $12::bigint[])
		           AS n (card, cancelled, frozen, expired, value, bonus, pool, points, unreversed, uses_left, last_seq),
		      LATERAL (SELECT ctid AS row FROM cards WHERE alliance_id = $1 AND card = n.card OFFSET 0) at) n
		WHERE c.ctid = n.row AND c.last_seq < n.last_seq`,
		c.allianceID, &changed.code, &changed.cancelled, &changed.frozen, &changed.expired, &changed.value, &changed.bonus,
		&changed.pool, &changed.points, &changed.unreversed, &changed.uses, &changed.last).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != n {
				return fmt.Errorf("%d of %d cards were changed by somebody who did not hold the circle's head", n-tag.RowsAffected(), n)
			}
			return nil
		})
}

// AppendUses appends the uses left on a card as PostgreSQL writes an array.
func AppendUses(b []byte, left []int) []byte {
	b = append(b, '{')
	for i, n := range left {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, '}')
}
