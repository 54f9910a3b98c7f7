package feed

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// The limits of one reading. A filter that finds little looks at no more of the log
// than this; the next reading goes on from there.
const (
	pieceSize = 1_000
	maxPieces = 10
)

// Filter picks events; what is empty does not confine.
type Filter struct {
	After   int64    // events with higher numbers
	Types   []string // whole types, or their first words such as "card"
	Subject *Subject
	Limit   int
}

// Viewer says what a caller may see.
type Viewer interface {
	// SeesTransaction says whether the caller sees a transaction, and SeesMember whether
	// the member that it names.
	SeesTransaction(t *ledger.Transaction) bool
	SeesMember(t *ledger.Transaction) bool
	// SeesEvent says whether the caller sees an event that is no transaction.
	SeesEvent(kind, party string) bool
}

// Page is some events in their order.
type Page struct {
	Events []Event
	// Next is the number after which to ask for what comes next; it is higher than
	// those of all that was looked at. It is After if there was nothing.
	Next int64
}

// Read returns the events that a filter picks and a viewer may see. It reads the log
// before the rows of table events, so whatever is written meanwhile is in the next page.
func Read(ctx context.Context, db ledger.Querier, registry *alliance.Registry, al clearing.Alliance, f Filter, viewer Viewer) (Page, error) {
	r := reader{db: db, registry: registry, alliance: al, filter: f, viewer: viewer, page: Page{Next: f.After}}
	seq := f.After >> ledger.EventBits
	for range maxPieces {
		log, err := ledger.Range(ctx, db, al.ID, al.Currency, seq+1, pieceSize)
		if err != nil {
			return Page{}, err
		}
		last := seq
		if len(log) > 0 {
			last = log[len(log)-1].Seq
		}
		rows, err := r.rows(ctx, last)
		if err != nil {
			return Page{}, err
		}
		full, err := r.merge(log, rows)
		if err != nil || full || len(log) < pieceSize {
			return r.page, err
		}
		seq = last
	}
	return r.page, nil
}

// reader is a reading under way.
type reader struct {
	db       ledger.Querier
	registry *alliance.Registry
	alliance clearing.Alliance
	filter   Filter
	viewer   Viewer
	page     Page
}

// row is an event that is no transaction, with whom it concerns.
type row struct {
	Event
	party string
}

// rows returns the events beside the log that come after what was looked at, up to
// those of a transaction.
func (r *reader) rows(ctx context.Context, last int64) ([]row, error) {
	found, err := r.db.Query(ctx, `
		SELECT body::text, party FROM events WHERE alliance_id = $1 AND number > $2 AND number <= $3 ORDER BY number`,
		r.alliance.ID, r.page.Next, ledger.EventNumber(last, ledger.MaxEvents))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(scan pgx.CollectableRow) (e row, err error) {
		var body string
		if err = scan.Scan(&body, &e.party); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(body), &e.Event)
	})
}

// merge takes in a piece of the log and the events beside it, in the order of their
// numbers, and reports whether the page is full.
func (r *reader) merge(log []ledger.Transaction, rows []row) (full bool, err error) {
	for len(log) > 0 || len(rows) > 0 {
		if len(r.page.Events) == r.filter.Limit {
			return true, nil
		}
		if len(rows) == 0 || (len(log) > 0 && ledger.EventNumber(log[0].Seq, 0) < rows[0].Number) {
			if err := r.takeTransaction(&log[0]); err != nil {
				return false, err
			}
			log = log[1:]
			continue
		}
		e := rows[0]
		if r.viewer.SeesEvent(e.Type, e.party) {
			r.take(e.Event)
		}
		r.page.Next = e.Number
		rows = rows[1:]
	}
	return false, nil
}

func (r *reader) takeTransaction(t *ledger.Transaction) error {
	r.page.Next = ledger.EventNumber(t.Seq, 0)
	if !r.tells(t.Type) || !r.picks(string(t.Type)) || !r.viewer.SeesTransaction(t) {
		return nil
	}
	e, err := eventOf(t, r.alliance)
	if err != nil {
		return err
	}
	if !r.viewer.SeesMember(t) {
		e.Member = ""
	}
	r.take(e)
	return nil
}

// tells reports whether transactions of a type are events by themselves. Those of
// settlements have rows that say more.
func (r *reader) tells(t ledger.Type) bool {
	return r.registry.Kind(t) != nil || t == window.CommissionPaid || t == window.PoolPaidIn || t == window.DepositReleased
}

func (r *reader) take(e Event) {
	if r.picks(e.Type) && (r.filter.Subject == nil || e.about(*r.filter.Subject)) {
		r.page.Events = append(r.page.Events, e)
	}
}

// picks reports whether the filter lets a type through.
func (r *reader) picks(kind string) bool {
	return len(r.filter.Types) == 0 || slices.ContainsFunc(r.filter.Types, func(wanted string) bool {
		return kind == wanted || strings.HasPrefix(kind, wanted+".")
	})
}
