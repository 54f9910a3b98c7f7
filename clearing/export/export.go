package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// Format is a file format.
type Format string

// The formats.
const (
	Hledger   Format = "hledger"   // a journal of hledger 1.25 or later
	Beancount Format = "beancount" // a journal of beancount 2.3 or later
	CSV       Format = "csv"       // a header line, and a line for each entry
)

// Formats returns all formats.
func Formats() []Format { return []Format{Hledger, Beancount, CSV} }

// ParseFormat returns the format of a name. The error lists the formats.
func ParseFormat(name string) (Format, error) {
	if !slices.Contains(Formats(), Format(name)) {
		return "", fmt.Errorf("%q is no format of a journal; they are %s, %s and %s", name, Hledger, Beancount, CSV)
	}
	return Format(name), nil
}

// MediaType returns the media type of what a format writes.
func (f Format) MediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

var (
	// ErrNoPeriod: the circle has no window of that month.
	ErrNoPeriod = errors.New("the books have no such month; write one as 2026-10")
	// ErrNoMerchant: no shop of that code is in the circle.
	ErrNoMerchant = errors.New("there is no such shop in the circle")
)

// Selection is what a journal contains, and its format.
type Selection struct {
	Format   Format
	Merchant string // the shop's code, or "" for the whole circle
	Period   string // the window, "2026-10", or "" for all
}

// Journal is an export that is ready to be written.
type Journal struct {
	db        ledger.Querier
	alliance  clearing.Alliance
	selection Selection
	span      ledger.Span
}

// Open determines which transactions a journal has; it writes nothing. It returns ErrNoMerchant
// or ErrNoPeriod, wrapped with the name, or an error of the database.
func Open(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, s Selection) (*Journal, error) {
	j := &Journal{db: db, alliance: alliance, selection: s, span: ledger.Span{First: 1, Merchant: s.Merchant}}
	var admitted bool
	err := db.QueryRow(ctx, `
		SELECT coalesce((SELECT max(seq) FROM transactions WHERE alliance_id = $1), 0),
		       $2 = '' OR EXISTS (SELECT FROM merchants WHERE alliance_id = $1 AND merchant = $2)`,
		alliance.ID, s.Merchant).Scan(&j.span.Last, &admitted)
	if err != nil {
		return nil, err
	}
	if !admitted {
		return nil, fmt.Errorf("%w: %q", ErrNoMerchant, s.Merchant)
	}
	if s.Period == "" {
		return j, nil
	}
	windows, err := window.List(ctx, db, alliance.ID)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(windows, func(w window.State) bool { return w.Period == s.Period })
	if at < 0 {
		return nil, fmt.Errorf("%w: %q", ErrNoPeriod, s.Period)
	}
	j.span.First = windows[at].FirstSeq
	if closed := windows[at].ClosedSeq; closed > 0 {
		j.span.Last = closed
	}
	return j, nil
}

// pageSize is how many transactions are read at once.
const pageSize = 2000

// layout writes the parts of a journal in one format.
type layout interface {
	begin(title string)
	account(a ledger.Account, opened string) // in the order of names; opened is a date
	transaction(t *ledger.Transaction, d details)
	end()
}

// Write writes the journal. If it fails, what was written so far is incomplete.
func (j *Journal) Write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var to layout
	switch j.selection.Format {
	case Hledger:
		to = newHledger(out, j.alliance.Currency)
	case Beancount:
		to = &beancount{out, j.alliance.Currency}
	case CSV:
		to = &table{out}
	default:
		_, err := ParseFormat(string(j.selection.Format))
		return err
	}
	to.begin(j.title())
	if j.selection.Format != CSV {
		err := j.span.Accounts(ctx, j.db, j.alliance.ID, func(a ledger.Account, first time.Time) error {
			to.account(a, j.date(first))
			_, err := out.Write(nil) // returns an earlier error
			return err
		})
		if err != nil {
			return err
		}
	}
	for page := j.span; page.First <= j.span.Last; page.First += pageSize {
		page.Last = min(page.First+pageSize-1, j.span.Last)
		transactions, err := page.Read(ctx, j.db, j.alliance.ID, j.alliance.Currency)
		if err != nil {
			return err
		}
		for i := range transactions {
			t := &transactions[i]
			if err := j.confine(t); err != nil {
				return err
			}
			d, err := j.detailsOf(t)
			if err != nil {
				return err
			}
			to.transaction(t, d)
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	to.end()
	return out.Flush()
}

// title describes the journal on one line.
func (j *Journal) title() string {
	title := line(j.alliance.Name + " (" + j.alliance.Code + ")")
	if j.selection.Merchant != "" {
		title += ", shop " + line(j.selection.Merchant)
	}
	if j.selection.Period != "" {
		title += ", " + j.selection.Period
	}
	return title
}

// line returns a text with everything that would end a line replaced by a space.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}
