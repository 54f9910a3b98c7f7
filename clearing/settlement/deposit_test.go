package settlement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestADepositIsLodgedAndReturned(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	a := r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "100.00", Note: "bank"})
	require.Equal(t, []string{"custody 100.00", "deposits:gym -100.00"}, entries(a))
	require.Equal(t, []string{"deposit.lodged gym amount=100.00 deposit=100.00 note=bank"}, events(a, "amount", "deposit", "note"))
	require.Equal(t, "gym", a.Merchant)
	a = r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "50.00"})
	require.Equal(t, []string{"deposit.lodged gym amount=50.00 deposit=150.00"}, events(a, "amount", "deposit"))
	why := r.refused(settlement.CodeInsufficientDeposit, settlement.ReturnDeposit{Merchant: "gym", Amount: "150.01"})
	require.Equal(t, map[string]string{"available": "150.00", "required": "150.01"}, why.Data)
	r.refused(settlement.CodeInsufficientDeposit, settlement.ReturnDeposit{Merchant: "cafe", Amount: "0.01"})
	a = r.do(settlement.ReturnDeposit{Merchant: "gym", Amount: "150.00", Note: "all"})
	require.Equal(t, []string{"deposits:gym 150.00", "custody -150.00"}, entries(a))
	require.Equal(t, []string{"deposit.returned gym amount=150.00 deposit=0.00 note=all"}, events(a, "amount", "deposit", "note"))
	require.Equal(t, "gym", a.Merchant)
	for _, merchant := range []string{"organiser", "custody", "nobody", ""} {
		r.refused(settlement.CodeUnknownParty, settlement.LodgeDeposit{Merchant: merchant, Amount: "1.00"})
		r.refused(settlement.CodeUnknownParty, settlement.ReturnDeposit{Merchant: merchant, Amount: "1.00"})
	}
	r.refused(settlement.CodeInvalidAmount, settlement.LodgeDeposit{Merchant: "gym", Amount: "0.00"})
	r.refused(settlement.CodeInvalidAmount, settlement.ReturnDeposit{Merchant: "gym", Amount: "-1.00"})
}

func TestADepositStaysWhileAnythingIsOwed(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "10.00"})
	r.do(settlement.LodgeDeposit{Merchant: "cafe", Amount: "10.00"})
	r.refused(settlement.CodePaymentsOpen, settlement.ReturnDeposit{Merchant: "gym", Amount: "1.00"}) // under review already
	r.do(settlement.ReturnDeposit{Merchant: "cafe", Amount: "10.00"})
	r.pass(at(time.November, 4, 0))
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "119.99"})
	r.refused(settlement.CodePaymentsOpen, settlement.ReturnDeposit{Merchant: "gym", Amount: "1.00"})
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "0.01"})
	r.do(settlement.ReturnDeposit{Merchant: "gym", Amount: "10.00"})
}

func TestAnAdjustmentIsBetweenTwoParties(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	a := r.do(settlement.Adjust{From: "cafe", To: "gym", Amount: "3.00", Reason: "a till was wrong", Corrects: gymToCafe})
	require.Equal(t, []string{"merchants:cafe 3.00", "merchants:gym -3.00"}, entries(a))
	require.Equal(t, []string{
		"position.adjusted cafe amount=3.00 from=cafe to=gym reason=a till was wrong corrects=txn_1",
		"position.adjusted gym amount=3.00 from=cafe to=gym reason=a till was wrong corrects=txn_1",
	}, events(a, "amount", "from", "to", "reason", "corrects"))
	require.EqualValues(t, gymToCafe, a.Corrects)
	require.Equal(t, "gym", a.Merchant)
	a = r.do(settlement.Adjust{From: "gym", To: "organiser", Amount: "1.00"})
	require.Equal(t, []string{"merchants:gym 1.00", "organiser -1.00"}, entries(a))
	require.Empty(t, a.Merchant)
	require.Zero(t, a.Corrects)

	for _, c := range []settlement.Adjust{
		{From: "gym", To: "gym"}, {From: "gym", To: "custody"}, {From: "nobody", To: "gym"}, {From: "organiser", To: "organiser"},
	} {
		c.Amount = "1.00"
		r.refused(settlement.CodeUnknownParty, c)
	}
	r.refused(settlement.CodeUnknownLine, settlement.Adjust{From: "cafe", To: "gym", Amount: "1.00", Corrects: 99})
	r.refused(settlement.CodeInvalidAmount, settlement.Adjust{From: "cafe", To: "gym", Amount: "0"})
	require.Equal(t, "due outstanding=12000", obligation(r.of("2026-10", 2)), "a closed window stays as it is")
}

