package settlement_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// TestClosedMonthsKeepTheirInvariants plays anything at all, over some months, by
// any terms. What always holds is checked after every step; [fixture] checks that a
// refusal changes nothing and that no deadline stays.
func TestClosedMonthsKeepTheirInvariants(t *testing.T) {
	t.Parallel()
	for _, direct := range []bool{false, true} {
		t.Run(fmt.Sprintf("direct %t", direct), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { play(t, direct) })
		})
	}
}

func play(t *rapid.T, direct bool) {
	p := &player{fixture: newFixture(t), t: t, direct: direct, month: at(time.October, 1, 0)}
	p.bank("ann")
	p.float = 0
	p.business(3)
	p.elapse(31)
	t.Repeat(map[string]func(*rapid.T){
		"": func(*rapid.T) { p.holds() },
		"commands": func(t *rapid.T) {
			p.t = t
			for range 3 {
				p.give(p.command())
				p.holds()
			}
		},
		"time passes": func(t *rapid.T) {
			p.t = t
			p.business(2)
			p.elapse(rapid.SampledFrom([]int{0, 1, 1, 2, 3, 5, 12}).Draw(t, "days"))
		},
	})
	p.t = t
	p.end()
}

// player draws what happens in a fixture.
type player struct {
	*fixture
	t      *rapid.T
	direct bool
	month  time.Time // the first instant of the open window
}

func draw[T any](p *player, what string, of ...T) T { return rapid.SampledFrom(of).Draw(p.t, what) }

func (p *player) party() string {
	return draw(p, "party", "cafe", "gym", "hotpot", "salon", "organiser", "custody", "nobody")
}

func (p *player) merchant() string {
	return draw(p, "shop", "cafe", "gym", "hotpot", "salon", "organiser")
}

// business moves positions in the open window.
func (p *player) business(n int) {
	for range n {
		from, to := draw(p, "from", "cafe", "gym", "hotpot", "salon", "organiser"), draw(p, "to", "cafe", "gym", "hotpot", "salon", "organiser")
		if from != to {
			p.line(from, to, rapid.Int64Range(1, 10_000).Draw(p.t, "minor"))
		}
	}
}

// elapse lets days pass, and closes the windows that end meanwhile, by any terms.
func (p *player) elapse(n int) {
	until := p.now.Add(time.Duration(n) * 24 * time.Hour)
	for {
		cutoff := p.month.In(location).AddDate(0, 1, 0).UTC()
		if cutoff.After(until) {
			break
		}
		settling := window.Settling{
			ReviewDays: draw(p, "review", 0, 3, 40), PaymentDays: draw(p, "payment", 0, 5, 35), ReminderDays: draw(p, "reminder", 1, 2, 9),
			GraceDays: draw(p, "grace", 0, 5, 14), OrganiserFirst: draw(p, "first", false, true),
			AnswerDays: draw(p, "answer", 0, 1, 14, 40), AdjustSilent: draw(p, "silent", false, true),
		}
		if settling.OrganiserFirst && draw(p, "limited", false, true) {
			limit := draw[int64](p, "limit", 0, 1, 2500)
			settling.OrganiserLimit = &limit
		}
		members := map[string]int64{"ann": rapid.Int64Range(0, 500).Draw(p.t, "ann"), "bob": rapid.Int64Range(0, 500).Draw(p.t, "bob")}
		maps.DeleteFunc(members, func(_ string, minor int64) bool { return minor == 0 })
		p.close(p.month.In(location).Format("2006-01"), cutoff, settling, p.direct, members)
		p.month = cutoff
		p.holds()
	}
	p.pass(until)
}

// give gives a command; the terms may refuse it.
func (p *player) give(command sequencer.SettlementCommand) {
	_, err := p.try(command)
	var refusal *clearing.Refusal
	if err != nil && !errors.As(err, &refusal) {
		require.NoError(p, err, "%#v", command)
	}
}

// obligation draws one of any month, or nil.
func (p *player) obligation() *settlement.Obligation {
	var all []*settlement.Obligation
	for _, x := range p.Settlements {
		all = append(all, x.Obligations...)
	}
	if i := rapid.IntRange(-1, len(all)-1).Draw(p.t, "obligation"); i >= 0 {
		return all[i]
	}
	return nil
}

func (p *player) reference() string {
	if o := p.obligation(); o != nil {
		return o.Reference
	}
	return p.ref("2026-10", 999)
}

// minor draws an amount: often just what matters, or one off.
func (p *player) minor(matters ...int64) int64 {
	return draw(p, "amount", append(matters, rapid.Int64Range(1, 10_000).Draw(p.t, "any amount"))...) + draw[int64](p, "off", 0, 0, 0, 1, -1)
}

func (p *player) text(matters ...int64) string { return p.amount(max(0, p.minor(matters...))) }

func (p *player) dispute() int64 { return rapid.Int64Range(1, p.LastDispute+1).Draw(p.t, "dispute") }

func (p *player) command() sequencer.SettlementCommand {
	return draw(p, "command", p.reviewing, p.reviewing, p.collecting, p.collecting, p.paying, p.paying, p.covering, p.importing)()
}

