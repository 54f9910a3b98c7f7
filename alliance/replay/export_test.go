package replay

import (
	"context"
	"errors"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// Pieces says in which pieces a scenario is played, and by which servers.
type Pieces struct {
	Remember int         // of a server
	Size     func() int  // of the next piece
	Restart  func() bool // another server takes the next piece
}

// RunInPieces replays a scenario through the database, one piece after the other.
func RunInPieces(ctx context.Context, pool *pgxpool.Pool, o Options, p Pieces) (Summary, error) {
	written, file, err := openScenario(o.Scenario)
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = file.Close() }()
	r := &replay{until: o.Until, pool: pool}
	if r.alliance, err = Establish(ctx, pool, written, clearing.Replay); err != nil {
		return Summary{}, err
	}
	if r.report, err = newReport(o.Out); err != nil {
		return Summary{}, err
	}
	defer r.report.discard()
	setups := store.NewSetupCache(alliance.Standard())
	events := scenario.NewReader(alliance.Standard(), file.Name(), file, Caller)
	for more := true; more; {
		if r.sequencer == nil || p.Restart() {
			r.sequencer = sequencer.New(pool, setups)
			r.sequencer.Remember = p.Remember
		}
		var orders []sequencer.Order
		for size := p.Size(); more && len(orders) < size; {
			event, err := events.Next()
			if more = !errors.Is(err, io.EOF); !more {
				break
			}
			if err != nil {
				return Summary{}, err
			}
			if !o.Until.IsZero() && event.At.After(o.Until) {
				continue
			}
			orders = append(orders, sequencer.Order{Caller: Caller, Key: event.ID, Hash: event.Hash, At: event.At, Command: event.Command})
		}
		pending, err := r.sequencer.Enqueue(r.alliance.ID, orders)
		if err != nil {
			return Summary{}, err
		}
		if err := r.book(ctx, piece{orders, pending}); err != nil {
			return Summary{}, err
		}
	}
	if err := r.sequencer.Advance(ctx, r.alliance.ID, o.Until); err != nil {
		return Summary{}, err
	}
	if err := errors.Join(r.report.state(ctx, pool, r.alliance), r.report.growth(ctx, pool, r.alliance, written)); err != nil {
		return Summary{}, err
	}
	return Summary{Alliance: r.alliance, Rejections: r.report.rejected}, r.report.publish()
}
