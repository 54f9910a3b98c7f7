package alliance_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
)

// TestCircleKeepsItsInvariants plays anything at all in any circle. Every answer
// is compared with what the contract says, and all that always holds is checked
// after every step.
func TestCircleKeepsItsInvariants(t *testing.T) {
	t.Parallel()
	for _, funding := range []alliance.Funding{alliance.AtIssue, alliance.AtUse} {
		t.Run(string(funding), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { play(t, funding) })
		})
	}
}

func play(t *rapid.T, funding alliance.Funding) {
	m := drawModel(t, funding)
	d := drawer{t, m}
	m.do(t, d.sale())
	m.do(t, d.sale())
	last := d.purchase()
	again := func() alliance.Command { return last }
	commands := []func() alliance.Command{
		d.sale, d.sale, d.topUp, d.topUp, d.spend, d.spend, d.pass, d.pass, d.coupon, d.coupon, d.purchase, d.purchase, d.points,
		d.reversal, d.reversal, d.reversal, d.mark, again,
	}
	t.Repeat(map[string]func(*rapid.T){
		"": m.holds,
		"commands": func(t *rapid.T) {
			for range 4 {
				last = evenly(t, "command", commands...)()
				m.do(t, last)
			}
		},
		"time passes": func(t *rapid.T) {
			m.advance(t, d.later())
			if once(t, "new terms", 3) {
				d.amend()
			}
		},
	})
	m.refolds(t)
}

// later draws an instant that has not passed: soon, or exactly when something
// falls due, or a second before.
func (d drawer) later() time.Time {
	const day = 24 * time.Hour
	at := d.m.now.Add(evenly(d.T, "later", time.Second, time.Hour, day, day, 3*day, 7*day, 31*day))
	switch evenly(d.T, "until", "then", "a cut-off", "work falls due") {
	case "a cut-off":
		at = d.m.window.CutoffAt
	case "work falls due":
		if due, ok := d.m.state.NextDue(); ok {
			at = due
		}
	default:
		return at
	}
	if before := at.Add(-time.Second); before.After(d.m.now) && once(d.T, "just before", 1) {
		return before
	}
	return at
}

// amend puts new terms in force. What was decided by the old ones is undone by
// them.
func (d drawer) amend() {
	if len(d.m.setup.Terms) == 3 {
		return
	}
	terms := drawTerms(d.T, d.m.setup.Currency)
	terms.Version, terms.Funding = len(d.m.setup.Terms)+1, d.m.setup.Current().Funding
	d.m.setup.Terms = append(d.m.setup.Terms, terms)
	d.m.asSetUp = fingerprint(d.m.setup)
}
