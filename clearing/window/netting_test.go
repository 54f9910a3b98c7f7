package window_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
)

var renminbi = money.MustCurrency("CNY")

// movedParty returns a position that has moved by so many fen.
func movedParty(party string, fen int64) window.Position {
	return window.Position{Party: party, Opening: renminbi.Zero(), Movement: renminbi.Minor(fen)}
}

func paid(from, to string, fen int64) window.Transfer {
	return window.Transfer{From: from, To: to, Amount: renminbi.Minor(fen)}
}

func policy(direct bool, minimum int64) window.Policy {
	return window.Policy{Direct: direct, MinimumTransfer: renminbi.Minor(minimum), MinimumPayout: renminbi.Zero()}
}

func TestNetTransfers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule      string
		positions []window.Position
		policy    window.Policy
		want      []window.Transfer
	}{
		{"nobody owes anything", []window.Position{movedParty("a", 0), movedParty("b", 0)}, policy(true, 0), nil},
		{"no party", nil, policy(true, 0), nil},
		{
			"through custody, by party",
			[]window.Position{movedParty("c", -300), movedParty("b", 0), movedParty("a", 500)}, policy(false, 0),
			[]window.Transfer{paid("custody", "a", 500), paid("c", "custody", 300)},
		},
		{
			"the minimum exactly met settles, one fen less is carried",
			[]window.Position{movedParty("a", 100), movedParty("b", -100), movedParty("c", 99), movedParty("d", -99)}, policy(false, 100),
			[]window.Transfer{paid("custody", "a", 100), paid("b", "custody", 100)},
		},
		{
			"directly, the largest owed meets the largest due",
			[]window.Position{movedParty("a", -100), movedParty("b", -500), movedParty("c", 400), movedParty("d", 200)}, policy(true, 0),
			[]window.Transfer{paid("b", "c", 400), paid("a", "d", 100), paid("b", "d", 100)},
		},
		{
			"directly, ties go to the lower code",
			[]window.Position{movedParty("d", 200), movedParty("c", 200), movedParty("b", -200), movedParty("a", -200)}, policy(true, 0),
			[]window.Transfer{paid("a", "c", 200), paid("b", "d", 200)},
		},
		{
			"directly, what is left ties again",
			[]window.Position{movedParty("a", -100), movedParty("b", -300), movedParty("y", 100), movedParty("z", 200), movedParty("x", 100)}, policy(true, 0),
			[]window.Transfer{paid("b", "z", 200), paid("a", "x", 100), paid("b", "y", 100)},
		},
		{
			"directly, custody pays what the parties do not",
			[]window.Position{movedParty("a", 300), movedParty("b", -100)}, policy(true, 0),
			[]window.Transfer{paid("custody", "a", 200), paid("b", "a", 100)},
		},
		{
			"directly, custody is paid what the parties are not",
			[]window.Position{movedParty("a", -300), movedParty("b", 100)}, policy(true, 0),
			[]window.Transfer{paid("a", "custody", 200), paid("a", "b", 100)},
		},
		{
			"directly, custody ties as a party of its name",
			[]window.Position{movedParty("a", -400), movedParty("b", -100), movedParty("d", 200), movedParty("organiser", 0)}, policy(true, 0),
			[]window.Transfer{paid("a", "custody", 300), paid("a", "d", 100), paid("b", "d", 100)},
		},
		{
			"directly, custody comes before d and after c in a tie",
			[]window.Position{movedParty("a", -300), movedParty("c", 100), movedParty("d", 100)}, policy(true, 0),
			[]window.Transfer{paid("a", "c", 100), paid("a", "custody", 100), paid("a", "d", 100)},
		},
		{
			"directly, custody does not take part for what is carried",
			[]window.Position{movedParty("a", -300), movedParty("b", 300), movedParty("c", 99)}, policy(true, 100),
			[]window.Transfer{paid("a", "b", 300)},
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			_, transfers, err := window.Net(c.positions, c.policy)
			require.NoError(t, err)
			require.Equal(t, c.want, transfers)
		})
	}
}

