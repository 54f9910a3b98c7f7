package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// Preview is what a command would book.
type Preview struct {
	alliance.Record
	At    time.Time
	Card  *alliance.Card // that it is about, as it is now
	Setup *alliance.Setup
}

// Preview decides a command at an instant, as the books stand and with what falls due by then,
// and books nothing. The error is a *clearing.Refusal if a rule forbids the command. The
// positions of merchants are not read, so no debit cap is checked.
func (c *SetupCache) Preview(ctx context.Context, db clearing.Database, allianceID int64, command alliance.Command, card string, at time.Time) (p Preview, err error) {
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		head, err := clearing.ReadHead(ctx, tx, allianceID)
		if err != nil {
			return err
		}
		p.At = head.TimeOf(at)
		state := newAllianceState(c, allianceID, &head, ledger.NewBalances(), 0)
		if err := state.read(ctx, tx, command, p.At); err != nil {
			return err
		}
		for seq := head.LastSeq + 1; ; seq++ {
			if due, is := state.NextDue(); !is || due.After(p.At) {
				break
			}
			if _, err := state.RunDue(seq, head.Period); err != nil {
				return err
			}
		}
		p.Setup, p.Card = state.setup, state.current(card)
		p.Record, err = state.state.Decide(command, p.At)
		return err
	})
	return p, err
}

// read reads what a command names, and what falls due by an instant.
func (c *allianceState) read(ctx context.Context, tx pgx.Tx, command alliance.Command, at time.Time) error {
	if err := c.LoadSetup(ctx, tx); err != nil {
		return err
	}
	if len(c.setup.Terms) == 0 {
		return alliance.ErrNoTerms
	}
	if err := c.LoadDue(ctx, tx, at); err != nil {
		return err
	}
	reads := &pgx.Batch{}
	c.QueueReads(reads, []sequencer.Order{{Command: command}}, at)
	for reads.Len() > 0 {
		if err := tx.SendBatch(ctx, reads).Close(); err != nil {
			return err
		}
		reads = &pgx.Batch{}
		c.QueueFurtherReads(reads)
	}
	return nil
}
