package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// The toy is a command of no use: a merchant greets a card, which earns two points at
// the merchant's cost. Right after it an echo gives the card one point more, and a day
// later that fades. It goes through every door that a real command goes through, and
// nothing outside this file knows it.
const (
	cardGreeted ledger.Type = "card.greeted"
	cardEchoed  ledger.Type = "card.echoed"
	cardFaded   ledger.Type = "card.faded"

	rankFading alliance.Rank = 20
)

type greetCard struct {
	alliance.Redemption
	Card, Merchant, Words string
}

func (greetCard) Event() ledger.Type { return cardGreeted }

// toyRegistry is the standard registry with the toy in the place of points.spent, whose
// operation the toy's document gives it.
func toyRegistry() *alliance.Registry {
	var kinds []*alliance.Kind
	for _, kind := range alliance.Standard().Kinds() {
		if kind.Type != alliance.PointsSpent {
			kinds = append(kinds, kind)
		}
	}
	return alliance.NewRegistry(append(kinds, greeting(), echo(), fading())...)
}

func greeting() *alliance.Kind {
	return &alliance.Kind{
		Type: cardGreeted, Label: ledger.Label{Chinese: "问候", English: "Greeting"},
		Command: &alliance.CommandKind{
			Fields: []alliance.Field{
				{Name: "card", Type: alliance.CardField}, {Name: "merchant", Type: alliance.CodeField}, {Name: "words", Optional: true, Enum: []string{"hello", "bye"}},
			},
			Read: func(v alliance.Values) alliance.Command {
				return greetCard{Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Words: v.Text("words")}
			},
			Names: func(c alliance.Command, l alliance.Loader) {
				greet, _ := c.(greetCard)
				l.Card(greet.Card)
				l.Position(greet.Merchant)
				if greet.OccurredAt != nil {
					l.Uploads(greet.Merchant)
				}
			},
			Decide: func(s *alliance.State, c alliance.Command, at time.Time) (alliance.Record, error) {
				greet, _ := c.(greetCard)
				card := s.Cards[greet.Card]
				if card == nil {
					return alliance.Record{}, &clearing.Refusal{Code: alliance.CodeUnknownCard, Detail: "nobody is there"}
				}
				cost := s.Setup.Currency.Minor(2)
				return alliance.Record{
					Transaction: ledger.Transaction{
						Type: cardGreeted, BookedAt: at, Terms: s.Setup.Current().Version, Card: card.Code, Merchant: greet.Merchant, Home: card.Home,
						Member: card.Member, Previous: card.LastSeq,
						Entries: []ledger.Entry{
							{Account: clearing.PartyAccount(greet.Merchant), Amount: cost}, {Account: ledger.Account{Kind: ledger.PointsPool}, Amount: cost.Neg()},
						},
					},
					Facts: alliance.Facts{Points: 2, OccurredAt: greet.OccurredAt},
				}, nil
			},
			Late: true,
		},
		Schedules: func(r *alliance.Record) []alliance.DueWork {
			return []alliance.DueWork{
				{At: r.BookedAt, Rank: alliance.RankConsequence, Kind: cardEchoed, Subject: r.Seq, Card: r.Card},
				{At: r.BookedAt.Add(24 * time.Hour), Rank: rankFading, Kind: cardFaded, Subject: r.Seq, Card: r.Card},
			}
		},
		UsesCard: true,
		Reversal: &alliance.Reversal{},
	}
}

func echo() *alliance.Kind { return points(cardEchoed, alliance.RankConsequence, 1) }

func fading() *alliance.Kind { return points(cardFaded, rankFading, -1) }

// points is due work that gives a card points.
func points(kind ledger.Type, rank alliance.Rank, points int64) *alliance.Kind {
	return &alliance.Kind{
		Type: kind, Label: ledger.Label{Chinese: "回声", English: "Echo"},
		Due: &alliance.DueKind{
			Rank:  rank,
			Names: func(w alliance.DueWork, l alliance.Loader) { l.Card(w.Card) },
			Run: func(s *alliance.State, w alliance.DueWork) (alliance.Record, error) {
				card := s.Cards[w.Card]
				return alliance.Record{
					Transaction: ledger.Transaction{
						Type: kind, BookedAt: w.At, Terms: s.Setup.Current().Version, Card: card.Code, Home: card.Home, Member: card.Member, Previous: card.LastSeq,
					},
					Facts: alliance.Facts{Points: points},
				}, nil
			},
		},
	}
}

