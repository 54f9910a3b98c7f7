package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// first returns terms by which the organiser bears a loss first, up to a limit, or
// all of it.
func first(limit ...int64) window.Settling {
	s := terms
	s.OrganiserFirst = true
	if len(limit) > 0 {
		s.OrganiserLimit = &limit[0]
	}
	return s
}

// defaulting lets the gym default on 120.00 of October, when all else is paid.
func defaulting(r *fixture) settlement.Posting {
	r.Helper()
	r.do(settlement.ReceivePayment{Party: "salon", Amount: "30.00"})
	postings := r.pass(at(time.November, 14, 0))
	last := postings[len(postings)-1]
	require.EqualValues(r, settlement.PaymentDefaulted, last.Type)
	require.Equal(r, "gym", last.Merchant)
	return last
}

func TestALossFallsAsTheTermsSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		settling window.Settling
		prepare  func(*fixture)
		entries  []string
	}{
		{
			name: "on whom the month gives money", settling: terms, // 90 : 40 : 20
			entries: []string{"merchants:cafe 72.00", "merchants:hotpot 32.00", "organiser 16.00", "allowances:gym -120.00"},
		},
		{
			name: "by the largest remainder", settling: terms, prepare: func(r *fixture) {
				r.do(settlement.ReceivePayment{Party: "gym", Amount: "119.98"})
			}, // 2 of 150: 1.2, 0.53, 0.27
			entries: []string{"merchants:cafe 0.01", "merchants:hotpot 0.01", "allowances:gym -0.02"},
		},
		{name: "on the organiser", settling: first(), entries: []string{"organiser 120.00", "allowances:gym -120.00"}},
		{name: "on the organiser, within its limit", settling: first(12000), entries: []string{"organiser 120.00", "allowances:gym -120.00"}},
		{
			name: "on the organiser, and beyond its limit on the others", settling: first(5500), // 65 by 90 : 40
			entries: []string{"organiser 55.00", "merchants:cafe 45.00", "merchants:hotpot 20.00", "allowances:gym -120.00"},
		},
		{
			name: "on the others, with a limit of nothing", settling: first(0),
			entries: []string{"merchants:cafe 83.08", "merchants:hotpot 36.92", "allowances:gym -120.00"},
		},
		{
			name: "not on whom has left", settling: terms, prepare: func(r *fixture) {
				r.do(settlement.GiveNotice{Merchant: "cafe", LeavesAt: at(time.November, 10, 0)})
			}, // 40 : 20, and no more than 40 and 20; the rest is the organiser's
			entries: []string{"merchants:hotpot 40.00", "organiser 80.00", "allowances:gym -120.00"},
		},
		{
			name: "on the organiser, if there is nobody else", settling: first(100), prepare: func(r *fixture) {
				for _, merchant := range []string{"cafe", "hotpot"} {
					r.do(settlement.GiveNotice{Merchant: merchant, LeavesAt: at(time.November, 10, 0)})
				}
			},
			entries: []string{"organiser 120.00", "allowances:gym -120.00"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := approved(t, c.settling, false)
			if c.prepare != nil {
				c.prepare(r)
			}
			owed := r.books[receivables("gym")]
			a := defaulting(r)
			require.ElementsMatch(t, c.entries, entries(a))
			require.Equal(t, "payment.defaulted gym amount="+r.amount(owed)+" state=defaulted", events(a, "amount", "state")[0])
			require.Contains(t, events(a), "shop.suspended gym")
			require.Len(t, a.Events, len(c.entries)+1)
			require.True(t, r.Merchants["gym"].Suspended)
			require.Equal(t, owed, r.books[receivables("gym")], "the claim is not forgotten")
			require.Equal(t, r.now, at(time.November, 14, 0))
			borne := int64(0)
			for _, b := range r.of("2026-10", 2).Bearers {
				borne += b.Borne.Minor()
				require.Zero(t, b.Recovered.Minor())
			}
			require.Equal(t, owed, borne)
			require.Zero(t, r.of("2026-10", 2).DefaultAt)
		})
	}
}

func TestTheOrganiserCanDefaultToo(t *testing.T) {
	t.Parallel()
	for _, settling := range []window.Settling{terms, first(), first(100)} {
		r := newFixture(t)
		r.line("organiser", "cafe", 1000)
		r.close("2026-10", at(time.November, 1, 0), settling, false, nil)
		postings := r.pass(at(time.November, 14, 0))
		last := postings[len(postings)-1]
		require.Equal(t, []string{"merchants:cafe 10.00", "allowances:organiser -10.00"}, entries(last))
		require.Equal(t, []string{"payment.defaulted organiser", "loss.shared cafe"}, events(last))
		require.Empty(t, last.Merchant)
	}
}

func TestADepositIsDrawnBeforeALossFalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, lodged string
		entries      []string
		events       []string
		obligation   string
		suspended    bool
	}{
		{
			"all of it", "150.00", []string{"deposits:gym 120.00", "receivables:gym -120.00"},
			[]string{"payment.defaulted gym amount=120.00", "settlement.paying", "deposit.drawn gym amount=120.00"},
			"paid paid=12000 drawn=12000", false,
		},
		{
			"a part of it", "100.50", []string{
				"deposits:gym 100.50", "receivables:gym -100.50", "merchants:cafe 11.70", "merchants:hotpot 5.20", "organiser 2.60", "allowances:gym -19.50",
			}, []string{
				"payment.defaulted gym amount=120.00", "settlement.paying", "deposit.drawn gym amount=100.50", "loss.shared cafe amount=11.70",
				"loss.shared hotpot amount=5.20", "loss.shared organiser amount=2.60", "shop.suspended gym",
			},
			"defaulted paid=10050 drawn=10050 outstanding=1950", true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := approved(t, terms, false)
			r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: c.lodged})
			postings := r.pass(at(time.November, 14, 0))
			a := postings[len(postings)-2] // the last one is the salon's
			require.ElementsMatch(t, c.entries, entries(a))
			require.Equal(t, c.events, events(a, "amount"))
			require.Equal(t, c.obligation, obligation(r.of("2026-10", 2)))
			require.Equal(t, c.suspended, r.Merchants["gym"].Suspended)
		})
	}
}

func TestADepositIsDrawnOnceForSeveralDefaults(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, true)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "100.00"})
	r.do(settlement.ReceivePayment{Party: "salon", Amount: "30.00"})
	postings := r.pass(at(time.November, 14, 0))
	postings = postings[len(postings)-2:]
	require.Equal(t, []string{"deposits:gym 90.00", "receivables:gym -90.00"}, entries(postings[0]))
	require.Equal(t, "paid paid=9000 drawn=9000", obligation(r.of("2026-10", 1)))
	require.Equal(t, []string{
		"deposits:gym 10.00", "receivables:gym -10.00", "merchants:cafe 12.00", "allowances:gym -20.00", "merchants:hotpot 5.33", "organiser 2.67",
	}, entries(postings[1]))
	require.Zero(t, r.books[ledger.Account{Kind: ledger.Deposits, Owner: "gym"}])
}

func TestCustodyPaysInThePlaceOfADirectTransfer(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, true)
	r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "50.00", Payee: "cafe"})
	r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 2), Amount: "30.00", Payee: "hotpot"})
	a := defaulting(r)
	require.Equal(t, []string{
		"payment.defaulted gym amount=40.00 state=defaulted", "payout.payable cafe amount=40.00 covers=" + r.ref("2026-10", 1) + " state=payable",
		"loss.shared cafe amount=24.00", "loss.shared hotpot amount=10.67", "loss.shared organiser amount=5.33", "shop.suspended gym",
	}, events(a, "amount", "covers", "state"))
	instead := r.of("2026-10", 6)
	require.Equal(t, settlement.Payout, instead.Kind)
	require.Equal(t, 1, instead.Covers)
	require.Equal(t, r.ref("2026-10", 6), instead.Reference)
	require.EqualValues(t, -4000, r.books[payables("cafe")])
	r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 5)})
	require.Equal(t, settlement.Paying, r.phase("2026-10"), "the cafe waits for custody")
	a = r.do(settlement.ConfirmPayout{Reference: instead.Reference})
	require.Equal(t, []string{"payables:cafe 40.00", "custody -40.00"}, entries(a))
	require.Equal(t, []string{"payout.confirmed cafe", "settlement.settled"}, events(a))
	require.Zero(t, r.books[payables("cafe")])

	a = r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "40.00"})
	require.ElementsMatch(t, []string{
		"custody 40.00", "receivables:gym -40.00", "allowances:gym 40.00", "merchants:cafe -24.00", "merchants:hotpot -10.67", "organiser -5.33",
	}, entries(a))
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
}

func TestWhatIsPaidAfterAllGoesToWhoBoreTheLoss(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	defaulting(r)
	recovered := make(map[string]int64)
	for _, amount := range []string{"0.01", "0.02", "33.33", "66.63", "20.01"} {
		a := r.do(settlement.ReceivePayment{Party: "gym", Amount: amount})
		back := int64(0)
		for _, e := range a.Entries {
			switch e.Account.Kind {
			case ledger.Allowances:
				back += e.Amount.Minor()
			case ledger.Merchants:
				recovered[e.Account.Owner] -= e.Amount.Minor()
			case ledger.Organiser:
				recovered["organiser"] -= e.Amount.Minor()
			}
		}
		require.Equal(t, amount, r.amount(back), "all that is paid is given back")
		for _, b := range r.of("2026-10", 2).Bearers {
			require.LessOrEqual(t, b.Recovered.Minor(), b.Borne.Minor())
			require.Equal(t, recovered[b.Party], b.Recovered.Minor())
		}
	}
	require.Equal(t, map[string]int64{"cafe": 7200, "hotpot": 3200, "organiser": 1600}, recovered)
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	require.Zero(t, r.books[ledger.Account{Kind: ledger.Allowances, Owner: "gym"}])
	require.Zero(t, r.books[receivables("gym")])
}

func TestOnlyWhatWasLostIsGivenBack(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "100.00"})
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "5.00"})
	defaulting(r)
	a := r.do(settlement.ReceivePayment{Party: "gym", Amount: "15.00"})
	require.ElementsMatch(t, []string{
		"custody 15.00", "receivables:gym -15.00", "allowances:gym 15.00", "merchants:cafe -9.00", "merchants:hotpot -4.00", "organiser -2.00",
	}, entries(a))
	require.Equal(t, []string{
		"payment.received gym amount=15.00 outstanding=0.00", "loss.recovered cafe amount=9.00", "loss.recovered hotpot amount=4.00",
		"loss.recovered organiser amount=2.00",
	}, events(a, "amount", "outstanding"))
}
