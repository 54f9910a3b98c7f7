package demo

import (
	"fmt"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// column is a reason why a position moved.
type column int

// The reasons. What is positive, the circle owes the party for.
const (
	collected  column = iota // cards and stored value sold: the money is in the party's till
	redeemed                 // stored value and passes honoured
	couponed                 // coupons honoured and paid for
	pointed                  // points granted and taken
	trafficked               // visits of other shops' members
	refunded                 // what was undone, of any kind
	lapsed                   // what was left on cards that expired
	adjusted                 // disputed lines of an earlier month, and what was held for them
	columns
)

// why is what a party's position moved by, by reason.
type why [columns]fen

func (w *why) sum() (sum fen) {
	for _, amount := range w {
		sum += amount
	}
	return sum
}

// The parties of a circle beside its shops, and those who are none: the members,
// who hold what the other columns' other side is.
const (
	organiser = "organiser"
	custody   = "custody"
	holders   = "members"
)

// partyOf returns whose an account is.
func partyOf(e *spec.Entry) string {
	switch e.Account {
	case spec.AccountKindMerchants:
		return *e.Owner
	case spec.AccountKindOrganiser:
		return organiser
	case spec.AccountKindCustody, spec.AccountKindReceivables, spec.AccountKindPayables: // what custody gets and pays
		return custody
	}
	return holders
}

// moved returns what an entry moves its account by: positive, the circle owes its
// owner more.
func moved(e *spec.Entry) (fen, error) {
	amount, err := parseFen(e.Amount)
	if e.Side == spec.Debit {
		amount = -amount
	}
	return amount, err
}

// reasons adds transactions up, for each party by reason.
type reasons map[string]*why

func (r reasons) of(party string) *why {
	if r[party] == nil {
		r[party] = new(why)
	}
	return r[party]
}

// add adds a transaction. What a month-end itself books is no movement of the
// month.
func (r reasons) add(t *spec.Transaction) error {
	var c column
	switch t.Type {
	case "card.sold", "card.topped_up":
		c = collected
	case "value.spent", "pass.used":
		c = redeemed
	case "coupon.used":
		c = couponed
	case "purchase.recorded":
		return r.addPurchase(t)
	case "points.spent":
		c = pointed
	case "reversed":
		c = refunded
	case "card.expired":
		c = lapsed
	case "dispute.adjusted":
		c = adjusted
	case "card.frozen", "card.unfrozen", "commission.released", "window.closed", "commission.paid":
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

// ofMonthEnd reports whether transactions of a type belong to what becomes of a
// closed month. Except for adjustments they move no position.
func ofMonthEnd(kind spec.TransactionType) bool {
	family, _, _ := strings.Cut(kind, ".")
	switch family {
	case "settlement", "dispute", "deposit", "payment", "payout", "statement":
		return true
	}
	return false
}

// addPurchase adds a purchase, in which the shop pays for two things by one
// entry: for the points that the member earns, and for the visit.
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
