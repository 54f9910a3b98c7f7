package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance"
)

// saveGrowth queues what changed of holds, gifts, campaigns and items: nothing in most
// batches.
func (c *allianceState) saveGrowth(batch *pgx.Batch) error {
	c.saveHolds(batch)
	c.saveCampaignSums(batch)
	c.saveGiftCounts(batch)
	c.saveItemSums(batch)
	return c.saveGifts(batch)
}

// all returns a check that a statement has written as many rows as it should. Others were
// written by somebody who did not hold the circle's head.
func all(what string, n int) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(n) {
			return fmt.Errorf("%d of %d %s are not as they were left", int64(n)-tag.RowsAffected(), n, what)
		}
		return nil
	}
}

// recorded returns the record of a number, if it is one of those that are to be saved.
func (c *allianceState) recorded(seq int64) *alliance.Record {
	i, found := slices.BinarySearchFunc(c.records, seq, func(r alliance.Record, seq int64) int { return cmp.Compare(r.Seq, seq) })
	if !found {
		return nil
	}
	return &c.records[i]
}

// saveHolds queues the holds that were placed, as they are by now, and the ends of others.
func (c *allianceState) saveHolds(batch *pgx.Batch) {
	changes := c.state.Changes.Holds
	if len(changes) == 0 {
		return
	}
	last := make(map[int64]alliance.HoldChange, len(changes))
	for _, change := range changes {
		last[change.Seq] = change
	}
	var placed, ended holdRows
	for _, seq := range slices.Sorted(maps.Keys(last)) {
		change := last[seq]
		if r := c.recorded(seq); r != nil {
			placed.add(change)
			placed.cards, placed.merchants = append(placed.cards, r.Card), append(placed.merchants, r.Merchant)
			placed.amounts = append(placed.amounts, r.Facts.Amount)
			placed.at, placed.until = append(placed.at, r.BookedAt), append(placed.until, *r.Facts.ExpiresAt)
		} else {
			ended.add(change)
		}
	}
	if len(placed.seqs) > 0 {
		batch.Queue(`
			INSERT INTO holds (alliance_id, seq, card, merchant, amount, placed_at, expires_at, state, captured)
			SELECT $1, seq, card, merchant, amount, placed_at, expires_at, state, captured
			FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::bigint[])
			     AS n (seq, card, merchant, amount, placed_at, expires_at, state, captured)`,
			c.allianceID, placed.seqs, placed.cards, placed.merchants, placed.amounts, placed.at, placed.until, placed.states, placed.captured)
	}
	if n := len(ended.seqs); n > 0 {
		batch.Queue(`
			UPDATE holds h SET state = n.state, captured = n.captured
			FROM (SELECT at.row, n.*
			      FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS n (seq, state, captured),
			      LATERAL (SELECT ctid AS row FROM holds WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) at) n
			WHERE h.ctid = n.row`,
			c.allianceID, ended.seqs, ended.states, ended.captured).Exec(all("holds", n))
	}
}

// holdRows is holds as columns; those that end have only the first three.
type holdRows struct {
	seqs             []int64
	states           []string
	captured         []int64
	cards, merchants []string
	amounts          []int64
	at, until        []time.Time
}

func (r *holdRows) add(h alliance.HoldChange) {
	r.seqs, r.states, r.captured = append(r.seqs, h.Seq), append(r.states, string(h.State)), append(r.captured, h.Captured)
}

// saveGifts queues the gifts that were given and those that changed.
func (c *allianceState) saveGifts(batch *pgx.Batch) error {
	changes := c.state.Changes.Gifts
	if len(changes) == 0 {
		return nil
	}
	var given, changed []giftRow
	for _, seq := range slices.Sorted(maps.Keys(changes)) {
		if c.recorded(seq) != nil {
			given = append(given, giftRowOf(changes[seq]))
		} else {
			changed = append(changed, giftRowOf(changes[seq]))
		}
	}
	if len(given) > 0 {
		rows, err := json.Marshal(given)
		if err != nil {
			return err
		}
		batch.Queue(`
			INSERT INTO gifts (alliance_id, sold_seq, seq, campaign, cause, points, bonus, coupons, expires_at, uses_left, ended)
			SELECT $1, sold_seq, seq, campaign, cause, points, bonus, coupons, expires_at, uses_left, ended
			FROM json_populate_recordset(NULL::gifts, $2::text::json)`, c.allianceID, string(rows))
	}
	if len(changed) > 0 {
		rows, err := json.Marshal(changed)
		if err != nil {
			return err
		}
		batch.Queue(`
			UPDATE gifts g SET points = n.points, bonus = n.bonus, uses_left = n.uses_left, ended = n.ended
			FROM (SELECT at.row, n.points, n.bonus, n.uses_left, n.ended
			      FROM json_populate_recordset(NULL::gifts, $2::text::json) n,
			      LATERAL (SELECT ctid AS row FROM gifts WHERE alliance_id = $1 AND sold_seq = n.sold_seq AND seq = n.seq OFFSET 0) at) n
			WHERE g.ctid = n.row`, c.allianceID, string(rows)).Exec(all("gifts", len(changed)))
	}
	return nil
}

