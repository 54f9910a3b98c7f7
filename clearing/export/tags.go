package export

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// date returns the local date of an instant. If clocks were put back over midnight, the later
// date stays: a journal must be in the order of its dates, and a window begins at the first
// instant of its month.
func (j *Journal) date(at time.Time) string {
	local := at.In(j.alliance.Location)
	date := local.Format(time.DateOnly)
	if changed, _ := local.ZoneBounds(); !changed.IsZero() {
		return max(date, changed.Add(-1).In(j.alliance.Location).Format(time.DateOnly))
	}
	return date
}

// dates are what a journal says of when a transaction was.
type dates struct {
	local    string // the date on which it was booked
	occurred string // the instant at which it happened, if it was uploaded late
}

func (j *Journal) datesOf(t *ledger.Transaction) (dates, error) {
	at := dates{local: j.date(t.BookedAt)}
	occurred, err := t.OccurredAt()
	if !occurred.IsZero() {
		at.occurred = instant(occurred)
	}
	return at, err
}

// tag is a name and a value that a transaction carries.
type tag struct{ name, value string }

// tagNames are all that tags returns, in that order.
func tagNames() []string {
	return []string{"merchant", "home", "card", "member", "period", "booked_at", "occurred_at", "corrects"}
}

// tags returns the tags of a transaction, values escaped.
func tags(t *ledger.Transaction, at dates) []tag {
	var list []tag
	for i, value := range []string{
		escape(t.Merchant), escape(t.Home), escape(t.Card), escape(t.Member), t.Period, instant(t.BookedAt), at.occurred, corrected(t),
	} {
		if value != "" {
			list = append(list, tag{tagNames()[i], value})
		}
	}
	return list
}

// corrected returns the id of the transaction that one reverses, or "".
func corrected(t *ledger.Transaction) string {
	if t.Corrects == 0 {
		return ""
	}
	return ledger.ID(t.Corrects)
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
