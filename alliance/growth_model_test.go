package alliance_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/window"
)

// growthModel is a circle in memory with all kinds of the rule book. Other than model it does not
// know the rules: it keeps the log and the balances that follow from it, against which the
// state is checked. Positions are not settled.
type growthModel struct {
	setup  *alliance.Setup
	state  *alliance.State
	now    time.Time
	window window.Window

	records  []alliance.Record // the log: number n is at n-1
	balances deltas
	placed   map[int64]bool // the holds
}

func newGrowthModel(setup *alliance.Setup, at time.Time) *growthModel {
	n := &growthModel{
		setup: setup, state: alliance.NewState(alliance.Standard(), setup), now: at, window: window.Of(at, setup.Location),
		balances: make(deltas), placed: make(map[int64]bool),
	}
	for code := range setup.Merchants {
		n.state.Positions[code] = setup.Currency.Zero()
	}
	return n
}

// do gives a command, checks that deciding changes nothing and is the same twice, and runs
// what the command causes. It returns the number of the transaction, or 0 and the code of
// the refusal.
func (n *growthModel) do(t rapid.TB, command alliance.Command) (int64, string) {
	n.advance(t, n.now)
	before := n.look()
	record, err := n.state.Decide(command, n.now)
	again, errAgain := n.state.Decide(command, n.now)
	require.Equal(t, fingerprint(record), fingerprint(again), "deciding twice is not the same: %+v", command)
	require.Equal(t, err, errAgain)
	require.Equal(t, before, n.look(), "deciding changed the state: %T%+v", command, command)
	var refusal *clearing.Refusal
	if errors.As(err, &refusal) {
		require.NotEmpty(t, refusal.Detail)
		return 0, refusal.Code
	}
	require.NoError(t, err)
	n.book(t, record)
	seq := int64(len(n.records))
	n.state.Remember(n.records[seq-1], alliance.Reference{Caller: caller, Key: strconv.FormatInt(seq, 10)})
	if record.Type == alliance.HoldPlaced {
		n.placed[seq] = true
	}
	n.runDue(t, n.now)
	return seq, ""
}

// look returns the fingerprint of the state without its setup.
func (n *growthModel) look() digest {
	state := *n.state
	state.Setup = nil
	return fingerprint(state)
}

func (n *growthModel) advance(t rapid.TB, at time.Time) {
	for !n.window.CutoffAt.After(at) {
		n.runDue(t, n.window.CutoffAt)
		n.window = window.Of(n.window.CutoffAt, n.setup.Location)
	}
	n.runDue(t, at)
	n.now = at
}

func (n *growthModel) runDue(t rapid.TB, at time.Time) {
	for {
		due, ok := n.state.NextDue()
		if !ok || due.After(at) {
			return
		}
		record, err := n.state.RunDue()
		require.NoError(t, err)
		require.True(t, due.Equal(record.BookedAt))
		n.book(t, record)
	}
}

func (n *growthModel) book(t rapid.TB, r alliance.Record) {
	r.Seq, r.Period = int64(len(n.records))+1, n.window.Period
	require.NoError(t, r.Check())
	require.NoError(t, n.state.Apply(&r))
	n.balances.add(fold(r.Entries), 1)
	n.records = append(n.records, r)
}

// must gives a command that may not be refused.
func (n *growthModel) must(t testing.TB, command alliance.Command) int64 {
	t.Helper()
	seq, code := n.do(t, command)
	require.Empty(t, code, "%T%+v", command, command)
	return seq
}

// refused gives a command that has to be refused.
func (n *growthModel) refused(t testing.TB, want string, command alliance.Command) {
	t.Helper()
	_, code := n.do(t, command)
	require.Equal(t, want, code, "%T%+v", command, command)
}

// moves gives a command and returns what it and what it causes move, account by account.
func (n *growthModel) moves(t testing.TB, command alliance.Command) map[string]string {
	t.Helper()
	before := n.balances.clone()
	n.must(t, command)
	moved := n.balances.clone()
	moved.add(before, -1)
	written := make(map[string]string, len(moved))
	for account, minor := range moved {
		written[account.String()] = n.setup.Currency.Minor(minor).String()
	}
	return written
}

// later lets time pass.
func (n *growthModel) later(t testing.TB, d time.Duration) {
	t.Helper()
	n.advance(t, n.now.Add(d))
}

func numbered(seq int64) alliance.Reference { return alliance.Reference{Seq: seq} }

// current returns the card that a code has become.
func (n *growthModel) current(code string) *alliance.Card {
	card := n.state.Cards[code]
	for card != nil && card.ReplacedBy != nil {
		card = n.state.Cards[*card.ReplacedBy]
	}
	return card
}
