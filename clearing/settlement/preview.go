package settlement

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// PreviewedLine is a line of a file, and what it would be taken for.
type PreviewedLine struct {
	BankLine
	Outcome string
	Twin    int64 // the line that it may be; 0: there is none
}

// Preview returns what an import would do with each line, and changes nothing. The session
// must see the database as of one instant.
func Preview(ctx context.Context, db ledger.Session, head *clearing.Head, merchants []clearing.Merchant, c ImportStatement, at time.Time) ([]PreviewedLine, error) {
	balances := ledger.NewBalances()
	reads := &pgx.Batch{}
	balances.Read(reads, head.Alliance.ID)
	if err := db.SendBatch(ctx, reads).Close(); err != nil {
		return nil, err
	}
	p := NewProcessor(head.Alliance, balances, merchants, nil)
	if err := p.Load(ctx, db, []sequencer.Order{{Command: c}}); err != nil {
		return nil, err
	}
	p.state.Next = head.LastSeq + 1
	for due := p.Deadline(); !due.IsZero() && !due.After(at); due = p.Deadline() {
		if _, err := p.state.RunDeadline(); err != nil {
			return nil, err
		}
	}
	if _, err := p.state.Decide(c, at); err != nil {
		return nil, err
	}
	lines := make([]PreviewedLine, len(c.Lines))
	for i, f := range p.state.Fates {
		lines[i] = PreviewedLine{BankLine: c.Lines[i], Outcome: f.Outcome()}
		if f.line != nil {
			lines[i].Twin = f.line.Twin
		}
	}
	return lines, nil
}
