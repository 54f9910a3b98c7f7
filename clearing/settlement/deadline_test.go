package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
)

func TestRemindersComeUntilTheGraceIsOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reminder, grace int
		reminded        []int // days after it is due
	}{
		{2, 5, []int{0, 2, 4}},
		{2, 4, []int{0, 2}}, // then it defaults
		{7, 5, []int{0}},
		{1, 2, []int{0, 1}},
		{3, 0, []int{0}},
	} {
		settling := terms
		settling.ReminderDays, settling.GraceDays = c.reminder, c.grace
		r := october(t, settling, false)
		due := at(time.November, 9, 0)
		r.pass(due.Add(-time.Hour))
		r.do(settlement.ReceivePayment{Party: "salon", Amount: "30.00"})
		for i, day := range c.reminded {
			instant := due.Add(time.Duration(day) * 24 * time.Hour)
			require.Empty(t, r.pass(instant.Add(-time.Microsecond)))
			postings := r.pass(instant)
			require.Equal(t, []string{
				"payment.reminded gym amount=120.00 reminder=" + string(rune('1'+i)) + " default_at=" + due.Add(time.Duration(c.grace)*24*time.Hour).Format(time.RFC3339),
			}, events(postings[0], "amount", "reminder", "default_at"))
			require.Empty(t, postings[0].Entries)
			require.Equal(t, c.grace == 0, len(postings) == 2, "reminded and defaulted at once only without any grace")
		}
		if c.grace > 0 {
			require.Len(t, r.pass(due.Add(time.Duration(c.grace)*24*time.Hour)), 1)
		}
		require.Equal(t, settlement.Defaulted, r.of("2026-10", 2).Status)
		require.Equal(t, len(c.reminded), r.of("2026-10", 2).Reminders)
		require.True(t, r.Deadline().IsZero())
	}
}

func TestOneReminderTellsAllWhoOwe(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	postings := r.days(5)
	require.Len(t, postings, 1)
	require.Equal(t, []string{"payment.reminded gym amount=120.00", "payment.reminded salon amount=30.00"}, events(postings[0], "amount"))
}
