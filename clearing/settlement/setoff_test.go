package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
)

// indebted is a fixture where the gym has defaulted on 120.00 of October, and November
// gives it some amount; on 4 December, with accounts for all.
func indebted(t *testing.T, november int64) *fixture {
	t.Helper()
	r := approved(t, terms, false)
	r.pass(at(time.November, 14, 0))
	require.Equal(t, "defaulted outstanding=12000", obligation(r.of("2026-10", 2)))
	for _, party := range []string{"cafe", "hotpot", "organiser"} { // the losses are none of November's
		r.books[clearing.PartyAccount(party)] = 0
	}
	r.line("cafe", "gym", november)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	r.pass(at(time.December, 4, 0))
	r.bank("ann")
	return r
}

func TestADebtThatDefaultedIsSetOff(t *testing.T) {
	t.Parallel()
	r := indebted(t, 15000)
	require.Equal(t, settlement.Approved, r.phase("2026-10"))
	for _, n := range []int{1, 3, 4, 6} {
		r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", n)})
	}
	require.Equal(t, "payable outstanding=15000", obligation(r.of("2026-11", 2)))
	a := r.do(settlement.SendPayouts{})
	require.ElementsMatch(t, []string{
		"payables:gym 120.00", "receivables:gym -120.00",
		"allowances:gym 120.00", "merchants:cafe -72.00", "merchants:hotpot -32.00", "organiser -16.00",
	}, entries(a))
	require.Equal(t, []string{
		"payment.set_off gym amount=120.00 note=" + r.ref("2026-11", 2),
		"loss.recovered cafe amount=72.00", "loss.recovered hotpot amount=32.00", "loss.recovered organiser amount=16.00",
		"settlement.paying", "payout.sent gym amount=30.00",
	}, events(a, "amount", "note"))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "sent paid=12000 sent=3000", obligation(r.of("2026-11", 2)))
	require.Equal(t, cny(3000), r.Runs[0].Orders[0].Amount)
	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-11", 2)})
	require.Equal(t, []string{"payables:gym 30.00", "custody -30.00"}, entries(a))
	require.Equal(t, "confirmed paid=15000", obligation(r.of("2026-11", 2)))
	r.do(settlement.ReturnPayout{Reference: r.ref("2026-11", 2)})
	require.Equal(t, "payable paid=12000 outstanding=3000", obligation(r.of("2026-11", 2)), "what was set off stays so")
}

func TestAPayoutThatIsSetOffInFullIsInNoRun(t *testing.T) {
	t.Parallel()
	r := indebted(t, 5000)
	for _, n := range []int{1, 3, 4} {
		delete(r.Accounts, r.payee("2026-10", n))
	}
	delete(r.Accounts, settlement.Payee{Member: true, Code: "ann"})
	a := r.do(settlement.SendPayouts{})
	require.Contains(t, entries(a), "payables:gym 50.00")
	require.Contains(t, entries(a), "receivables:gym -50.00")
	require.Equal(t, "defaulted paid=5000 outstanding=7000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "confirmed paid=5000", obligation(r.of("2026-11", 2)))
	require.Empty(t, r.Runs)
	require.Zero(t, r.LastRun)
	require.Equal(t, settlement.Paying, r.phase("2026-10"), "a debt of it was paid")
	require.Equal(t, settlement.Paying, r.phase("2026-11"))
	r.refused(settlement.CodeNotSent, settlement.ReturnPayout{Reference: r.ref("2026-11", 2)}) // no bank has sent it
}

func TestADebtThatIsOnlyDueIsNotSetOff(t *testing.T) {
	t.Parallel()
	patient := terms
	patient.PaymentDays = 60
	r := october(t, patient, false)
	r.line("cafe", "gym", 20000)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	r.pass(at(time.December, 4, 0))
	r.bank("ann")
	a := r.do(settlement.SendPayouts{})
	require.Empty(t, a.Entries)
	require.Equal(t, "due outstanding=12000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "sent sent=20000", obligation(r.of("2026-11", 2)))
}
