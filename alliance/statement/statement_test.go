package statement_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
)

func TestEveryCentOfEveryStatementIsAccountedFor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"corners", "riverside", "at-use"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, al := played(t, name)
			file, err := os.Open(filepath.Join(scenarioFolder(name), "expected", "positions.csv"))
			require.NoError(t, err)
			defer file.Close()
			expected, err := csv.NewReader(file).ReadAll()
			require.NoError(t, err)
			require.Greater(t, len(expected), 1)
			lines := 0
			for _, row := range expected[1:] {
				s := load(t, pool, al, row[0], row[1])
				lines += addsUp(t, s, row)
			}
			require.NotZero(t, lines)
		})
	}
}

// addsUp holds a statement against a row of positions.csv, independently of
// Check, and returns how many lines it has.
func addsUp(t *testing.T, s statement.Statement, row []string) int {
	t.Helper()
	require.Equal(t, row[2:], []string{s.Opening.String(), s.Movement.String(), s.Transfer.String(), s.Carried.String()}, row)
	lines := collect(t, s)
	require.EqualValues(t, s.Count, len(lines))
	sum, balance := int64(0), s.Opening.Minor()
	for i, l := range lines {
		require.NotZero(t, l.Effect.Minor(), "a line without an effect")
		require.NotEqual(t, window.Closed, l.Type)
		require.GreaterOrEqual(t, l.Seq, s.FirstSeq)
		require.LessOrEqual(t, l.Seq, s.LastSeq)
		require.False(t, l.BookedAt.Before(s.Window.OpensAt) || l.BookedAt.After(s.Window.CutoffAt))
		if i > 0 {
			require.Greater(t, l.Seq, lines[i-1].Seq, "not the oldest first")
		}
		sum += l.Effect.Minor()
		balance += l.Effect.Minor()
		require.Equal(t, balance, l.Balance.Minor())
	}
	require.Equal(t, s.Movement.Minor(), sum, "lines")
	require.Equal(t, s.Transfer.Minor()+s.Carried.Minor(), balance, "opening + movement = transfer + carried")

	kinds, counts := int64(0), int64(0)
	for _, m := range s.Movements {
		kinds += m.Amount.Minor()
		counts += m.Count
	}
	require.Equal(t, s.Movement.Minor(), kinds, "kinds")
	require.Equal(t, s.Count, counts)

	groups, counts := int64(0), int64(0)
	for _, group := range [][]statement.Counterparty{s.MyMembersElsewhere, s.OthersMembersHere, s.Own} {
		for _, c := range group {
			groups += c.Amount.Minor()
			counts += c.Count
		}
	}
	require.Equal(t, s.Movement.Minor(), groups, "groups")
	require.Equal(t, s.Count, counts)

	paid := int64(0)
	for _, p := range s.Transfers {
		paid += p.Amount.Minor()
	}
	require.Equal(t, s.Transfer.Minor(), paid, "transfers")
	require.NoError(t, s.Check(t.Context()))
	return len(lines)
}

func TestAShopSeesWhoseMembersCameAndWhereItsOwnWent(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "riverside")
	windows, err := window.List(t.Context(), pool, al.ID)
	require.NoError(t, err)
	period := windows[len(windows)-1].Period
	merchants, err := merchant.Merchants(t.Context(), pool, al.ID, al.Currency)
	require.NoError(t, err)
	elsewhere, here := make(map[[2]string]statement.Counterparty), make(map[[2]string]statement.Counterparty)
	for code := range merchants {
		s := load(t, pool, al, period, code)
		for _, l := range collect(t, s) {
			switch l.Group {
			case statement.MyMembersElsewhere:
				require.Equal(t, [2]string{code, l.Counterparty}, [2]string{l.Home, l.Merchant})
				require.NotEqual(t, code, l.Counterparty)
			case statement.OthersMembersHere:
				require.Equal(t, [2]string{l.Counterparty, code}, [2]string{l.Home, l.Merchant})
				require.NotEqual(t, code, l.Counterparty)
			default:
				require.Equal(t, statement.Own, l.Group)
				require.True(t, l.Merchant == "" || l.Merchant == code && l.Home == code, "%+v", l)
			}
		}
		for _, c := range s.MyMembersElsewhere {
			elsewhere[[2]string{code, c.Merchant}] = c
		}
		for _, c := range s.OthersMembersHere {
			here[[2]string{c.Merchant, code}] = c
		}
	}
	require.NotEmpty(t, elsewhere)
	for pair, c := range elsewhere {
		require.NotZero(t, here[pair].Count, "%v: what moved the home must have moved the shop", pair)
		require.LessOrEqual(t, c.Gross.Minor(), here[pair].Gross.Minor(), "%v", pair)
	}
}

