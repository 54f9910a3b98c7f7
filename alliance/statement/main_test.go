package statement_test

import (
	"bytes"
	"context"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// played returns a database in which a worked scenario was played, and its circle.
func played(t *testing.T, name string) (*pgxpool.Pool, clearing.Alliance) {
	t.Helper()
	dir := scenarioFolder(name)
	text, err := os.ReadFile(filepath.Join(dir, "until"))
	require.NoError(t, err)
	until, err := scenario.ParseInstant([]byte(strings.TrimSpace(string(text))))
	require.NoError(t, err)
	pool := pgtest.Pool(t)
	_, err = replay.Run(t.Context(), pool, replay.Options{Scenario: dir, Out: t.TempDir(), Until: until}, time.Now)
	require.NoError(t, err)
	alliances, err := clearing.Alliances(t.Context(), pool)
	require.NoError(t, err)
	require.Len(t, alliances, 1)
	return pool, alliances[0]
}

func scenarioFolder(name string) string {
	return filepath.Join("..", "..", "alliance", "scenario", "testdata", name)
}

func load(t *testing.T, db ledger.Querier, al clearing.Alliance, period, party string) statement.Statement {
	t.Helper()
	s, err := statement.Load(t.Context(), db, alliance.Standard(), al, period, party)
	require.NoError(t, err)
	return s
}

func collect(t *testing.T, s statement.Statement) []statement.Line {
	t.Helper()
	var lines []statement.Line
	for line, err := range s.Lines(t.Context()) {
		require.NoError(t, err)
		lines = append(lines, line)
	}
	return lines
}

func written(t *testing.T, format string, s statement.Statement) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, statement.Write(t.Context(), &b, format, s))
	return b.Bytes()
}

var cny = money.MustCurrency("CNY")

func yuan(minor int64) money.Amount { return cny.Minor(minor) }

// madeUp returns a statement that no database holds: a line for each card, of a
// yuan each, at a shop of the name.
func madeUp(t *testing.T, merchant string, cards ...string) statement.Statement {
	t.Helper()
	location, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	n := int64(len(cards))
	opens := time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC)
	return statement.Statement{
		Registry:  alliance.Standard(),
		Alliance:  clearing.Alliance{Code: "made", Name: merchant, Currency: cny, Location: location},
		Party:     "shop",
		Merchants: map[string]string{"shop": merchant},
		Window:    window.Of(opens, location),
		LastSeq:   n + 1, FirstSeq: 1,
		Opening: yuan(0), Movement: yuan(100 * n), Transfer: yuan(100 * n), Carried: yuan(0),
		Transfers: []statement.Transfer{{With: clearing.Custody, Amount: yuan(100 * n)}},
		Movements: []statement.Movement{{Type: "value.spent", Count: n, Amount: yuan(100 * n)}},
		Own:       []statement.Counterparty{{Merchant: "shop", Count: n, Gross: yuan(100 * n), Amount: yuan(100 * n)}},
		Count:     n,
		Lines: func(context.Context) iter.Seq2[statement.Line, error] {
			return func(yield func(statement.Line, error) bool) {
				for i, card := range cards {
					line := statement.Line{
						Seq: int64(i + 1), BookedAt: opens.Add(time.Duration(i) * time.Second), Type: "value.spent", Card: card, Merchant: "shop", Home: "shop",
						Group: statement.Own, Counterparty: "shop", Gross: yuan(100), Effect: yuan(100), Balance: yuan(100 * int64(i+1)),
					}
					if !yield(line, nil) {
						return
					}
				}
			}
		},
	}
}