// toyDocument is the document with the toy in the place of points.spent.
func toyDocument(t *testing.T) []byte {
	t.Helper()
	text := api.Document()
	for _, change := range [][2]string{
		{"x-command: points.spent", "x-command: card.greeted"},
		{"          points.spent: ", "          card.greeted: "},
		{"      required: [card, points]\n", "      required: [card]\n"},
		{`        points: {type: integer, format: int64, description: How many points., example: 200}` + "\n" + "    Reversal:",
			`        words: {type: string, enum: [hello, bye]}` + "\n" + "    Reversal:"},
		{`            example: {card: "8801", merchant: cafe, points: 200}`, `            example: {card: "8801", merchant: cafe, words: hello}`},
	} {
		require.True(t, strings.Contains(text, change[0]), change[0])
		text = strings.Replace(text, change[0], change[1], 1)
	}
	return []byte(text)
}

func TestACommandThatNobodyKnowsGoesThroughTheAPI(t *testing.T) {
	t.Parallel()
	registry := toyRegistry()
	document := toyDocument(t)
	h := furnish(t, newHouseBy(t, func(c api.Config) (*api.Server, error) { return api.NewByDocument(c, document) }, func(c *api.Config) {
		c.Setups = store.NewSetupCache(registry)
		c.Sequencer = sequencer.New(poolOf(t, c.Pool), c.Setups)
	}))
	h.sold("8801", "ann")

	// Alone, in a batch, late, wrong, and by who may not.
	receipt := h.does(h.hotpotKey, "point-spends", `{"card": "8801", "words": "hello"}`)
	require.Equal(t, string(cardGreeted), receipt.Type)
	require.Equal(t, "hotpot", *receipt.Merchant)
	require.Equal(t, int64(2), *receipt.Points)
	require.Equal(t, "-0.02", receipt.PositionChange)
	require.Equal(t, "invalid_request", h.refused(h.hotpotKey, "point-spends", `{"card": "8801", "words": "hey"}`, http.StatusBadRequest))
	require.Equal(t, "unknown_card", h.refused(h.hotpotKey, "point-spends", `{"card": "no"}`, http.StatusUnprocessableEntity))
	require.Equal(t, "forbidden_merchant", h.refused(h.hotpotKey, "point-spends", `{"card": "8801", "merchant": "cafe"}`, http.StatusForbidden))
	results := h.batch(h.hotpotKey, order(string(cardGreeted), "b1", `{"card": "8801"}`), order(string(alliance.PointsSpent), "b2", `{"card": "8801", "points": 1}`))
	require.Equal(t, http.StatusCreated, results[0].Status, "%v", results[0].Problem)
	require.Equal(t, http.StatusBadRequest, results[1].Status, "that one is gone")

	// What it causes comes right behind it.
	types := func() (types []string) {
		page, err := h.organiser.ListTransactionsWithResponse(t.Context(), &spec.ListTransactionsParams{Card: pointer("8801")})
		for _, x := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
			types = append(types, x.Type)
		}
		return types
	}
	require.Equal(t, []string{"card.echoed", "card.greeted", "card.echoed", "card.greeted", "card.topped_up", "card.sold"}, types())

	// It is undone, which leaves its echo; and what is due a day later is read back by
	// another server, in the way of everything that falls due.
	h.does(h.hotpotKey, "reversals", fmt.Sprintf(`{"transaction": %q}`, receipt.Transaction))
	card := func() spec.Card {
		card, err := h.organiser.GetCardWithResponse(t.Context(), "8801")
		return ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err)
	}
	require.Equal(t, int64(1+2+1), *card().Points)
	other := sequencer.New(poolOf(t, h.db), store.NewSetupCache(registry))
	require.NoError(t, other.Advance(t.Context(), h.alliance.ID, start.Add(25*time.Hour)))
	require.Equal(t, int64(2), *card().Points, "both have faded")
	require.Equal(t, []string{"card.faded", "card.faded", "reversed"}, types()[:3])

	// The feed tells it, to whom it concerns.
	events, err := h.hotpot.ListEventsWithResponse(t.Context(), &spec.ListEventsParams{Type: pointer("card.greeted")})
	told := ok(t, events.JSON200, events.ApplicationProblemJSONDefault, err).Items
	require.Len(t, told, 2)
	require.Equal(t, map[string]string{"home": "cafe", "points": "2"}, *told[0].Data)

	// The statement names it in both languages, and the ledger export has it.
	require.NoError(t, other.Advance(t.Context(), h.alliance.ID, start.AddDate(0, 1, 0)))
	found, err := statement.Load(t.Context(), h.db, registry, h.alliance, "2026-10", "hotpot")
	require.NoError(t, err)
	var summary bytes.Buffer
	require.NoError(t, statement.Write(t.Context(), &summary, "json", found))
	require.Contains(t, summary.String(), `"card.greeted"`)
	var sheet bytes.Buffer
	require.NoError(t, statement.Write(t.Context(), &sheet, "pdf", found))
	label, known := registry.Label(cardGreeted)
	require.True(t, known)
	require.Equal(t, "问候 Greeting", label.String())
	var books bytes.Buffer
	ledgerOf, err := export.Open(t.Context(), h.db, h.alliance, export.Selection{Format: export.Hledger})
	require.NoError(t, err)
	require.NoError(t, ledgerOf.Write(t.Context(), &books))
	require.Contains(t, books.String(), "card.greeted")

	// And the books are right by it.
	report, err := audit.Run(t.Context(), h.db, registry, h.alliance.ID)
	require.NoError(t, err)
	var printed bytes.Buffer
	require.NoError(t, report.Print(&printed))
	require.True(t, report.Clean(), printed.String())
}