func TestTheOrganisersStatementIsByShop(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "riverside")
	windows, err := window.List(t.Context(), pool, al.ID)
	require.NoError(t, err)
	s := load(t, pool, al, windows[len(windows)-1].Period, clearing.Organiser)
	require.Empty(t, s.OthersMembersHere)
	require.Empty(t, s.PartyName())
	for _, l := range collect(t, s) {
		require.Equal(t, l.Merchant, l.Counterparty)
		require.Equal(t, l.Merchant != "" && l.Home == "", l.Group == statement.MyMembersElsewhere)
	}
}

func TestAReversalTakesItsBillBack(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "riverside")
	windows, err := window.List(t.Context(), pool, al.ID)
	require.NoError(t, err)
	var seqs []int64
	reversals := make(map[int64]statement.Line)
	for _, w := range windows {
		if w.ClosedSeq == 0 {
			continue
		}
		for _, l := range collect(t, load(t, pool, al, w.Period, clearing.Organiser)) {
			if l.Corrects == 0 {
				require.GreaterOrEqual(t, l.Gross.Minor(), int64(0))
				continue
			}
			seqs = append(seqs, l.Corrects)
			reversals[l.Corrects] = l
		}
	}
	originals, err := ledger.BySeq(t.Context(), pool, al.ID, al.Currency, seqs)
	require.NoError(t, err)
	whole := 0
	for _, o := range originals {
		if l := reversals[o.Seq]; o.Type != "value.spent" {
			var facts struct{ Amount int64 }
			require.NoError(t, json.Unmarshal(o.Facts, &facts))
			require.Equal(t, -facts.Amount, l.Gross.Minor())
			require.Negative(t, l.Gross.Minor())
			whole++
		}
	}
	require.NotZero(t, whole)
}

func TestTheLinesAreTheSameInPiecesOfAnySize(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "corners")
	for _, party := range []string{"cafe", "gym", clearing.Organiser} {
		for _, period := range []string{"2026-10", "2026-11"} {
			want := load(t, pool, al, period, party)
			lines := collect(t, want)
			for piece := 1; piece <= 9; piece++ {
				got, err := statement.LoadInPieces(t.Context(), pool, al, period, party, piece)
				require.NoError(t, err)
				require.NoError(t, got.Check(t.Context()))
				require.Equal(t, lines, collect(t, got))
				require.Equal(t, want.Movements, got.Movements)
			}
		}
	}
}

