package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// In Berlin clocks went back on 25 October 2026 and go forward on 28 March 2027.
func TestDeadlinesKeepTheirTimeOfDay(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	day := func(month time.Month, day int) time.Time {
		return time.Date(2027, month, day, 0, 0, 0, 0, berlin).UTC()
	}
	r := newFixture(t)
	r.Alliance.Location = berlin
	r.line("gym", "cafe", 9000)
	line := r.line("gym", "cafe", 3000)
	settling := window.Settling{ReviewDays: 30, PaymentDays: 7, ReminderDays: 3, GraceDays: 14, AnswerDays: 28}
	r.close("2027-02", day(time.March, 1), settling, false, nil)
	require.Equal(t, day(time.March, 31), r.Settlements[0].ReviewUntil)
	r.do(settlement.OpenDispute{Period: "2027-02", Party: "gym", Seq: line})
	require.Equal(t, day(time.March, 29), r.Settlements[0].Disputes[0].AnswerBy)
	r.pass(day(time.March, 31))
	require.Equal(t, settlement.Approved, r.phase("2027-02"))

	r = newFixture(t)
	r.Alliance.Location = berlin
	r.line("gym", "cafe", 9000)
	r.close("2027-02", day(time.March, 1), window.Settling{ReviewDays: 22, PaymentDays: 7, ReminderDays: 3, GraceDays: 14}, false, nil)
	r.pass(day(time.March, 23))
	o := r.of("2027-02", 2)
	require.Equal(t, day(time.March, 30), o.DueAt)
	require.Equal(t, day(time.April, 13), o.DefaultAt)
	for _, reminder := range []time.Time{day(time.March, 30), day(time.April, 2), day(time.April, 5)} {
		require.Equal(t, reminder, o.RemindAt)
		r.pass(reminder)
	}
}

// A midnight that clocks skip moves the reminder of that day alone.
func TestAReminderThatClocksMoveDoesNotMoveTheNext(t *testing.T) {
	t.Parallel()
	cairo, err := time.LoadLocation("Africa/Cairo")
	require.NoError(t, err)
	april := func(day, hour int) time.Time { return time.Date(2026, time.April, day, hour, 0, 0, 0, cairo).UTC() }
	r := newFixture(t)
	r.Alliance.Location = cairo
	r.line("gym", "cafe", 9000)
	r.close("2026-03", april(1, 0), window.Settling{ReviewDays: 14, PaymentDays: 7, ReminderDays: 2, GraceDays: 14}, false, nil)
	for _, reminder := range []time.Time{april(22, 0), april(24, 1), april(26, 0)} {
		r.pass(reminder)
		require.NotEqual(t, reminder, r.of("2026-03", 2).RemindAt, "that one was given")
		require.Equal(t, reminder, r.now)
	}
	require.Equal(t, 3, r.of("2026-03", 2).Reminders)
	require.Equal(t, april(28, 0), r.of("2026-03", 2).RemindAt)
	require.Equal(t, april(6+30, 0), r.of("2026-03", 2).DefaultAt)
}
