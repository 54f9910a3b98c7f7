package export

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// details are what a journal says of a transaction beside its entries and what these have in
// common.
type details struct {
	date     string // the local one on which it was booked
	occurred string // the instant at which it happened, if it was uploaded late

	campaign string // of a gift, or of a coupon of one
	item     string // of the points mall
	hold     string // of a capture: the transaction that placed the hold
	ground   string // of a card that was given back
}

func (j *Journal) detailsOf(t *ledger.Transaction) (details, error) {
	d := details{date: j.date(t.BookedAt)}
	occurred, err := t.OccurredAt()
	if err != nil {
		return d, err
	}
	if !occurred.IsZero() {
		d.occurred = instant(occurred)
	}
	return d, d.growth(t)
}

// growth reads what is recorded of gifts, the mall, holds and refunds.
func (d *details) growth(t *ledger.Transaction) error {
	if !bytes.Contains(t.Facts, []byte(`"growth"`)) { // most have nothing of it
		return nil
	}
	var facts struct {
		Growth struct {
			Gift   struct{ Campaign string }
			Item   struct{ Code string }
			Hold   struct{ Seq int64 }
			Refund struct{ Ground string }
		}
	}
	if err := json.Unmarshal(t.Facts, &facts); err != nil {
		return fmt.Errorf("facts of transaction %d: %w", t.Seq, err)
	}
	d.campaign, d.item, d.ground = facts.Growth.Gift.Campaign, facts.Growth.Item.Code, facts.Growth.Refund.Ground
	if facts.Growth.Hold.Seq != 0 {
		d.hold = ledger.ID(facts.Growth.Hold.Seq)
	}
	return nil
}

// tag is a name and a value that a transaction carries.
type tag struct{ name, value string }

// tagNames are all that tags returns, in that order.
func tagNames() []string {
	return []string{"merchant", "home", "card", "member", "period", "booked_at", "occurred_at", "corrects", "campaign", "item", "hold", "ground"}
}

// tags returns the tags of a transaction, values escaped.
func tags(t *ledger.Transaction, d details) []tag {
	var list []tag
	for i, value := range []string{
		escape(t.Merchant), escape(t.Home), escape(t.Card), escape(t.Member), t.Period, instant(t.BookedAt), d.occurred, corrected(t),
		escape(d.campaign), escape(d.item), d.hold, d.ground,
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