func TestReadingMayStopAtAnyLine(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "corners")
	s := load(t, pool, al, "2026-10", "cafe")
	for range 2 {
		for line, err := range s.Lines(t.Context()) {
			require.NoError(t, err)
			require.EqualValues(t, 1, line.Seq)
			break
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, err := range s.Lines(stopped) {
		require.ErrorIs(t, err, context.Canceled)
	}
	require.ErrorIs(t, s.Check(stopped), context.Canceled)
}

func TestAnUnknownMonthOrPartyIsSaid(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "corners")
	for name, c := range map[string]struct {
		period, party string
		want          error
	}{
		"open month":     {"2027-01", "cafe", window.ErrNotClosed},
		"never was":      {"1999-01", "cafe", window.ErrNotClosed},
		"no month":       {"'; --", "cafe", window.ErrNotClosed},
		"no shop":        {"2026-10", "nobody", merchant.ErrMerchantUnknown},
		"custody":        {"2026-10", clearing.Custody, merchant.ErrMerchantUnknown},
		"nobody":         {"2026-10", "", merchant.ErrMerchantUnknown},
		"not its letter": {"2026-10", "CAFE", merchant.ErrMerchantUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := statement.Load(t.Context(), pool, alliance.Standard(), al, c.period, c.party)
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestAShopThatJoinedLaterHasAnEmptyStatement(t *testing.T) {
	t.Parallel()
	pool, al := played(t, "corners")
	_, err := pool.Exec(t.Context(), `
		INSERT INTO merchants (alliance_id, merchant, name, category, created_at) VALUES ($1, 'late', '迟到', '', now())`, al.ID)
	require.NoError(t, err)
	s := load(t, pool, al, "2026-10", "late")
	require.NoError(t, s.Check(t.Context()))
	require.Empty(t, collect(t, s))
	require.Equal(t, "迟到", s.PartyName())
	for _, f := range statement.Formats() {
		require.NotEmpty(t, written(t, f.Name, s))
	}
}

// closeBooking books a transaction of the cafe into the open month by hand, closes
// that month with a position of the given movement, and returns the month.
func closeBooking(t *testing.T, db ledger.Session, al clearing.Alliance, effect, movement money.Amount) string {
	t.Helper()
	var period string
	var seq int64
	require.NoError(t, db.QueryRow(t.Context(), `
		SELECT w.period, (SELECT max(seq) + 1 FROM transactions WHERE alliance_id = $1) FROM windows w
		WHERE w.alliance_id = $1 AND w.closed_seq IS NULL`, al.ID).Scan(&period, &seq))
	for _, write := range []struct {
		sql  string
		args []any
	}{
		{`
			INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
			                          merchants, merchants_before, accounts, amounts, facts, hash)
			SELECT $1, $2, 'pass.used', w.opens_at, w.period, 1, 'Z', 'cafe', 'gym', '', 0, 0, '{cafe}', ARRAY[b.last_seq],
			       '{custody,merchants:cafe}', ARRAY[$3::bigint, -$3], '{"amount":1500,"occurred_at":"2026-12-24T18:30:00+08:00"}', sha256('')
			FROM windows w JOIN balances b ON b.alliance_id = $1 AND b.account = 'merchants' AND b.owner = 'cafe'
			WHERE w.alliance_id = $1 AND w.closed_seq IS NULL`, []any{al.ID, seq, effect.Minor()}},
		{`UPDATE balances SET last_seq = $2 WHERE alliance_id = $1 AND account = 'merchants' AND owner = 'cafe'`, []any{al.ID, seq}},
		{`
			INSERT INTO positions (alliance_id, period, party, opening, movement, transfer, carried, movements)
			SELECT $1, period, 'cafe', 0, $2::bigint, 0, $2::bigint, '{}' FROM windows WHERE alliance_id = $1 AND closed_seq IS NULL`,
			[]any{al.ID, movement.Minor()}},
		{`
			INSERT INTO settlements (alliance_id, period, digest, policy, state, review_until, obligations, undone)
			SELECT $1, period, sha256(''), '{}', 'in_review', cutoff_at, 0, 0 FROM windows WHERE alliance_id = $1 AND closed_seq IS NULL`, []any{al.ID}},
		{`UPDATE windows SET closed_seq = $2 WHERE alliance_id = $1 AND closed_seq IS NULL`, []any{al.ID, seq}},
	} {
		_, err := db.Exec(t.Context(), write.sql, write.args...)
		require.NoError(t, err)
	}
	return period
}
