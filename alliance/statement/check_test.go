package statement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/statement"
)

func TestWhenItHappenedIsSaid(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "corners")
	period := closeBooking(t, pool, alliance, yuan(1470), yuan(1470))
	s := load(t, pool, alliance, period, "cafe")
	require.NoError(t, s.Check(t.Context()))
	lines := collect(t, s)
	require.Len(t, lines, 1)
	require.True(t, lines[0].OccurredAt.Equal(time.Date(2026, 12, 24, 10, 30, 0, 0, time.UTC)))
	require.Equal(t, yuan(1500), lines[0].Gross)
	require.Equal(t, []statement.Counterparty{{Merchant: "gym", Count: 1, Gross: yuan(1500), Amount: yuan(1470)}}, s.OthersMembersHere)
	require.Contains(t, string(written(t, "json", s)), `"occurred_at":"2026-12-24T18:30:00+08:00"`)
	require.Contains(t, string(written(t, "csv", s)), `,2026-12-24T18:30:00+08:00,pass.used,`)
}

func TestAPositionThatTheLinesDontComeToIsFound(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "corners")
	period := closeBooking(t, pool, alliance, yuan(1470), yuan(1471))
	s := load(t, pool, alliance, period, "cafe")
	var wrong *statement.MismatchError
	require.ErrorAs(t, s.Check(t.Context()), &wrong)
	require.Equal(t, statement.MismatchError{Party: "cafe", Period: period, What: "the movement", Stated: 1471, Found: 1470}, *wrong)
	require.ErrorContains(t, wrong, "a difference of -1 ")
}

func TestEverySumThatIsWrongIsFound(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*statement.Statement){
		"the movement":                                  func(s *statement.Statement) { s.Movement = yuan(299) },
		"the balance after txn_1":                       func(s *statement.Statement) { s.Opening = yuan(1) },
		"the number of lines":                           func(s *statement.Statement) { s.Count = 2 },
		"transfer + carried":                            func(s *statement.Statement) { s.Carried = yuan(1) },
		"the sum of the transfers":                      func(s *statement.Statement) { s.Transfers = nil },
		"the number of kinds":                           func(s *statement.Statement) { s.Movements = nil },
		"whether card.sold is among the kinds":          func(s *statement.Statement) { s.Movements[0].Type = "card.sold" },
		"the number of value.spent":                     func(s *statement.Statement) { s.Movements[0].Count++ },
		"the sum of value.spent":                        func(s *statement.Statement) { s.Movements[0].Amount = yuan(1) },
		"the number of shops in own":                    func(s *statement.Statement) { s.Own = nil },
		"the number of shops in others_members_here":    func(s *statement.Statement) { s.OthersMembersHere = s.Own },
		"the number of shops in my_members_elsewhere":   func(s *statement.Statement) { s.MyMembersElsewhere = s.Own },
		`whether "gym" is in own`:                       func(s *statement.Statement) { s.Own[0].Merchant = "gym" },
		`the number of transactions with "shop" in own`: func(s *statement.Statement) { s.Own[0].Count-- },
		`the gross sum with "shop" in own`:              func(s *statement.Statement) { s.Own[0].Gross = yuan(0) },
		`the sum with "shop" in own`:                    func(s *statement.Statement) { s.Own[0].Amount = yuan(0) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := madeUp(t, "店", "A", "B", "C")
			require.NoError(t, s.Check(t.Context()))
			spoil(&s)
			var wrong *statement.MismatchError
			require.ErrorAs(t, s.Check(t.Context()), &wrong)
			require.Equal(t, what, wrong.What)
		})
	}
}
