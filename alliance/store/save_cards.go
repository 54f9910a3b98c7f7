package store

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/columns"
)

// touchedCard is a changed card. It says whether the card is new, whether its uses and its
// growth changed, and whether what few commands change may have: who has it, its holds, gifts
// and the sums by which it is refunded.
type touchedCard struct {
	*alliance.Card
	isNew, used, grown, whole bool
}

// touched returns the cards that were changed, in the order of their codes.
func (c *allianceState) touched() []touchedCard {
	changes := c.state.Changes
	used, whole := make(map[string]bool), make(map[string]bool)
	var cards []touchedCard
	touch := func(code string, r *alliance.Record) {
		if card := c.state.Cards[code]; card.LastSeq == r.Seq { // its last
			cards = append(cards, touchedCard{Card: card, isNew: changes.NewCards[code], used: used[code], grown: changes.Grown[code], whole: whole[code]})
		}
	}
	for i := range c.records {
		r := &c.records[i]
		if c.state.Registry.Kind(r.Type).OffCard {
			continue
		}
		if r.Facts.Uses != 0 {
			used[r.Card] = true
		}
		if c.changesWhole(r) {
			whole[r.Card] = true
		}
		if r.Facts.Growth != nil && r.Facts.Growth.NewCard != "" {
			used[r.Card] = true // none are left
			touch(r.Facts.Growth.NewCard, r)
		}
		touch(r.Card, r)
	}
	slices.SortFunc(cards, func(x, y touchedCard) int { return cmp.Compare(x.Code, y.Code) })
	return cards
}

// changesWhole reports whether a record may change of its card what is seldom changed.
func (c *allianceState) changesWhole(r *alliance.Record) bool {
	if r.Facts.Growth != nil {
		return true
	}
	kind := c.state.Registry.Kind(r.Type)
	if kind.Undoes {
		if original := c.state.Log[r.Corrects]; original != nil {
			kind = c.state.Registry.Kind(original.Type)
		}
	}
	return kind.Totals != nil && !kind.Consumption // of a spend, value and bonus say it
}

// cardRows is cards as columns, to be written to the database.
type cardRows struct {
	code, product, home, soldSeq, soldAt, expiresAt              columns.Column // of those that were sold
	cancelled, frozen, expired                                   columns.Column
	value, bonus, pool, points, unreversed, redeemed, uses, last columns.Column
	growth                                                       columns.Column
	member, heldSince, replacedBy, refunded, held, holds         columns.Column // of those that are written whole
	gifts, toppedUp, toppedUpBonus, giftBonus                    columns.Column // of the same
	grown                                                        bool           // the growth of one has changed
	scratch                                                      []byte
}

func newCardRows() *cardRows {
	return &cardRows{
		code: columns.Text(), product: columns.Text(), home: columns.Text(),
		soldSeq: columns.Bigint(), soldAt: columns.Timestamptz(), expiresAt: columns.Timestamptz(),
		cancelled: columns.Boolean(), frozen: columns.Boolean(), expired: columns.Boolean(),
		value: columns.Bigint(), bonus: columns.Bigint(), pool: columns.Bigint(), points: columns.Bigint(),
		unreversed: columns.Integer(), redeemed: columns.Integer(), uses: columns.Text(), last: columns.Bigint(),
		member: columns.Text(), heldSince: columns.Bigint(), replacedBy: columns.Text(), refunded: columns.Boolean(),
		held: columns.Bigint(), holds: columns.Integer(), gifts: columns.Integer(), growth: columns.Text(),
		toppedUp: columns.Bigint(), toppedUpBonus: columns.Bigint(), giftBonus: columns.Bigint(),
	}
}

