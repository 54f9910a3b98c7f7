package sequencer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
)

// TestMoreFallsDueThanFitsInMemory has more cards expire at once than one segment loads,
// between commands of the same batch.
func TestMoreFallsDueThanFitsInMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setup(t)
	const cards = 10_500
	orders := make([]sequencer.Order, 0, cards)
	for i := range cards {
		orders = append(orders, p.order(alliance.SellCard{Card: fmt.Sprintf("C%05d", i), Member: "ann", Product: "day"}))
	}
	for piece := range slices.Chunk(orders, sequencer.MaxWaiting) {
		_, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, piece)
		require.NoError(t, err)
	}

	early, late := p.order(alliance.FreezeCard{Card: "C00000"}), p.order(alliance.FreezeCard{Card: "C00001"})
	early.At, late.At = opening.Add(time.Hour), opening.Add(25*time.Hour)
	_, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, []sequencer.Order{early, late})
	require.NoError(t, err)
	var expired, left int
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE expired), (SELECT count(*) FROM due) FROM cards`).Scan(&expired, &left))
	require.Equal(t, cards, expired)
	require.Zero(t, left)
	p.audit()
}

// TestEmptyMonthsCloseOneByOne advances two years at once.
func TestEmptyMonthsCloseOneByOne(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setup(t)
	p.card("A", "100.00")
	for range 2 { // the second time changes nothing
		require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, opening.AddDate(2, 0, 0)))
		windows, err := window.List(t.Context(), p.pool, p.alliance.ID)
		require.NoError(t, err)
		require.Len(t, windows, 25)
		require.Equal(t, "2028-10", windows[0].Period)
	}
	settlement, err := window.Find(t.Context(), p.pool, p.alliance, "2026-10")
	require.NoError(t, err)
	require.Equal(t, []window.Transfer{{From: "cafe", To: clearing.Custody, Amount: p.alliance.Currency.Minor(10000)}}, settlement.Transfers)
	p.audit()
}

// TestTimeInAnAllianceNeverGoesBack books an order from a server whose clock is slow.
func TestTimeInAnAllianceNeverGoesBack(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, opening.Add(time.Hour)))
	p.must(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"}) // its instant is opening
	head, err := clearing.ReadHead(t.Context(), p.pool, p.alliance.ID)
	require.NoError(t, err)
	require.Equal(t, opening.Add(time.Hour), head.BookedThrough)
	var last time.Time
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT booked_at FROM transactions ORDER BY seq DESC LIMIT 1`).Scan(&last))
	require.True(t, last.Equal(opening.Add(time.Hour)))
	p.audit()
}

// TestChangeOfTermsComesAfterDueWork changes the terms in a new month before the old one
// is closed.
func TestChangeOfTermsComesAfterDueWork(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	november := opening.AddDate(0, 1, 1)
	change := func() error {
		return pgx.BeginFunc(t.Context(), p.pool, func(tx pgx.Tx) error {
			terms, _, err := store.CurrentTerms(t.Context(), tx, p.alliance.ID)
			require.NoError(t, err)
			terms.Settlement.MinimumTransfer = "500.00"
			_, err = store.SetTerms(t.Context(), tx, p.alliance.ID, terms, november)
			return err
		})
	}
	require.ErrorIs(t, change(), alliance.ErrOverdue)
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, november))
	require.NoError(t, change())
	settlement, err := window.Find(t.Context(), p.pool, p.alliance, "2026-10")
	require.NoError(t, err)
	require.Len(t, settlement.Transfers, 1, "October is settled by the terms of October")
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, november.AddDate(0, 1, 0)))
	p.audit()
}