func (p *player) reviewing() sequencer.SettlementCommand {
	x := draw(p, "settlement", p.Settlements...)
	disputing := func() sequencer.SettlementCommand {
		c := settlement.OpenDispute{Period: x.Period, Party: p.party(), Seq: rapid.Int64Range(x.FirstSeq-1, x.ClosedSeq+1).Draw(p.t, "line")}
		for _, e := range p.Transactions[c.Seq].Entries { // of whom the line concerns
			if e.Account.Kind == ledger.Merchants && draw(p, "its own", true, false) {
				c.Party = e.Account.Owner
			}
		}
		return c
	}
	return draw(p, "reviewing", disputing, disputing, disputing,
		func() sequencer.SettlementCommand { return settlement.Approve{Period: x.Period} },
		func() sequencer.SettlementCommand {
			return settlement.AdjustDispute{Dispute: p.dispute(), Against: p.party(), Amount: p.text(1)}
		},
		func() sequencer.SettlementCommand { return settlement.RefuseDispute{Dispute: p.dispute()} },
		func() sequencer.SettlementCommand {
			return settlement.WithdrawDispute{Dispute: p.dispute(), Party: draw(p, "by", "", "gym", "cafe")}
		})()
}

func (p *player) collecting() sequencer.SettlementCommand {
	o := p.obligation()
	if o == nil || draw(p, "for the oldest", false, true) {
		party, owed := p.party(), int64(0)
		for _, x := range p.Settlements {
			for _, o := range x.Obligations {
				if o.Payer == party {
					owed += o.Outstanding().Minor()
				}
			}
		}
		return settlement.ReceivePayment{Party: party, Amount: p.text(owed, owed/2)}
	}
	return settlement.ReceivePayment{Reference: o.Reference, Amount: p.text(o.Outstanding().Minor(), o.Outstanding().Minor()/2), Payee: draw(p, "by", "", "", o.Payee, "gym")}
}

func (p *player) paying() sequencer.SettlementCommand {
	return draw(p, "paying",
		func() sequencer.SettlementCommand {
			return settlement.SendPayouts{ExecuteOn: draw(p, "on", "", "2026-12-24", "soon"), AcceptShortage: draw(p, "short", false, true, true)}
		},
		func() sequencer.SettlementCommand { return settlement.ConfirmPayout{Reference: p.reference()} },
		func() sequencer.SettlementCommand { return settlement.ConfirmPayout{Reference: p.reference()} },
		func() sequencer.SettlementCommand {
			return settlement.ReturnPayout{Reference: p.reference(), Reason: "unknown"}
		})()
}

func (p *player) covering() sequencer.SettlementCommand {
	merchant := p.merchant()
	lodged := -p.books[deposits(merchant)]
	return draw(p, "covering",
		func() sequencer.SettlementCommand {
			return settlement.LodgeDeposit{Merchant: merchant, Amount: p.text()}
		},
		func() sequencer.SettlementCommand {
			return settlement.ReturnDeposit{Merchant: merchant, Amount: p.text(lodged)}
		},
		func() sequencer.SettlementCommand {
			c := settlement.DrawDeposit{Merchant: merchant, Amount: p.text(lodged, lodged/2)}
			if o := p.obligation(); o != nil && draw(p, "named", false, true) {
				c.Merchant, c.Reference = o.Payer, o.Reference
			}
			return c
		},
		func() sequencer.SettlementCommand {
			return settlement.Adjust{From: p.party(), To: p.party(), Amount: p.text(), Corrects: rapid.Int64Range(0, p.seq+1).Draw(p.t, "corrects")}
		},
		func() sequencer.SettlementCommand { return settlement.Reinstate{Merchant: merchant} },
		func() sequencer.SettlementCommand {
			return settlement.GiveNotice{Merchant: merchant, LeavesAt: p.now.Add(time.Duration(draw(p, "notice", 0, 1, 20, 90)) * 24 * time.Hour)}
		})()
}

func (p *player) importing() sequencer.SettlementCommand {
	c := settlement.ImportStatement{Account: "C", Statement: "1"}
	for range rapid.IntRange(0, 3).Draw(p.t, "lines") {
		l := settlement.BankLine{
			ID: fmt.Sprint(rapid.IntRange(1, 40).Draw(p.t, "line")), Credit: draw(p, "credit", false, true), Returned: draw(p, "returned", false, true), Amount: cny(1),
		}
		if o := p.obligation(); o != nil {
			matters := []int64{o.Outstanding().Minor(), o.Sent.Minor()}
			for _, part := range o.Payments {
				matters = append(matters, part.Amount.Minor())
			}
			l.References, l.Amount = []string{o.Reference}, cny(p.minor(matters...))
			l.Credit = draw(p, "as it should be", l.Credit, o.Kind == settlement.Collection, o.Kind == settlement.Collection)
		}
		if draw(p, "another reference", false, false, false, true) {
			l.References = append(l.References, p.reference())
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

// end answers, lets the graces pass and pays what custody owes: then every month is
// settled.
func (p *player) end() {
	for _, x := range p.Settlements {
		for _, d := range x.Disputes {
			if d.Verdict == settlement.Open {
				p.do(settlement.RefuseDispute{Dispute: d.Number})
			}
		}
	}
	p.pass(p.now.AddDate(1, 0, 0))
	p.holds()
	for _, x := range p.Settlements {
		for _, o := range slices.Clone(x.Obligations) {
			for o.Status == settlement.Sent || o.Status == settlement.Payable { // what was held follows
				_, err := p.try(settlement.ConfirmPayout{Reference: o.Reference})
				require.NoError(p, err)
			}
		}
	}
	p.holds()
	for _, x := range p.Settlements {
		require.Equal(p, settlement.Settled, x.Phase, x.Period)
	}
}
