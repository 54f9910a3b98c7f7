package store

import (
	"github.com/jackc/pgx/v5"
)

// QueueWrites queues the writes of everything but the ledger that has changed since the
// last save.
func (c *allianceState) QueueWrites(batch *pgx.Batch) error {
	c.saveMembers(batch)
	c.saveCards(batch)
	c.saveCommissions(batch)
	c.saveDue(batch)
	c.saveReversed(batch)
	c.forget()
	return nil
}