func TestNetSettlesOpeningAndMovement(t *testing.T) {
	t.Parallel()
	position := window.Position{Party: "a", Opening: renminbi.Minor(60), Movement: renminbi.Minor(40)}
	settled, _, err := window.Net([]window.Position{position}, policy(false, 100))
	require.NoError(t, err)
	require.Equal(t, renminbi.Minor(100), settled[0].Transfer)
	require.Equal(t, renminbi.Zero(), settled[0].Carried)

	position.Movement = renminbi.Minor(-60)
	settled, transfers, err := window.Net([]window.Position{position}, policy(false, 0))
	require.NoError(t, err)
	require.Empty(t, transfers)
	require.True(t, settled[0].Transfer.IsZero() && settled[0].Carried.IsZero())
}

func TestNetDoesNotChangeItsArguments(t *testing.T) {
	t.Parallel()
	positions := []window.Position{movedParty("b", 1), movedParty("a", -1)}
	before := slices.Clone(positions)
	_, _, err := window.Net(positions, policy(true, 0))
	require.NoError(t, err)
	require.Equal(t, before, positions)
}

func TestNetReportsOverflow(t *testing.T) {
	t.Parallel()
	const most = 1<<63 - 1
	_, _, err := window.Net([]window.Position{{Party: "a", Opening: renminbi.Minor(most), Movement: renminbi.Minor(1)}}, policy(false, 0))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, _, err = window.Net([]window.Position{movedParty("a", most), movedParty("b", most)}, policy(true, 0))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = window.ClosingEntries([]window.Position{{Party: "a", Transfer: renminbi.Minor(most)}, {Party: "b", Transfer: renminbi.Minor(most)}}, true)
	require.ErrorIs(t, err, money.ErrOverflow)
}

// In any month the transfers bring each party what it is settled for, and custody the rest.
// There are no more of them than settled parties. What is booked for them sums to zero and
// leaves what is carried.
func TestTransfersSettleThePositions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		positions := []window.Position{movedParty(clearing.Organiser, rapid.Int64Range(-500, 500).Draw(t, "organiser"))}
		// Small numbers make ties likely.
		for i, fen := range rapid.SliceOfN(rapid.Int64Range(-300, 300), 0, 12).Draw(t, "movements") {
			p := movedParty(fmt.Sprintf("shop%02d", i), fen)
			p.Opening = renminbi.Minor(rapid.Int64Range(-50, 50).Draw(t, "opening"))
			positions = append(positions, p)
		}
		positions = rapid.Permutation(positions).Draw(t, "order")
		policy := policy(rapid.Bool().Draw(t, "direct"), rapid.Int64Range(0, 120).Draw(t, "minimum"))
		settled, transfers, err := window.Net(positions, policy)
		require.NoError(t, err)

		got := make(map[string]int64)
		for _, transfer := range transfers {
			require.Positive(t, transfer.Amount.Sign())
			require.NotEqual(t, transfer.From, transfer.To)
			got[transfer.From] -= transfer.Amount.Minor()
			got[transfer.To] += transfer.Amount.Minor()
		}
		var custody int64
		parties := 0
		require.True(t, slices.IsSortedFunc(settled, func(a, b window.Position) int { return slices.Compare([]byte(a.Party), []byte(b.Party)) }))
		for _, p := range settled {
			require.Equal(t, p.Opening.Minor()+p.Movement.Minor(), p.Transfer.Minor()+p.Carried.Minor())
			require.True(t, p.Transfer.IsZero() || p.Carried.IsZero())
			require.True(t, p.Transfer.IsZero() || p.Transfer.Abs().Cmp(policy.MinimumTransfer) >= 0)
			require.True(t, p.Carried.IsZero() || p.Carried.Abs().Cmp(policy.MinimumTransfer) < 0)
			require.Equal(t, p.Transfer.Minor(), got[p.Party], "the transfers of %s", p.Party)
			custody -= p.Transfer.Minor()
			if !p.Transfer.IsZero() {
				parties++
			}
		}
		require.Equal(t, custody, got[clearing.Custody])
		require.LessOrEqual(t, len(transfers), parties)
		if !policy.Direct {
			require.Len(t, transfers, parties)
		} else {
			requireLargestFirst(t, settled, transfers, custody)
		}
		requireBooked(t, settled, custody)
	})
}

