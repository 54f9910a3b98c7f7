package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/ledger"
)

// The pages that are read, as the API reads them.
const (
	pageLines = 51 // fifty, and one to know whether there are more
	readings  = 200
)

// reads measures the first pages of lists in the large circle.
func (b *bench) reads(ctx context.Context) error {
	m := b.large
	random := rand.New(rand.NewPCG(1, 1))
	page := func(f ledger.Filter) error {
		f.Limit = pageLines
		found, err := ledger.Page(ctx, b.pool, m.alliance.ID, m.alliance.Currency, f)
		if err == nil && len(found) == 0 && f.Member == "" {
			err = fmt.Errorf("there is nothing on the page of %+v", f)
		}
		return err
	}
	t := table{title: "First pages in the large circle", rows: [][]string{{"", "p50 ms", "p99 ms", "most ms"}}}
	for _, list := range []struct {
		name string
		read func() error
	}{
		{"a shop's lines", func() error { return page(ledger.Filter{Merchant: merchantCode(random.IntN(m.merchants))}) }},
		{"a card's history", func() error { return page(ledger.Filter{Card: cardCode(random.IntN(m.cards))}) }},
		{"a member's commission transactions", func() error { return page(ledger.Filter{Member: memberCode(random.IntN(promoters))}) }},
		{"what a promoter earned", func() error { return b.earnings(ctx, m, random.IntN(promoters)) }},
		{"what another member earned", func() error { return b.earnings(ctx, m, random.IntN(m.cards)) }},
	} {
		took := make([]time.Duration, 0, readings)
		for range readings {
			began := time.Now()
			if err := list.read(); err != nil {
				return fmt.Errorf("%s: %w", list.name, err)
			}
			took = append(took, time.Since(began))
		}
		p50, p99 := latencies(took)
		t.rows = append(t.rows, []string{list.name, plain(milliseconds(p50), 2), plain(milliseconds(p99), 2), plain(milliseconds(took[len(took)-1]), 2)})
	}
	t.notes = []string{fmt.Sprintf("Of %d shops, cards and members each, picked at random, one after the other, with %d entries in the log.", readings, m.entries)}
	b.report.add(t)
	return nil
}

// earnings reads the first page of what a member earned.
func (b *bench) earnings(ctx context.Context, m *metropolis, member int) error {
	if _, err := store.FindMember(ctx, b.pool, m.alliance, memberCode(member)); err != nil {
		return err
	}
	_, err := store.EarnedCommissions(ctx, b.pool, m.alliance, memberCode(member), 0, pageLines)
	return err
}
