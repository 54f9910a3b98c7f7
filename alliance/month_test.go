package alliance_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// advance lets time pass: what falls due is done, instant after instant, and at
// each cut-off the month is closed after it.
func (m *model) advance(t rapid.TB, at time.Time) {
	for {
		limit := at
		if m.window.CutoffAt.Before(limit) {
			limit = m.window.CutoffAt
		}
		for {
			due, ok := m.state.NextDue()
			if !ok || due.After(limit) {
				break
			}
			m.fallDue(t, due)
		}
		if m.window.CutoffAt.After(at) {
			break
		}
		m.now = m.window.CutoffAt
		m.close(t)
	}
	m.now = at
}

// fallDue does the earliest of what falls due and checks that it falls due then
// and moves what it has to.
func (m *model) fallDue(t rapid.TB, due time.Time) {
	m.seen = 0
	record, err := m.state.RunDue()
	require.NoError(t, err)
	require.Equal(t, due, record.BookedAt)
	if last := len(m.records) - 1; last >= 0 {
		require.False(t, due.Before(m.records[last].BookedAt), "%s goes back in time", record.Type)
		if m.records[last].Type == alliance.CardExpired && m.records[last].BookedAt.Equal(due) {
			require.Equal(t, alliance.CardExpired, record.Type, "what is released comes before what expires")
		}
	}
	sale := m.acts[record.Facts.SaleSeq]
	require.NotNil(t, sale)
	require.False(t, sale.card.cancelled, "%s of a cancelled card", record.Type)
	want := make(deltas)
	if record.Type == alliance.CardExpired {
		sale.card.ended = true
		at, _ := sale.card.expiry()
		require.Equal(t, at, due)
		want.debit(poolOf(sale.card.code), -m.balances[poolOf(sale.card.code)])
		if sale.terms.Funding == alliance.AtUse && sale.card.home != "" {
			want.rest(issuerOf(sale.card.home))
		} else {
			want.rest(organiser)
		}
	} else {
		require.Equal(t, alliance.CommissionReleased, record.Type)
		require.Equal(t, sale.release(), due)
		e := sale.earned[record.Facts.Level-1]
		want.debit(pendingOf(e.member), e.minor)
		want.credit(payableOf(e.member), e.minor)
	}
	require.Equal(t, want, fold(record.Entries), record.Type)
	m.now = due
	m.book(t, record)
	m.state.Remember(m.records[len(m.records)-1], alliance.Reference{})
}

// close nets the month, books it, pays the members and opens the next month.
func (m *model) close(t rapid.TB) {
	currency, policy := m.setup.Currency, m.setup.Current().Policy()
	positions := []window.Position{m.positionOf(clearing.Organiser)}
	for code := range m.setup.Merchants {
		positions = append(positions, m.positionOf(code))
	}
	settled, transfers, err := window.Net(positions, policy)
	require.NoError(t, err)
	require.Len(t, settled, len(positions))

	// What the transfers bring every party is its transfer; custody, which is
	// party to all that is left, brings the sum to zero.
	brought := make(map[string]int64)
	for _, transfer := range transfers {
		require.Positive(t, transfer.Amount.Sign())
		brought[transfer.To] += transfer.Amount.Minor()
		brought[transfer.From] -= transfer.Amount.Minor()
	}
	var sum int64
	m.opening = make(map[string]int64)
	for _, p := range settled {
		position := m.position(p.Party)
		require.Equal(t, position, p.Transfer.Minor()+p.Carried.Minor())
		if size := max(position, -position); position != 0 && size >= policy.MinimumTransfer.Minor() {
			require.Equal(t, position, p.Transfer.Minor(), "%s is settled", p.Party)
		} else {
			require.Equal(t, position, p.Carried.Minor(), "%s is carried", p.Party)
		}
		require.Equal(t, p.Transfer.Minor(), brought[p.Party], "the transfers of %s", p.Party)
		sum += p.Transfer.Minor()
		m.opening[p.Party] = p.Carried.Minor()
	}
	require.Equal(t, -sum, brought[clearing.Custody])

	entries, err := window.ClosingEntries(settled, true)
	require.NoError(t, err)
	m.post(t, window.Closed, entries)
	for party, carried := range m.opening {
		require.Equal(t, carried, m.position(party), "%s after the month's end", party)
	}
	m.payOut(t, policy)
	if policy.MinimumTransfer.IsZero() {
		m.covered(t)
	}
	m.window = window.Of(m.window.CutoffAt, m.location)
	require.Equal(t, m.now, m.window.OpensAt)
	require.Equal(t, currency, m.setup.Currency)
}

func (m *model) positionOf(party string) window.Position {
	currency := m.setup.Currency
	return window.Position{
		Party:    party,
		Opening:  currency.Minor(m.opening[party]),
		Movement: currency.Minor(m.position(party) - m.opening[party]),
	}
}

// payOut pays the members from custody.
func (m *model) payOut(t rapid.TB, policy window.Policy) {
	var payables []window.Payable
	for code := range m.members {
		if payable := -m.balances[payableOf(code)]; payable != 0 {
			payables = append(payables, window.Payable{Member: code, Amount: m.setup.Currency.Minor(payable)})
		}
	}
	due := 0
	for _, p := range payables {
		if p.Amount.Minor() > 0 && p.Amount.Minor() >= policy.MinimumPayout.Minor() {
			due++
		}
	}
	paid := window.Payouts(payables, policy)
	require.Len(t, paid, due)
	slices.SortFunc(paid, func(a, b window.Payout) int { return a.Gross.Cmp(b.Gross) })
	for _, p := range paid {
		require.Positive(t, p.Gross.Sign())
		require.GreaterOrEqual(t, p.Gross.Minor(), policy.MinimumPayout.Minor())
		m.post(t, window.CommissionPaid, []ledger.Entry{
			{Account: payableOf(p.Member), Amount: p.Gross},
			{Account: custody, Amount: p.Gross.Neg()},
		})
		member := m.members[p.Member]
		member.paid += p.Gross.Minor()
		require.LessOrEqual(t, member.paid, member.earned-member.clawed, "%s is paid what was not earned", p.Member)
	}
}

// covered checks, right after everybody has settled in full, that what is held
// for the members is there: in custody, and with at_use at the sellers.
func (m *model) covered(t rapid.TB) {
	require.Zero(t, m.balances.of(ledger.Merchants, ledger.Organiser))
	require.Equal(t, m.owedToMembers(), m.balances.of(ledger.Custody, ledger.Issuers))
}

// owedToMembers returns what backs the cards, the points and the commissions.
func (m *model) owedToMembers() int64 {
	return -m.balances.of(ledger.CardBonus, ledger.CardPool, ledger.CardValue,
		ledger.CommissionPayable, ledger.CommissionPending, ledger.PointsPool)
}