// requireLargestFirst checks that each direct transfer is from the party that owes most to the
// one that is owed most, after the transfers before it.
func requireLargestFirst(t *rapid.T, settled []window.Position, transfers []window.Transfer, custody int64) {
	left := map[string]int64{clearing.Custody: custody}
	for _, p := range settled {
		left[p.Party] = p.Transfer.Minor()
	}
	for _, transfer := range transfers {
		owes, due := -left[transfer.From], left[transfer.To]
		require.Equal(t, min(owes, due), transfer.Amount.Minor())
		for party, fen := range left {
			require.False(t, -fen > owes || (-fen == owes && party < transfer.From), "%s pays before %s", party, transfer.From)
			require.False(t, fen > due || (fen == due && party < transfer.To), "%s is paid before %s", party, transfer.To)
		}
		left[transfer.From] += transfer.Amount.Minor()
		left[transfer.To] -= transfer.Amount.Minor()
	}
}

func requireBooked(t *rapid.T, settled []window.Position, custody int64) {
	entries, err := window.ClosingEntries(settled, true)
	require.NoError(t, err)
	transaction := ledger.Transaction{Entries: entries}
	require.NoError(t, transaction.Check())
	booked := make(map[ledger.Account]int64)
	for _, e := range entries {
		booked[e.Account] += e.Amount.Minor()
	}
	require.Equal(t, custody, booked[clearing.PartyAccount(clearing.Custody)])
	for _, p := range settled {
		// A position is a credit balance: what is transferred to the party is debited.
		require.Equal(t, p.Transfer.Minor(), booked[clearing.PartyAccount(p.Party)])
	}
}

func TestPayoutsArePositiveAndAtLeastTheMinimum(t *testing.T) {
	t.Parallel()
	payables := []window.Payable{
		{Member: "e", Amount: renminbi.Minor(1000)}, {Member: "d", Amount: renminbi.Minor(999)},
		{Member: "c", Amount: renminbi.Zero()}, {Member: "b", Amount: renminbi.Minor(-5000)}, {Member: "a", Amount: renminbi.Minor(1001)},
	}
	whole := func(paid ...window.Payable) (payouts []window.Payout) {
		for _, p := range paid {
			payouts = append(payouts, window.Payout{Member: p.Member, Gross: p.Amount, Tax: renminbi.Zero()})
		}
		return payouts
	}
	require.Equal(t, whole(payables[0], payables[4]), window.Payouts(payables, window.Policy{MinimumPayout: renminbi.Minor(1000)}))
	require.Equal(t, whole(payables[0], payables[1], payables[4]), window.Payouts(payables, window.Policy{MinimumPayout: renminbi.Zero()}))
}

func TestNettingComparesGrossWithTransfers(t *testing.T) {
	t.Parallel()
	s := window.Snapshot{
		Currency: renminbi,
		Positions: []window.Position{
			{Party: "a", Movements: ledger.Turnover{{Type: "card.sold", Count: 2, Debits: 20000, Credits: 2000}, {Type: "value.spent", Count: 1, Credits: 5000}}},
			{Party: "b", Movements: ledger.Turnover{{Type: "value.spent", Count: 3, Credits: 8000}}},
		},
		Transfers: []window.Transfer{{From: "a", To: clearing.Custody, Amount: renminbi.Minor(13000)}, {From: clearing.Custody, To: "b", Amount: renminbi.Minor(8000)}},
	}
	require.Equal(t, window.Netting{
		Gross: renminbi.Minor(35000), GrossCount: 6, Netted: renminbi.Minor(21000), Saved: renminbi.Minor(14000),
	}, s.Netting())
	require.True(t, (&window.Snapshot{Currency: renminbi}).Netting().Saved.IsZero())
}

