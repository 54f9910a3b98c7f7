package store

import "github.com/jackc/pgx/v5"

// saveReversed queues how much was undone of what reversals named.
func (c *allianceState) saveReversed(batch *pgx.Batch) {
	if len(c.state.Changes.Undone) == 0 {
		return
	}
	var seqs, amounts []int64
	var inFull []bool
	for seq, original := range c.state.Changes.Undone {
		seqs, amounts, inFull = append(seqs, seq), append(amounts, original.Undone.Minor()), append(inFull, original.InFull)
	}
	batch.Queue(`
		INSERT INTO reversed (alliance_id, seq, amount, in_full)
		SELECT $1, seq, amount, in_full FROM unnest($2::bigint[], $3::bigint[], $4::boolean[]) AS r (seq, amount, in_full)
		ON CONFLICT (alliance_id, seq) DO UPDATE SET amount = excluded.amount, in_full = excluded.in_full`,
		c.allianceID, seqs, amounts, inFull)
}
