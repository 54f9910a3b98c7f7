package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/sequencer"
)

// names is what orders name that isn't loaded anyway.
type names struct {
	periods []string

	obligations []int // with the same index: the period, the number
	obligedIn   []string

	disputes []int64 // by their numbers

	parties []string // with the same index: a party, and the line that it may have disputed
	lines   []int64

	transactions []int64

	account string      // of a bank statement
	days    []time.Time // of its lines

	bookings  []int64
	bankLines []int64 // by the transactions that took them in

	payouts bool // payouts are to be sent: all that custody has to pay, and the bank accounts
}

func (n *names) period(period string) { n.periods = append(n.periods, period) }

// reference names an obligation, and with it its period; an attempt to pay it names it too.
func (n *names) reference(text string) {
	text, _ = splitAttempt(text)
	if r, err := reference.Parse(text); err == nil {
		n.periods = append(n.periods, r.Period)
		n.obligedIn, n.obligations = append(n.obligedIn, r.Period), append(n.obligations, r.Number)
	}
}

func (n *names) dispute(number int64) { n.disputes = append(n.disputes, number) }

func (n *names) line(party string, seq int64) {
	n.parties, n.lines = append(n.parties, party), append(n.lines, seq)
}

func (n *names) transaction(seq int64) { n.transactions = append(n.transactions, seq) }

// booking names what a transaction booked, and the obligations that it was for.
func (n *names) booking(seq int64) {
	n.transaction(seq)
	n.bookings = append(n.bookings, seq)
}

func (n *names) bankLine(seq int64) { n.bankLines = append(n.bankLines, seq) }

// namesOf collects what orders name.
func namesOf(orders []sequencer.Order) names {
	n := names{periods: []string{}, disputes: []int64{}}
	for i := range orders {
		for _, r := range commands {
			if r.addNames(orders[i].Command, &n) {
				break
			}
		}
	}
	return n
}