func TestACommandThatNobodyKnowsIsReplayedFromAFile(t *testing.T) {
	t.Parallel()
	folder, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	write("circle.yaml", `
alliance: {code: toy, name: Toy, currency: CNY, timezone: Asia/Shanghai}
rules:
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.01", value: "0.01"}
  stored_value: {spend_order: principal_first}
  settlement: {minimum_transfer: "1.00"}
merchants: [{code: cafe, name: Cafe, category: coffee}]
products: [{code: day, kind: free, price: "0.00"}]
`)
	line := func(fields string) string { return `{"at":"2026-10-01T09:00:00+08:00",` + fields + "}\n" }
	write("events.jsonl", line(`"id":"1","type":"card.sold","card":"A","member":"ann","product":"day","merchant":"cafe"`)+
		line(`"id":"2","type":"card.greeted","card":"A","merchant":"cafe","words":"bye"`)+
		line(`"id":"3","type":"card.greeted","card":"B","merchant":"cafe"`))
	run := func(until time.Time) (cards, rejections string) {
		pool := pgtest.Pool(t)
		_, err := replay.Run(t.Context(), pool, replay.Options{Scenario: folder, Out: out, Until: until, Registry: toyRegistry()}, time.Now)
		require.NoError(t, err)
		read := func(name string) string {
			text, err := os.ReadFile(filepath.Join(out, name))
			require.NoError(t, err)
			return string(text)
		}
		return read("cards.csv"), read("rejections.csv")
	}
	cards, rejections := run(time.Time{})
	require.Equal(t, "card,status,value,bonus,points,pool\nA,active,0.00,0.00,3,0.00\n", cards, "greeted and echoed")
	require.Equal(t, "id,code\n3,unknown_card\n", rejections)
	cards, _ = run(time.Date(2026, time.October, 3, 0, 0, 0, 0, time.UTC))
	require.Equal(t, "card,status,value,bonus,points,pool\nA,active,0.00,0.00,2,0.00\n", cards, "faded")

	write("events.jsonl", line(`"id":"1","type":"card.greeted","card":"A","merchant":"cafe","words":"hey"`))
	_, err := replay.Run(t.Context(), pgtest.Pool(t), replay.Options{Scenario: folder, Out: out, Registry: toyRegistry()}, time.Now)
	require.ErrorContains(t, err, `words is "hey"; it is hello or bye`)
	write("events.jsonl", line(`"id":"1","type":"card.greeted","card":"A","merchant":"cafe"`))
	_, err = replay.Run(t.Context(), pgtest.Pool(t), replay.Options{Scenario: folder, Out: out}, time.Now)
	require.ErrorContains(t, err, `"card.greeted" is not known`)
}

func poolOf(t testing.TB, db clearing.Database) *pgxpool.Pool {
	t.Helper()
	pool, is := db.(*pgxpool.Pool)
	require.True(t, is)
	return pool
}
