package sequencer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// setupAtOnce is setup with terms that release commission at the instant of the sale, as a
// consequence of it.
func setupAtOnce(t *testing.T) *pier {
	t.Helper()
	return setupBy(t, strings.Replace(rules, "hold_days: 7", "hold_days: 0", 1))
}

func (p *pier) referred(card, member string) sequencer.Order {
	return p.order(alliance.SellCard{Card: card, Member: member, Product: "paid", Referrer: text("ann")})
}

// booking is a transaction of the log.
type booking struct{ Type, Card, Period string }

// log returns all transactions from a number on.
func (p *pier) log(from int64) []booking {
	p.Helper()
	rows, err := p.pool.Query(p.Context(), `SELECT type, card, period FROM transactions WHERE seq >= $1 ORDER BY seq`, from)
	require.NoError(p, err)
	bookings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[booking])
	require.NoError(p, err)
	return bookings
}

func (p *pier) head() clearing.Head {
	p.Helper()
	head, err := clearing.ReadHead(p.Context(), p.pool, p.alliance.ID)
	require.NoError(p, err)
	return head
}

// TestConsequenceFollowsItsCommand sells cards under the lock (a circle's first
// batch), then from memory.
func TestConsequenceFollowsItsCommand(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setupAtOnce(t)
	for round, orders := range [][]sequencer.Order{
		{p.order(alliance.SellCard{Card: "A", Member: "ann", Product: "paid"}), p.referred("B", "bob"), p.referred("C", "cyd"), p.order(alliance.FreezeCard{Card: "B"})},
		{p.referred("D", "dan"), p.referred("E", "eve"), p.order(alliance.FreezeCard{Card: "D"}), p.referred("F", "fay")},
	} {
		before := p.head().LastSeq
		outcomes, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, orders)
		require.NoError(t, err)
		for _, o := range outcomes {
			require.Nil(t, o.Refusal)
			require.NoError(t, o.Err)
		}
		const period = "2026-10"
		require.Equal(t, [][]booking{
			{
				{"card.sold", "A", period},
				{"card.sold", "B", period}, {"commission.released", "", period},
				{"card.sold", "C", period}, {"commission.released", "", period},
				{"card.frozen", "B", period},
			},
			{
				{"card.sold", "D", period}, {"commission.released", "", period},
				{"card.sold", "E", period}, {"commission.released", "", period},
				{"card.frozen", "D", period},
				{"card.sold", "F", period}, {"commission.released", "", period},
			},
		}[round], p.log(before+1))
		require.Equal(t, before+6, outcomes[3].Seq, "each outcome names its own transaction")

		head := p.head()
		require.False(t, head.Overdue(opening), "nothing is left to do: next is %s", head.NextDueAt)
		require.Equal(t, opening.AddDate(0, 0, 30), head.NextDueAt, "an expiry is next")
	}
	p.audit()
}

// TestConsequenceIsInTheWindowOfItsCommand sells at the instant of the cut-off, which is the
// first of the next window.
func TestConsequenceIsInTheWindowOfItsCommand(t *testing.T) {
	t.Parallel()
	p := setupAtOnce(t)
	p.must(alliance.SellCard{Card: "A", Member: "ann", Product: "paid"})
	cutoff := p.head().CutoffAt
	last, first := p.referred("B", "bob"), p.referred("C", "cyd")
	last.At, first.At = cutoff.Add(-time.Microsecond), cutoff
	before := p.head().LastSeq
	outcomes, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, []sequencer.Order{last, first})
	require.NoError(t, err)
	for _, o := range outcomes {
		require.Nil(t, o.Refusal)
	}
	require.Equal(t, []booking{
		{"card.expired", "A", "2026-10"},
		{"card.sold", "B", "2026-10"}, {"commission.released", "", "2026-10"},
		{"window.closed", "", "2026-10"}, {"commission.paid", "", "2026-10"},
		{"card.sold", "C", "2026-11"}, {"commission.released", "", "2026-11"},
	}, p.log(before+1))
	p.audit()
}
