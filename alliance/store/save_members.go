package store

import (
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// saveMembers queues new members, then what changed of members' commission.
func (c *allianceState) saveMembers(batch *pgx.Batch) {
	if joined := c.state.Changes.NewMembers; len(joined) > 0 {
		n := len(joined)
		members, referrers, seconds, seqs := make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
		for i, m := range joined {
			members[i], referrers[i], seconds[i], seqs[i] = m.Code, m.Referrer, m.Second, m.JoinedSeq
		}
		batch.Queue(`
			INSERT INTO members (alliance_id, member, referrer, second, joined_seq)
			SELECT $1, member, nullif(referrer, ''), nullif(second, ''), joined_seq
			FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS m (member, referrer, second, joined_seq)`,
			c.allianceID, members, referrers, seconds, seqs)
	}
	changes := c.state.Changes.Members
	if len(changes) == 0 {
		return
	}
	members := slices.Sorted(maps.Keys(changes))
	n := len(members)
	pending, payable, earned, clawedBack := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, member := range members {
		sums := changes[member]
		pending[i], payable[i], earned[i], clawedBack[i] = sums.Pending, sums.Payable, sums.Earned, sums.ClawedBack
	}
	batch.Queue(`
		UPDATE members m SET pending = m.pending + c.pending, payable = m.payable + c.payable,
		       earned = m.earned + c.earned, clawed_back = m.clawed_back + c.clawed_back
		FROM (SELECT at.row, c.*
		      FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS c (member, pending, payable, earned, clawed_back),
		      LATERAL (SELECT ctid AS row FROM members WHERE alliance_id = $1 AND member = c.member OFFSET 0) at) c
		WHERE m.ctid = c.row`, c.allianceID, members, pending, payable, earned, clawedBack)
}

// saveCommissions queues what was earned by sales, and what was released or
// clawed back.
func (c *allianceState) saveCommissions(batch *pgx.Batch) {
	if earned := c.state.Changes.Earned; len(earned) > 0 {
		n := len(earned)
		seqs, levels, members := make([]int64, n), make([]int16, n), make([]string, n)
		amounts, releases := make([]int64, n), make([]time.Time, n)
		for i, e := range earned {
			seqs[i], levels[i], members[i], amounts[i], releases[i] = e.SaleSeq, int16(e.Level), e.Member, e.Amount, e.ReleaseAt
		}
		batch.Queue(`
			INSERT INTO commissions (alliance_id, sale_seq, level, member, amount, release_at, state)
			SELECT $1, sale_seq, level, member, amount, release_at, 'pending'
			FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::bigint[], $6::timestamptz[]) AS c (sale_seq, level, member, amount, release_at)`,
			c.allianceID, seqs, levels, members, amounts, releases)
	}
	if moved := c.state.Changes.Moved; len(moved) > 0 {
		n := len(moved)
		seqs, levels, states := make([]int64, n), make([]int16, n), make([]string, n)
		for i, m := range moved {
			seqs[i], levels[i], states[i] = m.SaleSeq, int16(m.Level), m.State
		}
		// A commission can be released and clawed back in one batch; the later
		// state, which is always clawed_back, wins.
		batch.Queue(`
			UPDATE commissions c SET state = n.state
			FROM (SELECT at.row, n.state
			      FROM (SELECT sale_seq, level, min(state) AS state
			            FROM unnest($2::bigint[], $3::smallint[], $4::text[]) AS n (sale_seq, level, state) GROUP BY sale_seq, level) n,
			      LATERAL (SELECT ctid AS row FROM commissions WHERE alliance_id = $1 AND sale_seq = n.sale_seq AND level = n.level OFFSET 0) at) n
			WHERE c.ctid = n.row`,
			c.allianceID, seqs, levels, states)
	}
}
