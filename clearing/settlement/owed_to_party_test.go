package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

// directTransfer returns a circle in which a direct transfer of 1.00 is all that is not
// settled.
func directTransfer(status settlement.Status) (*settlement.State, *settlement.Obligation) {
	o := &settlement.Obligation{
		Period: "2026-10", Number: 1, Reference: "RF01", Kind: settlement.Direct, Payer: "cafe", Payee: "gym", Amount: cny(100), Status: status,
		Disputed: cny(0), Carried: cny(0), Paid: cny(0), Sent: cny(0), Drawn: cny(0),
	}
	return &settlement.State{
		Alliance:    clearing.Alliance{Currency: money.MustCurrency("CNY"), Location: time.UTC},
		Settlements: []*settlement.Lifecycle{{Period: "2026-10", Phase: settlement.Approved, Obliged: 1, Undone: 1, Obligations: []*settlement.Obligation{o}}},
		Accounts:    map[settlement.Payee]settlement.Account{{Code: clearing.Custody}: {Number: "1"}},
		Bookings:    make(map[int64]*settlement.Booking),
		Balance:     func(ledger.Account) money.Amount { return cny(0) },
	}, o
}

// Money for a direct transfer that came to custody is not with the payee; once custody
// has paid in the place of a party that defaulted, it is custody's.
func TestALineIsNoPaymentOfADirectTransferUnlessItDefaulted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  settlement.Status
		outcome string
		paid    int64
	}{
		{settlement.Due, settlement.OwedToParty, 0},
		{settlement.Defaulted, settlement.Received, 100},
	} {
		t.Run(string(c.status), func(t *testing.T) {
			t.Parallel()
			s, o := directTransfer(c.status)
			line := settlement.BankLine{ID: "1", Credit: true, Amount: cny(100), References: []string{"RF01"}}
			_, err := s.Decide(settlement.ImportStatement{Account: "custody", Statement: "1", Lines: []settlement.BankLine{line}}, time.Unix(0, 0))
			require.NoError(t, err)
			require.Equal(t, c.outcome, s.Lines[0].Outcome)
			require.Equal(t, c.paid, o.Paid.Minor())
		})
	}
}

// Custody has paid the payee of a transfer that defaulted, so what comes for it after it was
// paid too is nothing that the payee waits for.
func TestALineForADirectTransferThatWasPaidAfterItsDefaultIsNotOwedToTheParty(t *testing.T) {
	t.Parallel()
	s, o := directTransfer(settlement.Paid)
	o.Paid, o.DefaultedAt = cny(100), time.Unix(0, 0)
	line := settlement.BankLine{ID: "1", Credit: true, Amount: cny(100), References: []string{"RF01"}}
	_, err := s.Decide(settlement.ImportStatement{Account: "custody", Statement: "1", Lines: []settlement.BankLine{line}}, time.Unix(0, 0))
	require.NoError(t, err)
	require.Equal(t, settlement.NotDue, s.Lines[0].Outcome)
	require.Equal(t, "custody", o.PaidTo())
}

// What a payee says that it got of a transfer which custody pays meanwhile would be
// booked as money that custody has.
func TestAPayeeBooksADirectTransferUnlessItDefaulted(t *testing.T) {
	t.Parallel()
	claim := settlement.ReceivePayment{Reference: "RF01", Payee: "gym", Amount: "1.00"}
	s, o := directTransfer(settlement.Due)
	_, err := s.Decide(claim, time.Unix(0, 0))
	require.NoError(t, err)
	require.EqualValues(t, 100, o.Paid.Minor())

	s, o = directTransfer(settlement.Defaulted)
	_, err = s.Decide(claim, time.Unix(0, 0))
	var refusal *clearing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, settlement.CodeNothingDue, refusal.Code)
	require.Zero(t, o.Paid.Minor())
	claim.Payee = "" // the organiser
	_, err = s.Decide(claim, time.Unix(0, 0))
	require.NoError(t, err)
	require.EqualValues(t, 100, o.Paid.Minor())
}
