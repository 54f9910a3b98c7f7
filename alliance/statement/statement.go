package statement

import (
	"context"
	"iter"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant/legal"
)

// Statement is a party's closed month. Amounts are of the circle's currency and
// signed: positive, the circle owes the party. Opening + Movement = Transfer +
// Carried.
type Statement struct {
	Alliance  clearing.Alliance
	Party     string            // the code of the shop, or clearing.Organiser
	Merchants map[string]string // the names of the circle's shops by their codes, as they are now
	Window    window.Window     // the month: its period and its first instant, and the first after it
	FirstSeq  int64             // the window's first transaction
	LastSeq   int64             // and its last
	Opening   money.Amount      // carried in from the month before
	Movement  money.Amount      // what the month added, as it was settled
	Transfer  money.Amount      // what was settled: positive, the party was paid
	Carried   money.Amount      // what goes on to the next month
	Transfers []Transfer        // by which transfers, in the order in which they were made; they add up to Transfer
	Movements []Movement        // the movement by kind of transaction, in the order of the kinds' names

	// The movement by the shops that the party had to do with, each in the order of
	// the shops' codes. The three together add up to the movement.
	MyMembersElsewhere []Counterparty // holders of the party's cards at other shops
	OthersMembersHere  []Counterparty // holders of others' cards at this shop
	Own                []Counterparty // the rest: own card holders here, sales, expiries, whatever no shop did

	// What of the movement is under a heading, in the order of [Headings]; those without lines
	// are left out.
	Headings []HeadingSum

	Count int64 // how many lines there are

	// What has become of the month when the statement was read. All above never changes.
	Phase       settlement.Phase        // where the settlement is in its life
	ReviewUntil time.Time               // until when a shop may object
	PaymentDays int                     // from the approval until payment is due
	Payments    []Payment               // one for each transfer, and those that custody makes in the place of a party that didn't pay
	Entities    map[string]legal.Entity // who the party and the organiser are in law, as far as it is known

	Registry *alliance.Registry // says what transactions are called

	// Lines reads the lines from the database, the oldest first. An error ends it.
	// It may be called again.
	Lines func(ctx context.Context) iter.Seq2[Line, error]
}

// PartyName returns the name of the shop whose statement it is, and "" for the
// organiser.
func (s *Statement) PartyName() string { return s.Merchants[s.Party] }

// Transfer is a transfer that settles the month. Amount is positive if the party is
// paid and negative if it pays.
type Transfer struct {
	With   string // a shop, clearing.Organiser or clearing.Custody
	Amount money.Amount
}

// Movement is what the transactions of a type came to.
type Movement struct {
	Type   ledger.Type
	Count  int64
	Amount money.Amount
}

// Counterparty is what the transactions with a shop came to. Shop is empty for
// those that no shop did or whose card no shop sold, which is online.
type Counterparty struct {
	Merchant string
	Count    int64
	Gross    money.Amount // what the members' bills and purchases came to, less what was reversed
	Amount   money.Amount
}

// Group says which part of a statement a line belongs to.
type Group string

// The groups of a shop's lines. For the organiser, cards that were sold online are its
// own, and everything that other cards did is under [Own], by the shop that acted.
const (
	MyMembersElsewhere Group = "my_members_elsewhere" // the party sold the card, another shop acted
	OthersMembersHere  Group = "others_members_here"  // the party acted, with a card that it did not sell
	Own                Group = "own"                  // everything else
)

// Line is a transaction that moved the party's clearing account.
type Line struct {
	Seq        int64       // its number in the circle; ledger.ID makes its name of it
	BookedAt   time.Time   // when it entered the ledger
	OccurredAt time.Time   // when it happened, if the till said so; else zero
	Type       ledger.Type //
	Card       string      // the card, or ""
	Merchant   string      // the shop that acted, or ""
	Home       string      // the shop that sold the card, or ""
	Corrects   int64       // the transaction that it reverses, or 0

	Group        Group
	Counterparty string // the shop in the group, or ""

	Heading  Heading      // or ""
	Headed   money.Amount // what of the effect is under the heading
	Campaign string       // of a gift or its coupon
	Item     string       // of the points mall
	Hold     int64        // of a capture: the transaction that placed the hold

	Gross   money.Amount // the bill, price or amount that it is about, negative if it was undone
	Effect  money.Amount // what it did to the party's position; never zero
	Balance money.Amount // the party's position after it
}