func TestAShopLeavesWhenItsNoticeIsOver(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	leaves := at(time.November, 30, 12)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "1.00"})
	a := r.do(settlement.GiveNotice{Merchant: "gym", LeavesAt: leaves.Add(999)})
	require.Equal(t, []string{"shop.gave_notice gym leaves_at=2026-11-30T04:00:00Z"}, events(a, "leaves_at"))
	require.Empty(t, a.Entries)
	require.Equal(t, leaves, r.Merchants["gym"].LeavesAt, "to the microsecond, as it is stored")
	require.Equal(t, leaves, r.Deadline())
	require.False(t, r.Merchants["gym"].Left)
	r.refused(settlement.CodeNoticeGiven, settlement.GiveNotice{Merchant: "gym", LeavesAt: leaves.Add(time.Hour)})
	why := r.refused(settlement.CodeNoticeGiven, settlement.LodgeDeposit{Merchant: "gym", Amount: "1.00"})
	require.Contains(t, why.Detail, "2026-11-30T04:00:00Z")
	require.Empty(t, r.pass(leaves.Add(-time.Microsecond)))
	postings := r.pass(leaves)
	require.Len(t, postings, 1)
	require.Equal(t, []string{"shop.left gym"}, events(postings[0]))
	require.EqualValues(t, settlement.MerchantLeft, postings[0].Type)
	require.Equal(t, "gym", postings[0].Merchant)
	require.True(t, r.Merchants["gym"].Left)
	require.True(t, r.Deadline().IsZero())
	r.refused(settlement.CodeNoticeGiven, settlement.LodgeDeposit{Merchant: "gym", Amount: "1.00"})
	r.refused(settlement.CodeNoticeGiven, settlement.GiveNotice{Merchant: "gym", LeavesAt: leaves.Add(time.Hour)})
	r.do(settlement.ReturnDeposit{Merchant: "gym", Amount: "1.00"})

	for _, instant := range []time.Time{leaves, leaves.Add(500), {}} {
		r.refused(settlement.CodeInvalidInstant, settlement.GiveNotice{Merchant: "cafe", LeavesAt: instant})
	}
	r.refused(settlement.CodeUnknownParty, settlement.GiveNotice{Merchant: "organiser", LeavesAt: leaves.Add(time.Hour)})
}

func TestShopsThatLeaveAtOneInstantLeaveInTheOrderOfTheirCodes(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	for _, merchant := range []string{"salon", "cafe", "gym"} {
		r.do(settlement.GiveNotice{Merchant: merchant, LeavesAt: at(time.October, 9, 0)})
	}
	var left []string
	for _, a := range r.pass(at(time.October, 9, 0)) {
		left = append(left, a.Merchant)
	}
	require.Equal(t, []string{"cafe", "gym", "salon"}, left)
}

func TestASuspendedShopIsReinstatedOnceItHasPaid(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.refused(settlement.CodeNotSuspended, settlement.Reinstate{Merchant: "gym"})
	r.refused(settlement.CodeUnknownParty, settlement.Reinstate{Merchant: "organiser"})
	defaulting(r)
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "119.99"})
	require.Contains(t, r.refused(settlement.CodePaymentsOpen, settlement.Reinstate{Merchant: "gym"}).Detail, "0.01")
	r.line("gym", "cafe", 5000)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	r.days(3) // of November it owes 50.00, and has time to pay
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "0.01"})
	require.EqualValues(t, 5000, r.books[receivables("gym")])
	require.True(t, r.Merchants["gym"].Suspended, "it is the organiser who says so")
	a := r.do(settlement.Reinstate{Merchant: "gym"})
	require.Equal(t, []string{"shop.reinstated gym"}, events(a))
	require.Empty(t, a.Entries)
	require.False(t, r.Merchants["gym"].Suspended)
	r.refused(settlement.CodeNotSuspended, settlement.Reinstate{Merchant: "gym"})
}

func TestASecondDefaultSuspendsNobodyTwice(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	defaulting(r)
	r.line("gym", "salon", 5000)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	postings := r.pass(at(time.December, 14, 0))
	i := slices.IndexFunc(postings, func(a settlement.Posting) bool { return a.Type == settlement.PaymentDefaulted && a.Merchant == "gym" })
	require.NotEqual(t, -1, i)
	last := postings[i]
	require.NotContains(t, events(last), "shop.suspended gym")
	why := r.refused(settlement.CodePaymentsOpen, settlement.Reinstate{Merchant: "gym"})
	require.Contains(t, why.Detail, "170.00", "of both months")
	require.EqualValues(t, 17000, r.books[receivables("gym")])
	require.EqualValues(t, -17000, r.books[ledger.Account{Kind: ledger.Allowances, Owner: "gym"}])
}

func TestTaxIsRemittedOnce(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.books[ledger.Account{Kind: ledger.WithheldTax}] = -24000
	a := r.do(settlement.RemitTax{Amount: "200.00", Note: "receipt 7"})
	require.Equal(t, []string{"withheld_tax 200.00", "custody -200.00"}, entries(a))
	require.Equal(t, []string{"tax.remitted amount=200.00 kept=40.00 note=receipt 7"}, events(a, "amount", "kept", "note"))
	why := r.refused(settlement.CodeInsufficientTax, settlement.RemitTax{Amount: "40.01"})
	require.Equal(t, map[string]string{"available": "40.00", "required": "40.01"}, why.Data)
	r.refused(settlement.CodeInvalidAmount, settlement.RemitTax{Amount: "0.00"})
	r.do(settlement.RemitTax{Amount: "40.00"})
	r.refused(settlement.CodeInsufficientTax, settlement.RemitTax{Amount: "0.01"})
}
