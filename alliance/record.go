package alliance

import (
	"encoding/json"
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Facts is what a transaction records beside its entries, so that the log can be folded
// without reading anything else. Amounts are minor units of the circle's currency.
// Fields that don't apply are zero and left out.
type Facts struct {
	Product  string `json:"product,omitempty"`
	Referrer string `json:"referrer,omitempty"` // of a sale: the buyer's referrer, bound for good
	Second   string `json:"second,omitempty"`   // of a sale: the referrer's own
	Joined   bool   `json:"joined,omitempty"`   // of a sale: the buyer's first purchase
	Link     string `json:"link,omitempty"`     // of such a sale: the link that brought the buyer

	Commissions []Commission `json:"commissions,omitempty"`
	ReleaseAt   *time.Time   `json:"release_at,omitempty"`
	ExpiresAt   *time.Time   `json:"expires_at,omitempty"`

	Amount        int64  `json:"amount,omitempty"` // of a sale the price; of a coupon or purchase the bill; of a reversal the part undone
	Bonus         int64  `json:"bonus,omitempty"`
	BonusFundedBy Funder `json:"bonus_funded_by,omitempty"`
	Benefit       string `json:"benefit,omitempty"`
	Uses          int64  `json:"uses,omitempty"`      // taken from the benefit; negative: given back
	Points        int64  `json:"points,omitempty"`    // added to the card; negative: taken
	InFull        bool   `json:"in_full,omitempty"`   // of a reversal: the original is reversed in full
	SaleSeq       int64  `json:"sale_seq,omitempty"`  // of a release or expiry
	DebitCap      *int64 `json:"debit_cap,omitempty"` // of the acting merchant, where the command asked for it
	Level         int    `json:"level,omitempty"`     // of a release

	OccurredAt *time.Time `json:"occurred_at,omitempty"` // of what was uploaded late: when it happened

	Presented presentation.By `json:"presented,omitempty"` // what the card was used by, where more than its number was shown or might have been asked for

	Growth *GrowthFacts `json:"growth,omitempty"` // most transactions have none
}

// GrowthFacts is what a transaction records about holds, gifts, items, and cards that are
// replaced, given or refunded.
type GrowthFacts struct {
	Hold       *HoldFacts     `json:"hold,omitempty"`
	Gift       *GiftFacts     `json:"gift,omitempty"`
	GiftsTaken []GiftTaken    `json:"gifts_taken,omitempty"` // of a reversal
	Ended      []CouponEnd    `json:"ended,omitempty"`       // coupons of gifts that ended with it, though uses were left
	Budgets    []BudgetChange `json:"budgets,omitempty"`
	Item       *ItemFacts     `json:"item,omitempty"`
	Refund     *RefundFacts   `json:"refund,omitempty"`
	NewCard    string         `json:"new_card,omitempty"` // of a replacement
	GivenBy    string         `json:"given_by,omitempty"` // of a card that was given: who had it before
}

// growth returns the facts about growth, to be read.
func (f *Facts) growth() GrowthFacts {
	if f.Growth == nil {
		return GrowthFacts{}
	}
	return *f.Growth
}

// withGrowth returns the facts about growth, to be added to.
func (f *Facts) withGrowth() *GrowthFacts {
	if f.Growth == nil {
		f.Growth = &GrowthFacts{}
	}
	return f.Growth
}

// Commission is what one level earns by a sale; Amount is in minor units and
// above zero. Level 1 is the buyer's referrer, level 2 the referrer's own.
type Commission struct {
	Level  int    `json:"level"`
	Member string `json:"member"`
	Amount int64  `json:"amount"`
}

// Record is a transaction of the rule book: what the ledger keeps, with its facts
// decoded.
type Record struct {
	ledger.Transaction
	Facts Facts
}

// Encode returns the transaction with its facts as JSON.
func (r *Record) Encode() (ledger.Transaction, error) {
	facts, err := json.Marshal(r.Facts)
	t := r.Transaction
	t.Facts, t.Late = facts, r.Facts.OccurredAt != nil
	return t, err
}

// DecodeRecord reads back a transaction of the rule book.
func DecodeRecord(t ledger.Transaction) (Record, error) {
	r := Record{Transaction: t}
	err := json.Unmarshal(t.Facts, &r.Facts)
	r.Late = r.Facts.OccurredAt != nil
	return r, err
}

// movement returns the sum of the entries on an account.
func movement(entries []ledger.Entry, account ledger.Account, currency money.Currency) (money.Amount, error) {
	sum := currency.Zero()
	var err error
	for _, e := range entries {
		if e.Account == account {
			if sum, err = sum.Add(e.Amount); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}
