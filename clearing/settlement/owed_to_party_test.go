package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lianka/clearing"
	"lianka/clearing/ledger"
	"lianka/clearing/money"
	"lianka/clearing/settlement"
)

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
			o := &settlement.Obligation{
				Period: "2026-10", Number: 1, Reference: "RF01", Kind: settlement.Direct, Payer: "cafe", Payee: "gym", Amount: 100, Status: c.status,
			}
			s := &settlement.State{
				Circle:      clearing.Circle{Currency: money.MustCurrency("CNY")},
				Settlements: []*settlement.Settlement{{Period: "2026-10", Phase: settlement.Approved, Obligations: []*settlement.Obligation{o}}},
				Seen:        make(map[string]bool),
				Balance:     func(ledger.Account) int64 { return 0 },
			}
			line := settlement.BankLine{ID: "1", Credit: true, Amount: 100, References: []string{"RF01"}}
			_, err := s.Decide(settlement.ImportStatement{Account: "custody", Statement: "1", Lines: []settlement.BankLine{line}}, time.Unix(0, 0))
			require.NoError(t, err)
			require.Equal(t, c.outcome, s.Imported[0].Outcome)
			require.Equal(t, c.paid, o.Paid)
		})
	}
}
