package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/ledger"
)

func TestTurnoverCountsATransactionOnce(t *testing.T) {
	t.Parallel()
	var of ledger.Turnover
	of.Add("value.spent", -500, true)
	of.Add("card.sold", 1000, true)
	of.Add("card.sold", -100, false)
	of.Add("value.spent", -250, true)
	of.Add(ledger.Late, -250, true)
	require.Equal(t, ledger.Movement{Type: "card.sold", Count: 1, Debits: 1000, Credits: 100}, of.Of("card.sold"))
	require.EqualValues(t, -900, of.Of("card.sold").Net())
	require.Equal(t, ledger.Movement{Type: "reversed"}, of.Of("reversed"))
	require.Equal(t, ledger.Turnover{
		{Type: "card.sold", Count: 1, Debits: 1000, Credits: 100}, {Type: "value.spent", Count: 2, Credits: 750},
	}, of.Movements(), "by name, without what was counted once more")
	require.JSONEq(t, `{"value.spent":[2,0,750],"card.sold":[1,1000,100],"late":[1,0,250]}`, string(of.Append(nil)))
}

func TestTurnoverRoundTrip(t *testing.T) {
	t.Parallel()
	types := rapid.SampledFrom([]ledger.Type{
		"card.sold", "card.topped_up", "value.spent", "pass.used", "coupon.used", "purchase.recorded", "points.spent", "reversed", "card.expired",
		ledger.Late, "position.adjusted", "payment.defaulted",
	})
	rapid.Check(t, func(t *rapid.T) {
		var of ledger.Turnover
		for range rapid.IntRange(1, 30).Draw(t, "entries") {
			of.Add(types.Draw(t, "type"), rapid.Int64Range(-1<<50, 1<<50).Draw(t, "amount"), rapid.Bool().Draw(t, "first"))
		}
		packed, err := ledger.UnpackTurnover(of.AppendPacked(nil))
		require.NoError(t, err)
		require.Equal(t, len(of), len(packed))
		require.Equal(t, of.Sorted(), packed.Sorted())
		parsed, err := ledger.ParseTurnover(string(of.Append(nil)))
		require.NoError(t, err)
		require.Equal(t, append(ledger.Turnover{}, of.Sorted()...), parsed)
	})
	for _, bad := range []string{"\x01", "\x01\x01\x01", "\x00\x09a", "\x63\x01\x01\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		_, err := ledger.UnpackTurnover([]byte(bad))
		require.Error(t, err, "%q", bad)
	}
}
