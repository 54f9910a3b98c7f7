package audit

import (
	"fmt"
	"io"
)

// The invariants, by the numbers under which they are documented.
const (
	balanced = iota
	folded
	inBounds
	conserved
	refunded
	answered
	windowed
	settled
	commissioned
	chained
	covered
	obliged
	held
	gifted
	tiered
	replaced
	stocked
	givenBack
	checks
)

var names = [checks]string{
	"balanced", "balances", "bounds", "entitlements", "refunds", "requests", "windows", "settlements", "commissions", "chain", "cover", "obligations",
	"holds", "gifts", "tiers", "replaced", "items", "card refunds",
}

var claims = [checks]string{
	"every transaction's debits equal its credits, and the circle sums to zero",
	"every stored balance equals the sum of its entries and the fold of the log",
	"no value, bonus, pool, points or uses below zero; no merchant past its cap when it acted",
	"issued = live + used + expired + cancelled, of passes, coupons and points",
	"no transaction was refunded beyond what it moved",
	"one transaction for each caller and key, and the stored answer names it",
	"every transaction is in one window, none after closing; carried out = carried in",
	"every settlement equals a recomputation from entries and sums to zero with custody",
	"commission paid is at most earned less clawed back, on two levels at most",
	"the chain of hashes is unbroken and without a gap",
	"custody and what parties owe cover what is owed to members",
	"what parties owe and are owed for closed months is what is left of each obligation; nothing is paid twice",
	"what is reserved on a card is what its open holds reserve, at most what is on it; no hold is open past its time, and each ends once",
	"committed of a campaign = the cost of what is live and used of its gifts, never over its budget; what members got is counted",
	"a card's growth, by which it has its tier, equals a recomputation from the log",
	"nothing is on a replaced code, and the codes that a card has had lead to a card of the same sale",
	"of each item of the mall as many are redeemed as the log hands out, for its points, never more than there were",
	"a card was refunded once, at most its price and the top-ups that stood; nothing is left on it, and its payer got no more than that",
}

// maxNamed is how many faults of a check are named; the rest are counted.
const maxNamed = 5

// Check is the result of one invariant.
type Check struct {
	Name   string
	Claim  string
	Looked int      // how many rows it looked at
	Faults int      // how many of them were wrong
	Named  []string // the first of them, each naming its row
}

// Report is the result of an audit.
type Report struct {
	Alliance     string
	Transactions int64
	Checks       []Check
}

func newReport(alliance string) *Report {
	r := &Report{Alliance: alliance, Checks: make([]Check, checks)}
	for i := range r.Checks {
		r.Checks[i] = Check{Name: names[i], Claim: claims[i]}
	}
	return r
}

// Clean reports whether everything held.
func (r *Report) Clean() bool {
	for i := range r.Checks {
		if r.Checks[i].Faults > 0 {
			return false
		}
	}
	return true
}

// looked counts rows that a check has looked at.
func (r *Report) looked(check, rows int) { r.Checks[check].Looked += rows }

// fault records a row that is wrong.
func (r *Report) fault(check int, format string, args ...any) {
	c := &r.Checks[check]
	c.Faults++
	if len(c.Named) < maxNamed {
		c.Named = append(c.Named, fmt.Sprintf(format, args...))
	}
}

// Print writes a line for each check, and one for each fault that is named.
func (r *Report) Print(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s: %d transactions\n", r.Alliance, r.Transactions); err != nil {
		return err
	}
	for i, c := range r.Checks {
		mark := "ok  "
		if c.Faults > 0 {
			mark = "FAIL"
		}
		if _, err := fmt.Fprintf(w, "  %s %2d %-13s%9d  %s\n", mark, i+1, c.Name, c.Looked, c.Claim); err != nil {
			return err
		}
		for _, fault := range c.Named {
			if _, err := fmt.Fprintf(w, "          ! %s\n", fault); err != nil {
				return err
			}
		}
		if more := c.Faults - len(c.Named); more > 0 {
			if _, err := fmt.Fprintf(w, "          ! and %d more\n", more); err != nil {
				return err
			}
		}
	}
	return nil
}
