package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// borne sums what each party bears of a month's losses, in minor units.
func (r *fixture) borne(period string) map[string]int64 {
	sums := make(map[string]int64)
	for _, x := range r.Settlements {
		for _, o := range x.Obligations {
			for _, b := range o.Bearers {
				if x.Period == period {
					sums[b.Party] += b.Borne.Minor() - b.Recovered.Minor()
				}
			}
		}
	}
	return sums
}

// A party that owes three others by direct transfers defaults once, and not three times.
func TestTheOrganisersLimitIsOfADefaultAndNotOfATransfer(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "cafe", 9000)
	r.line("gym", "hotpot", 3000)
	r.line("gym", "salon", 2000)
	r.close("2026-10", at(time.November, 1, 0), first(1000), true, nil)
	r.pass(at(time.November, 14, 0))
	require.Equal(t, map[string]int64{"organiser": 1000, "cafe": 8358, "hotpot": 2785, "salon": 1857}, r.borne("2026-10"))
	r.holds()
}

func TestEachPartysDefaultHasTheOrganisersLimit(t *testing.T) {
	t.Parallel()
	r := approved(t, first(1000), false) // the gym owes 120.00, the salon 30.00
	r.pass(at(time.November, 14, 0))
	require.Equal(t, map[string]int64{"organiser": 2000, "cafe": 9000, "hotpot": 4000}, r.borne("2026-10"))
	r.holds()
}

// The creditor has left when the organiser defaults, so there is nobody else to bear it.
func TestNobodyBearsWhatHeHimselfOwes(t *testing.T) {
	t.Parallel()
	for _, settling := range []window.Settling{terms, first(), first(100)} {
		r := newFixture(t)
		r.line("organiser", "cafe", 10000)
		r.close("2026-10", at(time.November, 1, 0), settling, false, nil)
		r.do(settlement.GiveNotice{Merchant: "cafe", LeavesAt: at(time.November, 10, 0)})
		postings := r.pass(at(time.November, 14, 0))
		last := postings[len(postings)-1]
		require.Empty(t, last.Entries)
		require.Equal(t, []string{"payment.defaulted organiser"}, events(last))
		r.holds()
		r.close("2026-11", at(time.December, 1, 0), settling, false, nil)
		r.close("2026-12", at(time.December, 31, 0), settling, false, nil)
		require.EqualValues(t, 10000, r.books[receivables("organiser")], "a debt stays what it is")
		r.do(settlement.ReceivePayment{Party: "organiser", Amount: "100.00"})
		require.Zero(t, r.books[receivables("organiser")])
		require.Zero(t, r.books[ledger.Account{Kind: ledger.Allowances, Owner: "organiser"}])
		r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Party: "organiser", Amount: "0.01"})
		r.holds()
	}
}

func TestACreditorBearsAtMostItsNet(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "hotpot", 20000)
	r.line("gym", "cafe", 1176)
	r.line("salon", "hotpot", 5000)
	r.close("2026-10", at(time.November, 1, 0), terms, false, nil)
	r.do(settlement.GiveNotice{Merchant: "hotpot", LeavesAt: at(time.November, 10, 0)})
	r.pass(at(time.November, 14, 0))
	require.Equal(t, map[string]int64{"cafe": 1176, "organiser": 25000}, r.borne("2026-10"), "of both defaults together")
	r.holds()
}

// 90 : 40 : 20 is how the loss is shared; what one can't bear, the others do, in the same
// proportion.
func TestWhatIsOverACreditorsNetIsSharedAmongTheOthers(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.do(settlement.GiveNotice{Merchant: "hotpot", LeavesAt: at(time.November, 10, 0)})
	r.pass(at(time.November, 14, 0))
	// The gym's 120.00 by 90 : 20 would be 98.18 and 21.82: both are over their nets.
	require.Equal(t, map[string]int64{"cafe": 9000, "organiser": 6000}, r.borne("2026-10"))
	r.holds()
}
