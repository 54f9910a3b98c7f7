package export

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// date returns the local date of an instant. Where the clocks were put back over
// midnight, a date that was reached is not left again: a journal is in the order of
// its dates, and a window begins at the first instant of its month.
func (j *Journal) date(at time.Time) string {
	local := at.In(j.circle.Location)
	date := local.Format(time.DateOnly)
	if changed, _ := local.ZoneBounds(); !changed.IsZero() {
		return max(date, changed.Add(-1).In(j.circle.Location).Format(time.DateOnly))
	}
	return date
}

// tag is a name and a value that stand beside a transaction.
type tag struct{ name, value string }

// tagNames are all that tags returns, in that order.
func tagNames() []string {
	return []string{"merchant", "home", "card", "member", "period", "booked_at", "corrects"}
}

// tags returns what is told of a transaction beside its entries, values escaped.
func tags(t *ledger.Transaction) []tag {
	var list []tag
	for i, value := range []string{
		escape(t.Merchant), escape(t.Home), escape(t.Card), escape(t.Member), t.Period, instant(t.BookedAt), corrected(t),
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
