package store

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
)

// dueRows is due work on its way to the database.
type dueRows struct {
	at       []time.Time
	ranks    []int16
	kinds    []string
	subjects []int64
	parts    []int32
}

func dueRowsOf(work []alliance.DueWork) (r dueRows) {
	for _, w := range work {
		r.at, r.ranks, r.kinds = append(r.at, w.At), append(r.ranks, int16(w.Rank)), append(r.kinds, string(w.Kind))
		r.subjects, r.parts = append(r.subjects, w.Subject), append(r.parts, int32(w.Part))
	}
	return r
}

// saveDue queues what falls due later and what has been done.
func (c *allianceState) saveDue(batch *pgx.Batch) {
	if ended := c.state.Changes.Ended; len(ended) > 0 {
		r := dueRowsOf(ended)
		batch.Queue(`
			DELETE FROM due d
			USING unnest($2::timestamptz[], $3::smallint[], $4::bigint[], $5::integer[]) AS n (due_at, rank, subject, part),
			LATERAL (SELECT ctid AS row FROM due
			         WHERE alliance_id = $1 AND due_at = n.due_at AND rank = n.rank AND subject = n.subject AND part = n.part OFFSET 0) at
			WHERE d.ctid = at.row`,
			c.allianceID, r.at, r.ranks, r.subjects, r.parts)
	}
	if scheduled := c.state.Changes.Scheduled; len(scheduled) > 0 {
		added := make([]alliance.DueWork, 0, len(scheduled))
		for _, work := range scheduled {
			added = append(added, work)
		}
		slices.SortFunc(added, alliance.DueWork.Compare)
		r := dueRowsOf(added)
		batch.Queue(`
			INSERT INTO due (alliance_id, due_at, rank, kind, subject, part)
			SELECT $1, due_at, rank, kind, subject, part
			FROM unnest($2::timestamptz[], $3::smallint[], $4::text[], $5::bigint[], $6::integer[]) AS n (due_at, rank, kind, subject, part)`,
			c.allianceID, r.at, r.ranks, r.kinds, r.subjects, r.parts)
	}
}
