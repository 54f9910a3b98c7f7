package store

import (
	"github.com/jackc/pgx/v5"
)

// QueueWrites queues the writes of all that has changed beside the ledger since the last
// time.
func (c *allianceState) QueueWrites(batch *pgx.Batch) error {
	c.saveMembers(batch)
	c.saveCards(batch)
	c.saveCommissions(batch)
	c.saveDue(batch)
	c.saveReversed(batch)
	if err := c.saveGrowth(batch); err != nil {
		return err
	}
	c.saveCodes(batch)
	c.forget()
	return nil
}
