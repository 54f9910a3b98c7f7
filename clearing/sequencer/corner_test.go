package sequencer_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
)

// TestEmptyCodeIsACodeLikeAnyOther expires and reverses a card whose code is empty, in
// batches that do not name it.
func TestEmptyCodeIsACodeLikeAnyOther(t *testing.T) {
	t.Parallel()
	p := setup(t)
	sold := p.must(alliance.SellCard{Card: "", Member: "ann", Product: "paid"})
	p.must(alliance.SellCard{Card: "B", Member: "bob", Product: "paid", Referrer: text("ann")})
	p.must(alliance.FreezeCard{Card: "B"})
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, opening.Add(8*24*time.Hour))) // ann's commission is released
	outcome := p.must(alliance.Reverse{Of: alliance.Reference{Seq: sold.Seq}})
	require.Contains(t, string(outcome.Answer), `"status":"cancelled"`)

	p = setup(t)
	p.must(alliance.SellCard{Card: "", Member: "ann", Product: "paid"})
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, opening.Add(40*24*time.Hour)))
	card, err := store.FindCard(t.Context(), p.pool, p.alliance, "")
	require.NoError(t, err)
	require.True(t, card.Expired)
	p.audit()
}

func text(s string) *string { return &s }

// TestCostOfPointsCannotChange changes what is set aside for a point. If that were allowed,
// points granted before could take more out of the pool than was put in for them.
func TestCostOfPointsCannotChange(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	change := func(cost, value string) error {
		return pgx.BeginFunc(t.Context(), p.pool, func(tx pgx.Tx) error {
			terms, _, err := store.CurrentTerms(t.Context(), tx, p.alliance.ID)
			require.NoError(t, err)
			terms.Points.Cost, terms.Points.Value = cost, value
			_, err = store.SetTerms(t.Context(), tx, p.alliance.ID, terms, opening)
			return err
		})
	}
	require.ErrorIs(t, change("0.05", "0.05"), alliance.ErrTermsFixed)
	require.NoError(t, change("0.02", "0.02"))
}
