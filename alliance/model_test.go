package alliance_test

import (
	"errors"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// caller is who gives the commands of the tests.
const caller = "test"

// model is a circle in memory, written down twice. state is the rule book's own
// account of it. All the rest is kept without asking the rule book: balances are
// the fold of the entries, and cards, members and acts follow from the commands by
// the words of the contract.
type model struct {
	setup    *alliance.Setup
	state    *alliance.State
	location *time.Location
	now      time.Time
	window   window.Window

	records  []alliance.Record // the log: number n is at n-1
	balances deltas
	opening  map[string]int64 // of the parties in the open window

	cards   map[string]*card
	codes   []string // of the cards, as they were sold
	members map[string]*member
	acts    map[int64]*act // by the number of the transaction

	asSetUp digest // the setup as the organiser left it
	seen    digest // of the state as it was last looked at; 0: it has changed since
}

// card is a card as the commands have made it.
type card struct {
	code      string
	product   *alliance.Product
	member    string
	home      string
	soldAt    time.Time
	newest    int64 // the number of its newest transaction
	cancelled bool
	frozen    bool
	ended     bool // it has expired
	points    int64
	left      map[string]int64
}

// member is a member with those above, and what the commission came to.
type member struct {
	first, second        string
	earned, clawed, paid int64
}

// act is a command that was booked.
type act struct {
	seq      int64
	command  alliance.Command
	at       time.Time
	terms    *alliance.Terms
	card     *card
	delta    deltas
	whole    int64 // of a spend
	bonus    int64 // of a spend or a top-up
	undone   int64 // of a spend
	points   int64
	reversed bool // in full

	earned [2]earning // of a sale, by level
}

type earning struct {
	member string
	minor  int64
}

// expiry returns when the card expires, and whether it ever does.
func (c *card) expiry() (time.Time, bool) {
	return c.soldAt.Add(time.Duration(c.product.ValidDays) * 24 * time.Hour), c.product.ValidDays > 0
}

// expired reports whether the passes and coupons of the card have ended.
func (m *model) expired(c *card) bool {
	at, ever := c.expiry()
	return ever && !c.cancelled && !at.After(m.now)
}

// released reports whether the commission of a sale has left its hold.
func (m *model) released(a *act) bool { return !a.release().After(m.now) }

func (a *act) release() time.Time {
	return a.at.Add(time.Duration(a.terms.HoldDays) * 24 * time.Hour)
}

func newModel(setup *alliance.Setup, location *time.Location, at time.Time) *model {
	m := &model{
		setup: setup, state: alliance.NewState(alliance.Standard(), setup), location: location, now: at, window: window.Of(at, location),
		balances: make(deltas), opening: make(map[string]int64),
		cards: make(map[string]*card), members: make(map[string]*member), acts: make(map[int64]*act),
	}
	m.asSetUp = fingerprint(setup)
	for code := range setup.Merchants {
		m.state.Positions[code] = setup.Currency.Zero()
	}
	return m
}

// position returns what the circle owes a party.
func (m *model) position(party string) int64 { return -m.balances[clearing.PartyAccount(party)] }

// do gives a command and checks the answer: that deciding changes nothing and is
// the same twice, that the refusal is the contract's, and otherwise that the
// postings are. It returns the act, or nil and the code of the refusal.
func (m *model) do(t rapid.TB, command alliance.Command) (*act, string) {
	m.advance(t, m.now)
	if m.seen == 0 {
		m.seen = m.look()
	}
	record, err := m.state.Decide(command, m.now)
	again, errAgain := m.state.Decide(command, m.now)
	require.Equal(t, fingerprint(record), fingerprint(again), "deciding twice is not the same: %+v", command)
	require.Equal(t, err, errAgain, "deciding twice is not the same: %+v", command)
	require.Equal(t, m.seen, m.look(), "deciding changed the state: %+v", command)

	var refusal *clearing.Refusal
	if errors.As(err, &refusal) {
		require.Equal(t, m.refusal(command), refusal.Code, "%T%+v: %v", command, command, refusal)
		require.NotEmpty(t, refusal.Detail)
		require.Zero(t, fingerprint(record)-fingerprint(alliance.Record{}), "a refusal comes with a record")
		return nil, refusal.Code
	}
	require.NoError(t, err)
	require.Empty(t, m.refusal(command), "%T%+v was not refused", command, command)
	a := m.expect(command)
	require.Equal(t, a.delta, fold(record.Entries), "the postings of %T%+v", command, command)
	require.Equal(t, a.terms.Version, record.Terms)
	require.Equal(t, m.now, record.BookedAt)

	key := strconv.Itoa(len(m.records) + 1)
	m.book(t, record)
	m.state.Remember(m.records[len(m.records)-1], alliance.Reference{Caller: caller, Key: key})
	a.seq = int64(len(m.records))
	m.took(a)
	m.receipt(t, a)
	return a, ""
}

// look returns the fingerprint of the state without its setup, which is large and
// looked at once, when the play is over.
func (m *model) look() digest {
	state := *m.state
	state.Setup = nil
	return fingerprint(state)
}

// book numbers a record, checks it and folds it, as the sequencer does.
func (m *model) book(t rapid.TB, r alliance.Record) {
	r.Seq, r.Period = int64(len(m.records))+1, m.window.Period
	m.seen = 0
	require.NoError(t, r.Check())
	require.False(t, r.BookedAt.Before(m.window.OpensAt), "%s is booked before the window opens", r.Type)
	require.False(t, r.BookedAt.After(m.window.CutoffAt), "%s is booked after the cut-off", r.Type)
	require.NoError(t, m.state.Apply(r))
	if c := m.cards[r.Card]; c != nil {
		require.Equal(t, c.newest, r.Previous, "the transactions of a card are a chain")
		c.newest = r.Seq
	} else {
		require.Zero(t, r.Previous)
	}
	m.balances.add(fold(r.Entries), 1)
	m.records = append(m.records, r)
}

// post books what the clearing house does, of which the rule book knows the
// positions alone.
func (m *model) post(t rapid.TB, kind ledger.Type, entries []ledger.Entry) {
	m.book(t, alliance.Record{Transaction: ledger.Transaction{
		Type: kind, BookedAt: m.window.CutoffAt, Terms: m.setup.Current().Version, Entries: entries,
	}})
}

// took notes what a booked command has changed.
func (m *model) took(a *act) {
	switch c := a.command.(type) {
	case alliance.SellCard:
		a.card.newest = a.seq
		m.cards[c.Card] = a.card
		m.codes = append(m.codes, c.Card)
		if m.members[c.Member] == nil {
			m.members[c.Member] = m.joining(c.Referrer)
		}
		for _, e := range a.earned {
			if e.minor > 0 {
				m.members[e.member].earned += e.minor
			}
		}
	case alliance.UsePass:
		a.card.left[c.Benefit] -= c.Count
	case alliance.UseCoupon:
		a.card.left[c.Benefit]--
	case alliance.FreezeCard:
		a.card.frozen = true
	case alliance.UnfreezeCard:
		a.card.frozen = false
	case alliance.Reverse:
		m.undid(a, m.named(c.Of))
	}
	a.card.points += a.points
	m.acts[a.seq] = a
}

// undid notes what a reversal has given back.
func (m *model) undid(a, original *act) {
	switch c := original.command.(type) {
	case alliance.SellCard:
		original.card.cancelled = true
		for _, e := range original.earned {
			if e.minor > 0 {
				m.members[e.member].clawed += e.minor
			}
		}
	case alliance.UsePass:
		original.card.left[c.Benefit] += c.Count
	case alliance.UseCoupon:
		original.card.left[c.Benefit]++
	}
	original.undone += a.whole
	original.reversed = original.undone == original.whole
}

// joining returns a member who buys for the first time.
func (m *model) joining(referrer *string) *member {
	if referrer == nil {
		return &member{}
	}
	return &member{first: *referrer, second: m.members[*referrer].first}
}

// named returns the act that a reference names, or nil.
func (m *model) named(of alliance.Reference) *act {
	if of.Seq != 0 {
		return m.acts[of.Seq]
	}
	seq, err := strconv.ParseInt(of.Key, 10, 64)
	if err != nil || of.Caller != caller {
		return nil
	}
	return m.acts[seq]
}
