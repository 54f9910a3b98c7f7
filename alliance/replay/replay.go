package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/sequencer"
)

// Caller is the caller of a replay's commands, under which reversals find what
// they undo.
const Caller = "replay"

// pieceSize is how many events are queued together, and ahead how many such
// pieces do: less in sum than the sequencer lets wait.
const (
	pieceSize = sequencer.MaxBatch
	ahead     = 4
	// remember is less than a server's: reading some cards again costs a replay little,
	// and memory stays small.
	remember = 10_000
)

// Options say what to replay.
type Options struct {
	Scenario string    // a folder with circle.yaml and events.jsonl
	Out      string    // the folder to write to; made if it does not exist
	Until    time.Time // what falls due by then is done, what happens later is not; zero: the last event

	Registry *alliance.Registry // the commands that events may be; nil: the standard ones
	Journal  export.Format      // writes the books too, as journal.hledger, journal.beancount or journal.csv; "": doesn't
}

// Summary counts what a replay did.
type Summary struct {
	Alliance   clearing.Alliance
	Events     int // of the file, up to Until
	Rejections int
	Elapsed    time.Duration // of playing, without reading back
}

// Run replays a scenario into a database, which must have no circle of its code,
// and writes the six CSV files, and the journal if one is asked for. A file that
// is no scenario is refused with a *scenario.FileError and nothing is written.
// clock measures Elapsed.
func Run(ctx context.Context, pool *pgxpool.Pool, o Options, clock func() time.Time) (Summary, error) {
	written, events, err := openScenario(o.Scenario)
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = events.Close() }()

	registry := o.Registry
	if registry == nil {
		registry = alliance.Standard()
	}
	r := &replay{until: o.Until, pool: pool, sequencer: sequencer.New(pool, store.NewSetupCache(registry))}
	r.sequencer.Remember = remember
	if r.alliance, err = Establish(ctx, pool, written, clearing.Replay); err != nil {
		return Summary{}, err
	}
	if r.report, err = newReport(o.Out); err != nil {
		return Summary{}, err
	}
	defer r.report.discard()
	began := clock()
	if err := r.play(ctx, scenario.NewReader(registry, events.Name(), events, Caller)); err != nil {
		return Summary{}, err
	}
	elapsed := clock().Sub(began)
	if err := r.report.state(ctx, pool, r.alliance); err != nil {
		return Summary{}, err
	}
	if err := r.report.growth(ctx, pool, r.alliance, written); err != nil {
		return Summary{}, err
	}
	if o.Journal != "" {
		if err := r.report.journal(ctx, pool, r.alliance, o.Journal); err != nil {
			return Summary{}, err
		}
	}
	return Summary{Alliance: r.alliance, Events: r.events, Rejections: r.report.rejected, Elapsed: elapsed}, r.report.publish()
}

// openScenario reads the circle of a scenario and opens its events, which the caller closes.
func openScenario(folder string) (written scenario.Alliance, events *os.File, err error) {
	if written, err = scenario.ReadAlliance(filepath.Join(folder, "circle.yaml")); err != nil {
		return written, nil, err
	}
	events, err = os.Open(filepath.Join(folder, "events.jsonl"))
	return written, events, err
}

// Establish sets up the circle that a scenario's rules describe, in some mode.
func Establish(ctx context.Context, pool *pgxpool.Pool, written scenario.Alliance, mode clearing.Mode) (clearing.Alliance, error) {
	al := clearing.Alliance{
		Code: written.Code, Name: written.Name, Currency: written.Currency, Location: written.Location,
		Mode: mode, CreatedAt: time.Unix(0, 0),
	}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) (err error) {
		if al, err = clearing.CreateAlliance(ctx, tx, al); err != nil {
			return err
		}
		if _, err := store.SetTerms(ctx, tx, al.ID, written.Terms, al.CreatedAt); err != nil {
			return err
		}
		for _, merchant := range written.Merchants {
			if _, err := store.AdmitMerchant(ctx, tx, al.ID, merchant, al.CreatedAt); err != nil {
				return err
			}
		}
		for _, product := range written.Products {
			if _, err := store.AddProduct(ctx, tx, al.ID, product, al.CreatedAt); err != nil {
				return err
			}
		}
		for _, campaign := range written.Campaigns {
			if _, err := store.AddCampaign(ctx, tx, al.ID, campaign, al.CreatedAt); err != nil {
				return err
			}
		}
		for _, item := range written.Mall {
			if _, err := store.AddItem(ctx, tx, al.ID, item, al.CreatedAt); err != nil {
				return err
			}
		}
		return nil
	})
	return al, err
}

// replay is a replay under way.
type replay struct {
	pool      *pgxpool.Pool
	sequencer *sequencer.Sequencer
	alliance  clearing.Alliance
	until     time.Time
	report    *report
	events    int
	last      time.Time
}

// piece is some queued events of the file.
type piece struct {
	orders  []sequencer.Order
	pending *sequencer.Pending
}

// play reads pieces of the file while earlier ones are booked, then lets time pass to
// the end.
func (r *replay) play(ctx context.Context, events *scenario.Reader) error {
	group, both := errgroup.WithContext(ctx)
	pieces := make(chan piece, ahead)
	group.Go(func() error {
		defer close(pieces)
		return r.read(both, events, pieces)
	})
	group.Go(func() error {
		for p := range pieces {
			if err := r.book(both, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	end := r.until
	if end.IsZero() {
		end = r.last
	}
	if end.IsZero() {
		return nil
	}
	return r.sequencer.Advance(ctx, r.alliance.ID, end)
}

// read cuts the file into pieces. It reads to the end, even past until, because a line
// that is no event refuses the whole file.
func (r *replay) read(ctx context.Context, events *scenario.Reader, pieces chan<- piece) error {
	var orders []sequencer.Order
	send := func() error {
		pending, err := r.sequencer.Enqueue(r.alliance.ID, orders)
		if err != nil {
			return err
		}
		select {
		case pieces <- piece{orders, pending}:
			orders = make([]sequencer.Order, 0, pieceSize)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		event, err := events.Next()
		if errors.Is(err, io.EOF) {
			return send()
		}
		if err != nil {
			return err
		}
		if !r.until.IsZero() && event.At.After(r.until) {
			continue
		}
		r.last = event.At
		r.events++
		orders = append(orders, sequencer.Order{Caller: Caller, Key: event.ID, Hash: event.Hash, At: event.At, Command: event.Command})
		if len(orders) == pieceSize {
			if err := send(); err != nil {
				return err
			}
		}
	}
}

// book waits for a piece and reports its rejections.
func (r *replay) book(ctx context.Context, p piece) error {
	outcomes, err := p.pending.Wait(ctx)
	if err != nil {
		return fmt.Errorf("booking the events from %q on: %w", p.orders[0].Key, err)
	}
	for i, outcome := range outcomes {
		switch {
		case outcome.Err != nil:
			return fmt.Errorf("booking the event %q: %w", p.orders[i].Key, outcome.Err)
		case outcome.Refusal == nil || outcome.Replayed:
		default:
			if err := r.report.reject(p.orders[i].Key, outcome.Refusal.Code); err != nil {
				return err
			}
		}
	}
	return nil
}
