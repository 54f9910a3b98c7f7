package demo

import (
	"fmt"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// column is a reason why a position moved.
type column int

// The reasons. A positive amount is owed to the party.
const (
	collected  column = iota // cards and stored value sold, for money in the party's till
	redeemed                 // stored value and passes honoured
	couponed                 // coupons honoured and paid for
	pointed                  // points granted and accepted
	trafficked               // visits of other shops' members
	gifted                   // gifts of campaigns
	refunded                 // reversals of any kind, and cards given back
	lapsed                   // value left on expired cards
	adjusted                 // adjustments of disputed lines of an earlier month, with what was held for them
	columns
)

// byReason is how much a party's position moved for each reason.
type byReason [columns]fen

func (w *byReason) sum() (sum fen) {
	for _, amount := range w {
		sum += amount
	}
	return sum
}

// The parties of a circle other than its shops; and members, who are no party and stand
// for the accounts of cards, points and commission.
const (
	organiser = "organiser"
	custody   = "custody"
	holders   = "members"
)

// partyOf returns the party that an entry's account belongs to.
func partyOf(e *spec.Entry) string {
	switch e.Account {
	case spec.AccountKindMerchants:
		return *e.Owner
	case spec.AccountKindOrganiser:
		return organiser
	case spec.AccountKindCustody, spec.AccountKindReceivables, spec.AccountKindPayables: // custody is the other side of transfers
		return custody
	}
	return holders
}

// moved returns how much an entry moves its account. If it is positive, the circle owes
// the owner more.
func moved(e *spec.Entry) (fen, error) {
	amount, err := parseFen(e.Amount)
	if e.Side == spec.Debit {
		amount = -amount
	}
	return amount, err
}

// reasons sums transactions by party and reason.
type reasons map[string]*byReason

func (r reasons) of(party string) *byReason {
	if r[party] == nil {
		r[party] = new(byReason)
	}
	return r[party]
}

// add adds a transaction. Except for adjustments, what a month-end books isn't a
// movement of the month and is left out.
func (r reasons) add(t *spec.Transaction) error {
	var c column
	switch t.Type {
	case "card.sold", "card.topped_up":
		c = collected
	case "value.spent", "hold.captured", "pass.used":
		c = redeemed
	case "coupon.used":
		c = couponed
	case "purchase.recorded":
		return r.addPurchase(t)
	case "points.spent", "item.redeemed":
		c = pointed
	case "gift.earned":
		c = gifted
	case "reversed", "card.refunded":
		c = refunded
	case "card.expired":
		c = lapsed
	case "dispute.adjusted":
		c = adjusted
	case "card.frozen", "card.unfrozen", "card.replaced", "card.given", "hold.placed", "hold.voided", "hold.expired", "commission.released", "window.closed", "commission.paid":
		return nil
	default:
		if ofMonthEnd(t.Type) {
			return nil
		}
		return fmt.Errorf("%s is of a type that is not known: %s", t.Transaction, t.Type)
	}
	for i := range t.Entries {
		amount, err := moved(&t.Entries[i])
		if err != nil {
			return err
		}
		r.of(partyOf(&t.Entries[i]))[c] += amount
	}
	return nil
}

// ofMonthEnd reports whether transactions of a type belong to the settlement of a closed
// month. Except for adjustments they move no position.
func ofMonthEnd(kind spec.TransactionType) bool {
	family, _, _ := strings.Cut(kind, ".")
	switch family {
	case "settlement", "dispute", "deposit", "payment", "payout", "statement":
		return true
	}
	return false
}

// addPurchase adds a purchase. Its one entry on the shop's account pays for two things:
// the points that the member earns, and the visit.
func (r reasons) addPurchase(t *spec.Transaction) error {
	for i := range t.Entries {
		e := &t.Entries[i]
		amount, err := moved(e)
		if err != nil {
			return err
		}
		if e.Account == spec.AccountKindPointsPool {
			r.of(holders)[pointed] += amount
			r.of(*t.Merchant)[pointed] -= amount
			r.of(*t.Merchant)[trafficked] += amount
			continue
		}
		r.of(partyOf(e))[trafficked] += amount
	}
	return nil
}
