package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// The cafe uploads late what a card of the gym was used for: the gym has uploaded nothing.
func TestALateUploadCountsForWhoUploadedItAlone(t *testing.T) {
	t.Parallel()
	yuan := money.MustCurrency("CNY").Minor
	cafe, gym := ledger.Account{Kind: ledger.Merchants, Owner: "cafe"}, ledger.Account{Kind: ledger.Merchants, Owner: "gym"}
	b := ledger.NewBalances()
	late := func(seq int64, merchant string, entries ...ledger.Entry) {
		require.NoError(t, b.Take(&ledger.Transaction{Seq: seq, Type: "value.spent", Merchant: merchant, Late: true, Entries: entries}))
	}
	late(1, "cafe", ledger.Entry{Account: gym, Amount: yuan(1000)}, ledger.Entry{Account: cafe, Amount: yuan(-1000)})
	require.Equal(t, ledger.Movement{Type: ledger.Late, Count: 1, Credits: 1000}, b.Turnover(cafe).Of(ledger.Late))
	require.Zero(t, b.Turnover(gym).Of(ledger.Late).Count)
	require.EqualValues(t, 1000, b.Turnover(gym).Of("value.spent").Debits, "it moved the gym all the same")

	// A redemption of which the merchant gets nothing is an upload too.
	late(2, "gym", ledger.Entry{Account: cafe, Amount: yuan(5)}, ledger.Entry{Account: ledger.Account{Kind: ledger.Organiser}, Amount: yuan(-5)})
	require.Equal(t, ledger.Movement{Type: ledger.Late, Count: 1}, b.Turnover(gym).Of(ledger.Late))
	require.EqualValues(t, 1, b.Turnover(cafe).Of(ledger.Late).Count)

	// Both of its entries are added up, and the transaction counts once.
	late(3, "gym", ledger.Entry{Account: gym, Amount: yuan(300)}, ledger.Entry{Account: gym, Amount: yuan(-200)}, ledger.Entry{Account: cafe, Amount: yuan(-100)})
	require.Equal(t, ledger.Movement{Type: ledger.Late, Count: 2, Debits: 300, Credits: 200}, b.Turnover(gym).Of(ledger.Late))
}
