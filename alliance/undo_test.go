package alliance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
)

// remains is what a circle is left with: all balances, and on its cards the
// points, the uses, and what stands. Cards that were sold and cancelled since
// are empty, and not in it.
type remains struct {
	balances deltas
	cards    map[string]alliance.Card
}

func (m *model) remains(cards []string) remains {
	r := remains{m.balances.clone(), make(map[string]alliance.Card)}
	for _, code := range cards {
		card := *m.state.Cards[code]
		card.UsesLeft = append([]int(nil), card.UsesLeft...)
		card.Frozen, card.LastSeq = false, 0 // a reversal neither freezes nor thaws, and is the newest
		r.cards[code] = card
	}
	return r
}

// TestReversingEverythingLeavesNothingBehind: whatever was done since an instant
// can be undone, the newest first, and then it is as if nothing had been done.
func TestReversingEverythingLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, evenly(t, "funding", alliance.AtIssue, alliance.AtUse))
		d := drawer{t, m}
		for range rapid.IntRange(0, 20).Draw(t, "commands before") {
			m.do(t, d.anything())
			if once(t, "time passes", 3) {
				m.advance(t, d.later())
			}
		}
		m.advance(t, m.now)
		before, known, since := m.remains(m.codes), len(m.codes), int64(len(m.records))
		for range rapid.IntRange(1, 30).Draw(t, "commands") {
			m.do(t, d.doing())
			if once(t, "refund", 2) {
				d.refund(since)
			}
		}
		m.advance(t, m.now) // a commission without a hold is released at once
		for seq := int64(len(m.records)); seq > since; seq-- {
			d.undo(m.acts[seq])
		}
		require.Equal(t, before, m.remains(m.codes[:known]))
		for _, code := range m.codes[known:] {
			require.Equal(t, alliance.Cancelled, m.state.Cards[code].Status())
		}
		m.holds(t)
	})
}

func (d drawer) anything() alliance.Command {
	return evenly(d.T, "command", d.sale, d.topUp, d.spend, d.pass, d.coupon, d.purchase, d.points, d.reversal, d.mark)()
}

func (d drawer) doing() alliance.Command {
	return evenly(d.T, "command", d.sale, d.topUp, d.topUp, d.spend, d.spend, d.pass, d.coupon, d.purchase, d.points, d.mark)()
}

// refund undoes a part of a spend that was made since.
func (d drawer) refund(since int64) {
	for seq := since + 1; seq <= int64(len(d.m.records)); seq++ {
		if a := d.m.acts[seq]; a != nil && a.whole-a.undone > 1 && spends(a) && once(d.T, "this one", 1) {
			d.undoPart(a, rapid.Int64Range(1, a.whole-a.undone-1).Draw(d.T, "part"))
			return
		}
	}
}

// undo undoes what stands of an act, of a spend part by part. Nothing can be
// wrong with that.
func (d drawer) undo(a *act) {
	if a == nil || a.reversed {
		return
	}
	switch a.command.(type) {
	case alliance.FreezeCard, alliance.UnfreezeCard, alliance.Reverse:
		return
	case alliance.SpendValue:
		for a.whole-a.undone > 1 && once(d.T, "in parts", 1) {
			d.undoPart(a, rapid.Int64Range(1, a.whole-a.undone-1).Draw(d.T, "part"))
		}
	}
	done, code := d.m.do(d.T, alliance.Reverse{Of: alliance.Reference{Seq: a.seq}})
	require.NotNil(d.T, done, "%s: can't undo %T%+v", code, a.command, a.command)
}

func (d drawer) undoPart(a *act, minor int64) *act {
	part := d.m.setup.Currency.Minor(minor).String()
	done, code := d.m.do(d.T, alliance.Reverse{Of: alliance.Reference{Seq: a.seq}, Amount: &part})
	require.NotNil(d.T, done, "%s: can't undo %s of %T%+v", code, part, a.command, a.command)
	return done
}

func spends(a *act) bool {
	_, ok := a.command.(alliance.SpendValue)
	return ok
}
