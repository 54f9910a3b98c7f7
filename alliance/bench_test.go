package alliance_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/money"
)

// newBench returns a circle with a card that is not used up by any number of
// repetitions.
// benchModel is a model with room for the last record, as the sequencer has it for a
// batch's, so that no record is allocated by itself.
type benchModel struct {
	*model
	record alliance.Record
}

func newBench(b *testing.B) *benchModel {
	b.Helper()
	m := &benchModel{model: newAlliance(b, alliance.AtIssue)}
	m.setup.Current().Limited = false
	product := m.setup.Products["explorer"]
	product.ValidDays, product.Benefits[0].Uses = 0, math.MaxInt
	m.setup.Merchants["cafe"].Capped = false
	m.must(b, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	m.must(b, alliance.TopUp{Card: "card", Amount: cny.Minor(money.MaxMinor).String(), Bonus: given("5000.00")})
	return m
}

// rule decides a command and folds it into the state, as the sequencer does for
// each order of a batch.
func (m *benchModel) rule(b *testing.B, command alliance.Command) *alliance.Record {
	r, err := m.state.Decide(command, m.now)
	if err == nil {
		m.record = r
		m.record.Seq, m.record.Period = r.Previous+1, m.window.Period
		err = m.state.Apply(&m.record)
	}
	if err != nil {
		b.Fatal(err)
	}
	return &m.record
}

func benchmark(b *testing.B, command alliance.Command) {
	m := newBench(b)
	b.ReportAllocs()
	for b.Loop() {
		m.rule(b, command)
	}
}

func BenchmarkSpend(b *testing.B) {
	benchmark(b, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "0.38"})
}

func BenchmarkPass(b *testing.B) {
	benchmark(b, alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 1})
}

func BenchmarkPurchase(b *testing.B) {
	benchmark(b, alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "88.80"})
}

func BenchmarkRefusal(b *testing.B) {
	m := newBench(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.state.Decide(alliance.SpendPoints{Card: "card", Merchant: "cafe", Points: 1}, m.now); err == nil {
			b.Fatal("there are no points to spend")
		}
	}
}

// BenchmarkSale sells cards to the second of two referred members, so that both
// levels of commission are worked out. The cards are dropped again.
func BenchmarkSale(b *testing.B) {
	m := newBench(b)
	m.must(b, alliance.SellCard{Card: "card2", Member: "li", Product: "explorer", Referrer: given("mei")})
	sale := alliance.SellCard{Member: "wang", Product: "explorer", Merchant: given("hotpot"), Referrer: given("li")}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		sale.Card = strconv.Itoa(n)
		if len(m.rule(b, sale).Facts.Commissions) != 2 {
			b.Fatal("a level of commission is missing")
		}
		delete(m.state.Cards, sale.Card)
		m.state.Due = alliance.Agenda{}
	}
}

// BenchmarkReversal takes back one fen after another of a spend of everything.
func BenchmarkReversal(b *testing.B) {
	m := newBench(b)
	spend := m.must(b, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: cny.Minor(money.MaxMinor).String()})
	part := partly(spend, "0.01")
	b.ReportAllocs()
	for b.Loop() {
		m.rule(b, part)
	}
}

// BenchmarkJSON writes the facts of a spend and its receipt, as the sequencer does
// for each order, and reads the facts back, as a reversal does.
func BenchmarkJSON(b *testing.B) {
	m := newBench(b)
	record := m.rule(b, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "0.38"})
	b.ReportAllocs()
	for b.Loop() {
		t, err := record.Encode()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(m.state.Receipt(record)); err != nil {
			b.Fatal(err)
		}
		if _, err := alliance.DecodeRecord(t); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSpendWithCampaigns is BenchmarkSpend in a circle with ten live campaigns and tiers,
// of which none gives: five gave the member all that they give, and the others wait for
// something else.
func BenchmarkSpendWithCampaigns(b *testing.B) {
	n := newGrowthAlliance(b, alliance.AtIssue)
	n.ladder(alliance.MeasureSpent, 12)
	n.setup.Current().Limited = false
	for i := range 5 {
		n.campaign(b, "use"+strconv.Itoa(i), alliance.WhenUse, func(c *alliance.Campaign) { c.Points = 1 })
	}
	for i, when := range []alliance.Trigger{alliance.WhenJoined, alliance.WhenReferred, alliance.WhenRefers, alliance.WhenTier, alliance.WhenCommand} {
		n.campaign(b, "other"+strconv.Itoa(i), when, func(c *alliance.Campaign) { c.Points, c.Tier = 1, "gold" })
	}
	n.must(b, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	n.must(b, alliance.TopUp{Card: "card", Amount: cny.Minor(money.MaxMinor).String()})
	n.must(b, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "300.00"})
	spend := alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "0.38"}
	var record alliance.Record
	b.ReportAllocs()
	for b.Loop() {
		r, err := n.state.Decide(spend, n.now)
		if err == nil {
			record = r
			record.Seq, record.Period = r.Previous+1, n.window.Period
			err = n.state.Apply(&record)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if n.state.Due.Len() > 1 {
		b.Fatal("a gift was scheduled")
	}
}