// saveCampaignSums queues what campaigns have given.
func (c *allianceState) saveCampaignSums(batch *pgx.Batch) {
	campaigns := slices.Sorted(maps.Keys(c.state.Changes.Campaigns))
	n := len(campaigns)
	if n == 0 {
		return
	}
	given, committed := make([]int64, n), make([]int64, n)
	for i, code := range campaigns {
		sums := c.state.Campaigns[code]
		given[i], committed[i] = sums.Given, sums.Committed
	}
	batch.Queue(`
		UPDATE campaign_sums s SET given = n.given, committed = n.committed
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS n (campaign, given, committed),
		      LATERAL (SELECT ctid AS row FROM campaign_sums WHERE alliance_id = $1 AND campaign = n.campaign OFFSET 0) at) n
		WHERE s.ctid = n.row`, c.allianceID, campaigns, given, committed).Exec(all("campaigns", n))
}

// saveGiftCounts queues how often members got gifts, and which campaigns have answered that
// they were brought.
func (c *allianceState) saveGiftCounts(batch *pgx.Batch) {
	if changes := c.state.Changes.Given; len(changes) > 0 {
		counts := slices.SortedFunc(maps.Keys(changes), func(x, y alliance.GiftCount) int {
			return cmp.Or(cmp.Compare(x.Member, y.Member), cmp.Compare(x.Campaign, y.Campaign), cmp.Compare(x.Span, y.Span))
		})
		n := len(counts)
		members, campaigns, spans, given := make([]string, n), make([]string, n), make([]int32, n), make([]int32, n)
		for i, count := range counts {
			members[i], campaigns[i], spans[i], given[i] = count.Member, count.Campaign, int32(count.Span), int32(changes[count])
		}
		batch.Queue(`
			INSERT INTO gift_counts AS g (alliance_id, member, campaign, span, given)
			SELECT $1, member, campaign, span, given
			FROM unnest($2::text[], $3::text[], $4::integer[], $5::integer[]) AS n (member, campaign, span, given)
			ON CONFLICT (alliance_id, member, campaign, span) DO UPDATE SET given = g.given + excluded.given`,
			c.allianceID, members, campaigns, spans, given)
	}
	if fired := c.state.Changes.Fired; len(fired) > 0 {
		members, campaigns := make([]string, len(fired)), make([]string, len(fired))
		for i, f := range fired {
			members[i], campaigns[i] = f.Member, f.Campaign
		}
		batch.Queue(`
			INSERT INTO referrals_answered (alliance_id, member, campaign)
			SELECT $1, member, campaign FROM unnest($2::text[], $3::text[]) AS n (member, campaign)`, c.allianceID, members, campaigns)
	}
}

// saveItemSums queues how many of the mall's items were redeemed.
func (c *allianceState) saveItemSums(batch *pgx.Batch) {
	items := slices.Sorted(maps.Keys(c.state.Changes.Items))
	n := len(items)
	if n == 0 {
		return
	}
	redeemed := make([]int64, n)
	for i, code := range items {
		redeemed[i] = c.state.Items[code].Redeemed
	}
	batch.Queue(`
		UPDATE item_sums s SET redeemed = n.redeemed
		FROM (SELECT at.row, n.*
		      FROM unnest($2::text[], $3::bigint[]) AS n (item, redeemed),
		      LATERAL (SELECT ctid AS row FROM item_sums WHERE alliance_id = $1 AND item = n.item OFFSET 0) at) n
		WHERE s.ctid = n.row`, c.allianceID, items, redeemed).Exec(all("items", n))
}
