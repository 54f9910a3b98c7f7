package feed_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/feed"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// everything is a viewer who sees all, as an organiser does.
type everything struct{}

func (everything) SeesTransaction(*ledger.Transaction) bool { return true }
func (everything) SeesMember(*ledger.Transaction) bool      { return true }
func (everything) SeesEvent(string, string) bool            { return true }

// shopAlone is a viewer who sees what a shop did and what concerns it.
type merchantAlone string

func (s merchantAlone) SeesTransaction(t *ledger.Transaction) bool { return t.Merchant == string(s) }
func (s merchantAlone) SeesMember(t *ledger.Transaction) bool      { return t.Home == string(s) }
func (s merchantAlone) SeesEvent(_, party string) bool             { return party == string(s) }

// lived is a circle that has lived the scenario corners, and half a year after it.
func lived(t *testing.T) (*pgxpool.Pool, clearing.Alliance) {
	t.Helper()
	pool := pgtest.Pool(t)
	folder := filepath.Join("..", "scenario", "testdata", "corners")
	written, err := scenario.ReadAlliance(filepath.Join(folder, "circle.yaml"))
	require.NoError(t, err)
	al, err := replay.Establish(t.Context(), pool, written, clearing.Live)
	require.NoError(t, err)
	file, err := os.Open(filepath.Join(folder, "events.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	s := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	events := scenario.NewReader(alliance.Standard(), file.Name(), file, replay.Caller)
	var last time.Time
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		last = e.At
		_, err = s.Submit(t.Context(), al.ID, sequencer.Order{Caller: replay.Caller, Key: e.ID, Hash: e.Hash, At: e.At, Command: e.Command})
		require.NoError(t, err)
	}
	require.NoError(t, s.Advance(t.Context(), al.ID, last.AddDate(0, 6, 0)))
	return pool, al
}

func read(t *testing.T, pool *pgxpool.Pool, al clearing.Alliance, f feed.Filter, viewer feed.Viewer) feed.Page {
	t.Helper()
	page, err := feed.Read(context.WithoutCancel(t.Context()), pool, alliance.Standard(), al, f, viewer)
	require.NoError(t, err)
	return page
}

func TestTheFeedTellsTheLogAndWhatIsBesideItInOneOrder(t *testing.T) {
	t.Parallel()
	pool, al := lived(t)
	all := read(t, pool, al, feed.Filter{Limit: 100_000}, everything{})
	kinds := make(map[string]int)
	for i, e := range all.Events {
		kinds[e.Type]++
		require.Positive(t, e.Number)
		if i > 0 {
			require.Greater(t, e.Number, all.Events[i-1].Number)
			require.False(t, e.At.Before(all.Events[i-1].At), "%s goes back in time", e.Type)
		}
	}
	rows, err := pool.Query(t.Context(), `SELECT type, count(*) FROM transactions WHERE alliance_id = $1 GROUP BY type`, al.ID)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var kind ledger.Type
		var count int
		require.NoError(t, rows.Scan(&kind, &count))
		if alliance.Standard().Kind(kind) != nil {
			require.Equal(t, count, kinds[string(kind)], kind)
		}
	}
	require.NoError(t, rows.Err())
	for _, kind := range []string{"card.sold", "value.spent", "reversed", "commission.released", "commission.paid", "settlement.closed", "shop.admitted", "terms.changed", "product.added"} {
		require.NotZero(t, kinds[kind], kind)
	}
	require.Zero(t, kinds["window.closed"], "its events say more")

	var paged []feed.Event
	for after := int64(0); ; {
		page := read(t, pool, al, feed.Filter{After: after, Limit: 7}, everything{})
		paged = append(paged, page.Events...)
		if page.Next == after {
			break
		}
		after = page.Next
	}
	require.Equal(t, all.Events, paged, "page by page it is the same")
}

func TestTheFeedIsFilteredByTypeAndSubject(t *testing.T) {
	t.Parallel()
	pool, al := lived(t)
	all := read(t, pool, al, feed.Filter{Limit: 100_000}, everything{}).Events
	card := ""
	for _, e := range all {
		if e.Type == "value.spent" {
			card = e.Card
		}
	}
	require.NotEmpty(t, card)
	subject, ok := feed.ParseSubject("card:" + card)
	require.True(t, ok)
	for name, c := range map[string]struct {
		filter feed.Filter
		want   func(feed.Event) bool
	}{
		"a type":           {feed.Filter{Types: []string{"value.spent"}}, func(e feed.Event) bool { return e.Type == "value.spent" }},
		"a word":           {feed.Filter{Types: []string{"card"}}, func(e feed.Event) bool { return strings.HasPrefix(e.Type, "card.") }},
		"a card":           {feed.Filter{Subject: &subject}, func(e feed.Event) bool { return e.Card == card }},
		"a card, one type": {feed.Filter{Types: []string{"card.sold"}, Subject: &subject}, func(e feed.Event) bool { return e.Card == card && e.Type == "card.sold" }},
		"a type of none":   {feed.Filter{Types: []string{"car"}}, func(feed.Event) bool { return false }},
	} {
		c.filter.Limit = 100_000
		var want []feed.Event
		for _, e := range all {
			if c.want(e) {
				want = append(want, e)
			}
		}
		require.Equal(t, want, read(t, pool, al, c.filter, everything{}).Events, name)
	}
	for _, text := range []string{"", "card", "card:", "till:1"} {
		_, ok := feed.ParseSubject(text)
		require.False(t, ok, text)
	}
}

func TestAShopIsToldItsOwn(t *testing.T) {
	t.Parallel()
	pool, al := lived(t)
	merchant := ""
	for _, e := range read(t, pool, al, feed.Filter{Limit: 100_000}, everything{}).Events {
		if e.Type == "value.spent" && e.Member != "" && e.Data["home"] != e.Merchant {
			merchant = e.Merchant
		}
	}
	require.NotEmpty(t, merchant, "a card was used at another shop than its own")
	hidden := 0
	for _, e := range read(t, pool, al, feed.Filter{Limit: 100_000}, merchantAlone(merchant)).Events {
		require.True(t, e.Merchant == merchant || e.Party == merchant, "%+v", e)
		if e.Data["home"] != merchant && e.Card != "" {
			require.Empty(t, e.Member, "the member of another shop's card")
			hidden++
		}
	}
	require.NotZero(t, hidden)
}
