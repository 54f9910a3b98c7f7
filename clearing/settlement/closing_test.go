package settlement_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
)

func TestAClosedWindowAsksForItsTransfers(t *testing.T) {
	t.Parallel()
	for _, direct := range []bool{false, true} {
		r := october(t, terms, direct)
		var asked []string
		for i, o := range r.Settlements[0].Obligations {
			require.Equal(t, i+1, o.Number)
			require.Equal(t, r.ref("2026-10", i+1), o.Reference)
			asked = append(asked, fmt.Sprintf("%s %s %s %d %s", o.Kind, o.Payer, o.Payee, o.Amount.Minor(), o.Status))
		}
		want := []string{
			"payout custody cafe 9000 payable", "collection gym custody 12000 due", "payout custody hotpot 4000 payable",
			"payout custody organiser 2000 payable", "collection salon custody 3000 due",
		}
		if direct {
			want = []string{"direct gym cafe 9000 due", "direct gym hotpot 3000 due", "direct salon organiser 2000 due", "direct salon hotpot 1000 due"}
		}
		require.Equal(t, append(want, "commission custody ann 1500 payable"), asked)
		require.Equal(t, settlement.InReview, r.phase("2026-10"))
		require.Equal(t, at(time.November, 4, 0), r.Settlements[0].ReviewUntil)
		require.Equal(t, []settlement.Net{{Party: "cafe", Amount: cny(9000)}, {Party: "hotpot", Amount: cny(4000)}, {Party: "organiser", Amount: cny(2000)}},
			r.Settlements[0].Creditors)
	}
}