// Of a card that was given back the payer is owed the money, and the seller owes its share of the
// sale: the circle's affair on both sides, as the sale was. Custody paid for the other card. A
// gift's coupon is what its funder owes the shop that honours it, and counts once; the gift's
// points and bonus are owed to the circle.
func TestNettingCountsRefundsAndGifts(t *testing.T) {
	t.Parallel()
	s := window.Snapshot{
		Currency: renminbi,
		Positions: []window.Position{
			{Party: "a", Movements: ledger.Turnover{
				{Type: "card.refunded", Count: 2, Debits: 4000, Credits: 28560},
				{Type: "coupon.used", Count: 1, Debits: 200},
				{Type: "gift.earned", Count: 3, Debits: 150},
			}},
			{Party: "b", Movements: ledger.Turnover{
				{Type: "coupon.used", Count: 1, Credits: 200}, {Type: "hold.captured", Count: 1, Credits: 1470}, {Type: "item.redeemed", Count: 1, Credits: 294},
			}},
		},
	}
	n := s.Netting()
	require.EqualValues(t, 4000+28560+200+150+1470+294, n.Gross.Minor())
	require.EqualValues(t, 9, n.GrossCount)
}

// 3,750.00 that one party owes another is one obligation, however it is settled.
func TestWhatOnePartyOwesAnotherCountsOnce(t *testing.T) {
	t.Parallel()
	moved := func(kind ledger.Type, debits, credits int64) ledger.Turnover {
		return ledger.Turnover{{Type: kind, Count: 1, Debits: debits, Credits: credits}}
	}
	for _, c := range []struct {
		name      string
		positions []window.Position
		gross     int64
	}{
		{"an adjustment", []window.Position{
			{Party: "a", Movements: moved("position.adjusted", 375000, 0)}, {Party: "b", Movements: moved("position.adjusted", 0, 375000)},
		}, 375000},
		{"a dispute that was adjusted, with what it kept out", []window.Position{
			{Party: "a", Movements: moved("dispute.adjusted", 1200, 0)}, {Party: "b", Movements: moved("dispute.adjusted", 3000, 1200)},
		}, 4200},
		{"a coupon", []window.Position{
			{Party: "organiser", Movements: moved("coupon.used", 2000, 0)}, {Party: "b", Movements: moved("coupon.used", 0, 2000)},
		}, 2000},
		{"traffic shares, and points that the circle keeps", []window.Position{
			{Party: "a", Movements: moved("purchase.recorded", 450, 0)}, {Party: "b", Movements: moved("purchase.recorded", 0, 300)},
			{Party: "organiser", Movements: moved("purchase.recorded", 0, 50)},
		}, 450},
		{"a spend that the card's seller pays", []window.Position{
			{Party: "a", Movements: moved("value.spent", 10000, 0)}, {Party: "b", Movements: moved("value.spent", 0, 9800)},
			{Party: "organiser", Movements: moved("value.spent", 0, 200)},
		}, 10000},
		{"a sale, of which the circle gives the seller its share", []window.Position{{Party: "a", Movements: moved("card.sold", 10000, 1000)}}, 11000},
	} {
		s := window.Snapshot{Currency: renminbi, Positions: c.positions}
		require.Equal(t, renminbi.Minor(c.gross), s.Netting().Gross, c.name)
	}
	adjusted := window.Snapshot{
		Currency:  renminbi,
		Positions: []window.Position{{Party: "a", Movements: moved("position.adjusted", 375000, 0)}, {Party: "b", Movements: moved("position.adjusted", 0, 375000)}},
		Transfers: []window.Transfer{{From: "a", To: "b", Amount: renminbi.Minor(375000)}},
	}
	require.True(t, adjusted.Netting().Saved.IsZero(), "one transfer saves nothing of one obligation")
}
