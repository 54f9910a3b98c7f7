package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// The gym owes 120.00 and the salon 30.00; the cafe is to get 90.00, the hotpot 40.00, the
// organiser 20.00 and ann 15.00.
func TestARunOfMoreThanCustodyHasIsAskedAbout(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	r.float = 0
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "120.00"})
	why := r.refused(settlement.CodeCustodyShort, settlement.SendPayouts{})
	require.Equal(t, map[string]string{"available": "120.00", "required": "165.00", "shortage": "45.00"}, why.Data)
	require.Contains(t, why.Detail, "accept_shortage")
	a := r.do(settlement.SendPayouts{AcceptShortage: true})
	require.Len(t, a.Events, 4)
	r.holds()
}

func TestARunIsNoMoreThanWhatIsNotOnItsWay(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank()
	r.float = 0
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "120.00"})
	r.do(settlement.ReceivePayment{Party: "salon", Amount: "30.00"})
	r.do(settlement.SendPayouts{}) // 150.00, all that there is
	r.Accounts[settlement.Payee{Member: true, Code: "ann"}] = settlement.Account{Holder: "ann", Number: "M"}
	why := r.refused(settlement.CodeCustodyShort, settlement.SendPayouts{})
	require.Equal(t, map[string]string{"available": "0.00", "required": "15.00", "shortage": "15.00"}, why.Data)
	r.do(settlement.LodgeDeposit{Merchant: "cafe", Amount: "15.00"})
	r.do(settlement.SendPayouts{})

	r = approved(t, terms, false)
	r.bank("ann")
	r.float, r.SentUnread = 16500, cny(1) // a commission of another month is on its way
	why = r.refused(settlement.CodeCustodyShort, settlement.SendPayouts{})
	require.Equal(t, "0.01", why.Data["shortage"])
}

func TestWhatIsSetOffNeedsNoMoney(t *testing.T) {
	t.Parallel()
	r := indebted(t, 15000)
	for _, n := range []int{1, 3, 4, 6} {
		delete(r.Accounts, r.payee("2026-10", n))
	}
	r.float = 2999
	why := r.refused(settlement.CodeCustodyShort, settlement.SendPayouts{})
	require.Equal(t, "30.00", why.Data["required"], "of 150.00 the 120.00 that it owes are set off")
	r.float = 3000
	r.do(settlement.SendPayouts{})
	require.Equal(t, "sent paid=12000 sent=3000", obligation(r.of("2026-11", 2)))
}

func TestADebtIsSetOffWithoutABankAccount(t *testing.T) {
	t.Parallel()
	r := indebted(t, 15000)
	clear(r.Accounts)
	r.Accounts[settlement.Payee{Code: "custody"}] = settlement.Account{Holder: "Pier", Number: "C"}
	a := r.do(settlement.SendPayouts{})
	require.Contains(t, entries(a), "payables:gym 120.00")
	require.Contains(t, entries(a), "receivables:gym -120.00")
	require.Contains(t, events(a, "amount"), "payout.skipped gym amount=30.00")
	require.Equal(t, "payable paid=12000 outstanding=3000", obligation(r.of("2026-11", 2)))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	require.Empty(t, r.Runs)
	r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
}

// What the organiser pays by hand is what is left after the set-off.
func TestAPayoutByHandIsSetOffToo(t *testing.T) {
	t.Parallel()
	r := indebted(t, 15000)
	postings, err := r.try(settlement.ConfirmPayout{Reference: r.ref("2026-11", 2)})
	require.NoError(t, err)
	require.Len(t, postings, 2)
	require.EqualValues(t, settlement.PaymentSetOff, postings[0].Type)
	require.ElementsMatch(t, []string{
		"payables:gym 120.00", "receivables:gym -120.00",
		"allowances:gym 120.00", "merchants:cafe -72.00", "merchants:hotpot -32.00", "organiser -16.00",
	}, entries(postings[0]))
	require.EqualValues(t, settlement.PayoutConfirmed, postings[1].Type)
	require.Equal(t, []string{"payables:gym 30.00", "custody -30.00"}, entries(postings[1]))
	require.Equal(t, "confirmed paid=15000", obligation(r.of("2026-11", 2)))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))

	r = indebted(t, 5000)
	a := r.do(settlement.ConfirmPayout{Reference: r.ref("2026-11", 2)})
	require.EqualValues(t, settlement.PaymentSetOff, a.Type)
	require.Equal(t, "confirmed paid=5000", obligation(r.of("2026-11", 2)))
	require.Equal(t, "defaulted paid=5000 outstanding=7000", obligation(r.of("2026-10", 2)))
	require.Zero(t, r.books[ledger.Account{Kind: ledger.Custody}], "no money has left")
	r.refused(settlement.CodeAlreadyConfirmed, settlement.ConfirmPayout{Reference: r.ref("2026-11", 2)})
	require.Equal(t, at(time.December, 4, 0), r.now)
}
