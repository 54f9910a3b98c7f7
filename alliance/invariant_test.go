package alliance_test

import (
	"maps"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// holds checks what always holds in a circle.
func (m *model) holds(t *rapid.T) {
	require.Zero(t, m.balances.of(ledger.Kinds()...), "the circle does not sum to zero")
	m.cardsHold(t)
	m.spendsHold(t)
	m.commissionsHold(t)
	m.partiesHold(t)
}

// cardsHold: a card's balances are the sums of its entries, its uses and points
// are those that were issued less those that were used, and none is negative.
func (m *model) cardsHold(t rapid.TB) {
	require.Len(t, m.state.Cards, len(m.cards))
	unreversed := m.unreversed()
	var points int64
	for code, c := range m.cards {
		s := m.state.Cards[code]
		balances := [...]int64{s.Value.Minor(), s.Bonus.Minor(), s.Pool.Minor(), s.Points}
		require.Equal(t, [...]int64{-m.balances[valueOf(code)], -m.balances[bonusOf(code)], -m.balances[poolOf(code)], c.points},
			balances, "value, bonus, pool and points of %s", code)
		require.GreaterOrEqual(t, slices.Min(balances[:]), int64(0), "on %s", code)
		if c.cancelled {
			require.Zero(t, balances, "on %s, which is cancelled", code)
		}
		require.Equal(t, []any{c.member, c.home, c.product.Code, c.cancelled, c.frozen, c.ended, unreversed[c]},
			[]any{s.Member, s.Home, s.Product, s.Cancelled, s.Frozen, s.Expired, s.Unreversed}, "%s", code)
		require.Equal(t, m.expired(c), c.ended, "%s expires at its instant", code)
		at, ever := c.expiry()
		require.Equal(t, []any{c.soldAt, c.newest, ever}, []any{s.SoldAt, s.LastSeq, s.ExpiresAt.Equal(at)}, "%s", code)
		for i := range c.product.Benefits {
			b, left := &c.product.Benefits[i], s.UsesLeft[i]
			if c.left[b.Code] != int64(left) || left < 0 || left > b.Uses {
				require.Failf(t, "uses", "of %d of %s on %s there should be %d left and are %d", b.Uses, b.Code, code, c.left[b.Code], left)
			}
		}
		points += c.points
	}
	// The terms of the tests differ in all but what is set aside for a point.
	require.Equal(t, points*m.setup.Current().PointCost.Minor(), -m.balances[pointsPool], "what backs the points")
}

// spendsHold: not more of a spend is refunded than it moved.
func (m *model) spendsHold(t rapid.TB) {
	for seq, a := range m.acts {
		s := m.state.Log[seq]
		if s.Undone.Minor() != a.undone || a.undone > a.whole || s.InFull != a.reversed {
			require.Failf(t, "refunds", "of %+v %s is undone", a, s.Undone)
		}
	}
}

// commissionsHold: a member's commission is where it was earned to, at most two
// levels of it.
func (m *model) commissionsHold(t rapid.TB) {
	require.Len(t, m.state.Members, len(m.members))
	for code, member := range m.members {
		s := m.state.Members[code]
		require.Equal(t, []string{member.first, member.second}, []string{s.Referrer, s.Second}, "those above %s", code)
		pending, payable := -m.balances[pendingOf(code)], -m.balances[payableOf(code)]
		require.GreaterOrEqual(t, pending, int64(0), "pending of %s", code)
		require.Equal(t, member.earned-member.clawed-member.paid, pending+payable, "commission of %s", code)
	}
}

// partiesHold: the positions are the sums of their entries, what sellers have
// yet to bring in is what backs their cards, and what is owed to members is
// covered by custody, by what the parties owe and, at_use, by the sellers.
func (m *model) partiesHold(t rapid.TB) {
	issuers := make(deltas)
	if m.setup.Current().Funding == alliance.AtUse {
		for code, c := range m.cards {
			if c.home != "" {
				issuers.debit(issuerOf(c.home), -m.balances[valueOf(code)]-m.balances[poolOf(code)])
			}
		}
	}
	got := maps.Clone(m.balances)
	maps.DeleteFunc(got, func(a ledger.Account, _ int64) bool { return a.Kind != ledger.Issuers })
	require.Equal(t, issuers, got, "what the sellers have yet to bring in")

	var owing int64
	for party := range m.setup.Merchants {
		require.Equal(t, m.position(party), m.state.Positions[party].Minor(), "position of %s", party)
		owing += max(0, -m.position(party))
	}
	owing += max(0, m.balances[organiser])
	require.GreaterOrEqual(t, m.balances.of(ledger.Custody, ledger.Issuers)+owing, m.owedToMembers(), "what is owed to members is not covered")
}

// receipt checks the receipt of a command that was just booked.
func (m *model) receipt(t rapid.TB, a *act) {
	r := &m.records[a.seq-1]
	receipt := m.state.Receipt(r)
	require.Equal(t, ledger.ID(a.seq), receipt.Transaction)
	require.Equal(t, a.points, receipt.Points)
	require.Equal(t, -m.balances[valueOf(a.card.code)], receipt.Card.Value.Minor())
	require.Equal(t, -m.balances[bonusOf(a.card.code)], receipt.Card.Bonus.Minor())
	require.Equal(t, a.card.points, receipt.Card.Points)
	if r.Merchant != "" {
		require.Equal(t, -a.delta[merchantOf(r.Merchant)], receipt.Change.Minor())
	}
	if value, bonus := a.delta[valueOf(a.card.code)], a.delta[bonusOf(a.card.code)]; value != 0 || bonus != 0 {
		require.Equal(t, max(value, -value), receipt.Principal.Minor())
		require.Equal(t, max(bonus, -bonus), receipt.Bonus.Minor())
	} else {
		require.Nil(t, receipt.Principal)
		require.Nil(t, receipt.Bonus)
	}
	require.Equal(t, max(a.points, -a.points)*a.terms.PointValue.Minor(), receipt.Worth.Minor())
	require.Equal(t, a.card.points*m.setup.Current().PointValue.Minor(), receipt.Card.Worth.Minor())
	if receipt.UsesLeft != nil {
		require.Equal(t, a.card.left[r.Facts.Benefit], int64(*receipt.UsesLeft))
	}
	if merchant := m.setup.Merchants[r.Merchant]; merchant != nil && merchant.Capped && a.delta[merchantOf(r.Merchant)] > 0 {
		switch r.Type {
		case alliance.CardSold, alliance.CardToppedUp, alliance.PurchaseRecorded:
			require.GreaterOrEqual(t, m.position(r.Merchant), -merchant.DebitCap.Minor(), "%s passed its cap by its own act", r.Merchant)
		}
	}
}

// refolds checks that the log, as it is stored, is all that the state comes from.
func (m *model) refolds(t rapid.TB) {
	require.Equal(t, m.asSetUp, fingerprint(m.setup), "a command changed the setup")
	state := alliance.NewState(alliance.Standard(), m.setup)
	for code := range m.setup.Merchants {
		state.Positions[code] = m.setup.Currency.Zero()
	}
	for i, r := range m.records {
		require.LessOrEqual(t, len(r.Facts.Commissions), 2, "levels of commission")
		stored, err := r.Encode()
		require.NoError(t, err)
		read, err := alliance.DecodeRecord(stored)
		require.NoError(t, err)
		read.Transaction.Facts = nil
		require.Equal(t, fingerprint(r), fingerprint(read), "%s is not read back as it was written: %+v", r.Type, r.Facts)
		if r.Type == alliance.CommissionReleased || r.Type == alliance.CardExpired {
			state.Due.Pop()
		}
		require.NoError(t, state.Apply(&read))
		state.Log[r.Seq] = &alliance.Original{Record: read, Undone: m.setup.Currency.Zero()}
		require.Equal(t, int64(i+1), r.Seq)
	}
	state.Keys = m.state.Keys
	for seq := range state.Log {
		if m.state.Log[seq] == nil {
			delete(state.Log, seq)
		}
	}
	require.Equal(t, fingerprint(m.state), fingerprint(state), "the fold of the log is not the state")
}