func (r *cardRows) add(c touchedCard) {
	r.code.Text(c.Code)
	if c.isNew {
		r.product.Text(c.Product)
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
	r.redeemed.Integer(int32(c.Redeemed))
	if c.isNew || c.used {
		r.scratch = AppendUses(r.scratch[:0], c.UsesLeft)
		r.uses.Bytes(r.scratch)
	} else {
		r.uses.Null() // they are the longest, and most commands leave them alone
	}
	r.last.Bigint(c.LastSeq)
	rare := c.isNew || c.whole
	if len(c.Growth) > 0 && (c.grown || rare) {
		r.grown = true
		r.scratch = appendGrowth(r.scratch[:0], c.Growth)
		r.growth.Bytes(r.scratch)
	} else {
		r.growth.Null()
	}
	if rare {
		r.addRare(c.Card)
	}
}

// addRare adds what few commands change.
func (r *cardRows) addRare(c *alliance.Card) {
	r.member.Text(c.Member)
	r.heldSince.Bigint(c.HeldSince)
	if c.ReplacedBy == nil {
		r.replacedBy.Null()
	} else {
		r.replacedBy.Text(*c.ReplacedBy)
	}
	r.refunded.Boolean(c.Refunded)
	r.held.Bigint(c.Held)
	r.holds.Integer(int32(c.Holds))
	r.gifts.Integer(int32(len(c.Gifts)))
	r.toppedUp.Bigint(c.ToppedUp)
	r.toppedUpBonus.Bigint(c.ToppedUpBonus)
	r.giftBonus.Bigint(c.GiftBonus)
}

// saveCards queues the inserts of new cards and the updates of changed ones. Somebody
// who wrote a card without the circle's head shows in the number of updated rows. Uses
// are sent as array literals, because cards have different numbers of them. Most changed
// cards are written without the columns that few commands change.
func (c *allianceState) saveCards(batch *pgx.Batch) {
	var sold, whole *cardRows // few batches have them
	changed := newCardRows()
	for _, card := range c.touched() {
		switch {
		case card.isNew:
			if sold == nil {
				sold = newCardRows()
			}
			sold.add(card)
		case card.whole:
			if whole == nil {
				whole = newCardRows()
			}
			whole.add(card)
		default:
			changed.add(card)
		}
	}
	if sold != nil {
		c.insertCards(batch, sold)
	}
	if whole != nil {
		c.updateWholeCards(batch, whole)
	}
	switch {
	case changed.code.Rows() == 0:
	case changed.grown:
		c.updateGrownCards(batch, changed)
	default:
		c.updateCards(batch, changed)
	}
}

// updateCards queues the updates of what most commands change of cards.
func (c *allianceState) updateCards(batch *pgx.Batch, r *cardRows) {
	batch.Queue(`
		UPDATE cards c SET cancelled = n.cancelled, frozen = n.frozen, expired = n.expired, value = n.value, bonus = n.bonus,
		       pool = n.pool, points = n.points, unreversed = n.unreversed, redeemed = n.redeemed,
		       uses_left = coalesce(n.uses_left::integer[], c.uses_left), last_seq = n.last_seq
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		                  $10::integer[], $11::integer[], $12::text[], $13::bigint[])
		           AS n (card, cancelled, frozen, expired, value, bonus, pool, points, unreversed, redeemed, uses_left, last_seq),
		      LATERAL (SELECT ctid AS row FROM cards WHERE alliance_id = $1 AND card = n.card OFFSET 0) at) n
		WHERE c.ctid = n.row AND c.last_seq < n.last_seq`,
		c.allianceID, &r.code, &r.cancelled, &r.frozen, &r.expired, &r.value, &r.bonus,
		&r.pool, &r.points, &r.unreversed, &r.redeemed, &r.uses, &r.last).
		Exec(all("cards", r.code.Rows()))
}

// updateGrownCards queues the same with the growth of cards, which nearly all uses of cards change in a circle that has
// tiers. Growth that has begun goes away with all that is on the card only.
func (c *allianceState) updateGrownCards(batch *pgx.Batch, r *cardRows) {
	batch.Queue(`
		UPDATE cards c SET cancelled = n.cancelled, frozen = n.frozen, expired = n.expired, value = n.value, bonus = n.bonus,
		       pool = n.pool, points = n.points, unreversed = n.unreversed, redeemed = n.redeemed,
		       uses_left = coalesce(n.uses_left::integer[], c.uses_left), last_seq = n.last_seq,
		       growth = coalesce(n.growth::bigint[], c.growth)
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		                  $10::integer[], $11::integer[], $12::text[], $13::bigint[], $14::text[])
		           AS n (card, cancelled, frozen, expired, value, bonus, pool, points, unreversed, redeemed, uses_left, last_seq, growth),
		      LATERAL (SELECT ctid AS row FROM cards WHERE alliance_id = $1 AND card = n.card OFFSET 0) at) n
		WHERE c.ctid = n.row AND c.last_seq < n.last_seq`,
		c.allianceID, &r.code, &r.cancelled, &r.frozen, &r.expired, &r.value, &r.bonus,
		&r.pool, &r.points, &r.unreversed, &r.redeemed, &r.uses, &r.last, &r.growth).
		Exec(all("cards", r.code.Rows()))
}

func (c *allianceState) insertCards(batch *pgx.Batch, r *cardRows) {
	batch.Queue(`
		INSERT INTO cards (alliance_id, card, product, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		                   value, bonus, pool, points, unreversed, redeemed, uses_left, last_seq, member, held_since, replaced_by, refunded,
		                   held, holds, gifts, growth, topped_up, topped_up_bonus, gift_bonus)
		SELECT $1, card, product, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		       value, bonus, pool, points, unreversed, redeemed, uses_left::integer[], last_seq, member, held_since, replaced_by, refunded,
		       held, holds, gifts, growth::bigint[], topped_up, topped_up_bonus, gift_bonus
		FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[],
		            $8::boolean[], $9::boolean[], $10::boolean[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
		            $15::integer[], $16::integer[], $17::text[], $18::bigint[], $19::text[], $20::bigint[], $21::text[], $22::boolean[],
		            $23::bigint[], $24::integer[], $25::integer[], $26::text[], $27::bigint[], $28::bigint[], $29::bigint[])
		     AS n (card, product, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
		           value, bonus, pool, points, unreversed, redeemed, uses_left, last_seq, member, held_since, replaced_by, refunded,
		           held, holds, gifts, growth, topped_up, topped_up_bonus, gift_bonus)`,
		c.allianceID, &r.code, &r.product, &r.home, &r.soldSeq, &r.soldAt, &r.expiresAt,
		&r.cancelled, &r.frozen, &r.expired, &r.value, &r.bonus, &r.pool, &r.points,
		&r.unreversed, &r.redeemed, &r.uses, &r.last, &r.member, &r.heldSince, &r.replacedBy, &r.refunded,
		&r.held, &r.holds, &r.gifts, &r.growth, &r.toppedUp, &r.toppedUpBonus, &r.giftBonus)
}

// updateWholeCards queues the updates of all that may change about cards.
func (c *allianceState) updateWholeCards(batch *pgx.Batch, r *cardRows) {
	batch.Queue(`
		UPDATE cards c SET cancelled = n.cancelled, frozen = n.frozen, expired = n.expired, value = n.value, bonus = n.bonus,
		       pool = n.pool, points = n.points, unreversed = n.unreversed, redeemed = n.redeemed,
		       uses_left = coalesce(n.uses_left::integer[], c.uses_left), last_seq = n.last_seq,
		       member = n.member, held_since = n.held_since, replaced_by = n.replaced_by, refunded = n.refunded,
		       held = n.held, holds = n.holds, gifts = n.gifts, growth = n.growth::bigint[],
		       topped_up = n.topped_up, topped_up_bonus = n.topped_up_bonus, gift_bonus = n.gift_bonus
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		                  $10::integer[], $11::integer[], $12::text[], $13::bigint[], $14::text[], $15::bigint[], $16::text[], $17::boolean[],
		                  $18::bigint[], $19::integer[], $20::integer[], $21::text[], $22::bigint[], $23::bigint[], $24::bigint[])
		           AS n (card, cancelled, frozen, expired, value, bonus, pool, points, unreversed, redeemed, uses_left, last_seq,
		                 member, held_since, replaced_by, refunded, held, holds, gifts, growth, topped_up, topped_up_bonus, gift_bonus),
		      LATERAL (SELECT ctid AS row FROM cards WHERE alliance_id = $1 AND card = n.card OFFSET 0) at) n
		WHERE c.ctid = n.row AND c.last_seq < n.last_seq`,
		c.allianceID, &r.code, &r.cancelled, &r.frozen, &r.expired, &r.value, &r.bonus,
		&r.pool, &r.points, &r.unreversed, &r.redeemed, &r.uses, &r.last, &r.member, &r.heldSince, &r.replacedBy, &r.refunded,
		&r.held, &r.holds, &r.gifts, &r.growth, &r.toppedUp, &r.toppedUpBonus, &r.giftBonus).
		Exec(all("cards", r.code.Rows()))
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

// appendGrowth appends a card's growth as PostgreSQL writes an array: three numbers a window.
func appendGrowth(b []byte, growth []alliance.Growth) []byte {
	b = append(b, '{')
	for i, g := range growth {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(g.Month), 10)
		b = strconv.AppendInt(append(b, ','), g.Spent, 10)
		b = strconv.AppendInt(append(b, ','), g.Points, 10)
	}
	return append(b, '}')
}
