package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/ledger"
)

// A page is read as the API reads it.
const (
	pageLines    = 51 // fifty, and one to know whether there are more
	readsPerList = 200
)

// reads measures the first pages of lists in the large circle.
func (b *bench) reads(ctx context.Context) error {
	large := b.large
	random := rand.New(rand.NewPCG(1, 1))
	readPage := func(f ledger.Filter) error {
		f.Limit = pageLines
		found, err := ledger.Page(ctx, b.pool, large.alliance.ID, large.alliance.Currency, f)
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
		{"a shop's lines", func() error { return readPage(ledger.Filter{Merchant: merchantCode(random.IntN(large.merchants))}) }},
		{"a card's history", func() error { return readPage(ledger.Filter{Card: cardCode(random.IntN(large.cards))}) }},
		{"a member's commission transactions", func() error { return readPage(ledger.Filter{Member: memberCode(random.IntN(promoterCount))}) }},
		{"what a promoter earned", func() error { return b.earnings(ctx, large, random.IntN(promoterCount)) }},
		{"what another member earned", func() error { return b.earnings(ctx, large, random.IntN(large.cards)) }},
	} {
		took := make([]time.Duration, 0, readsPerList)
		for range readsPerList {
			began := time.Now()
			if err := list.read(); err != nil {
				return fmt.Errorf("%s: %w", list.name, err)
			}
			took = append(took, time.Since(began))
		}
		p50, p99 := latencies(took)
		t.rows = append(t.rows, []string{list.name, plain(milliseconds(p50), 2), plain(milliseconds(p99), 2), plain(milliseconds(took[len(took)-1]), 2)})
	}
	t.notes = []string{fmt.Sprintf("Of %d shops, cards and members each, picked at random, one after the other, with %d entries in the log.", readsPerList, large.entries)}
	b.report.add(t)
	return nil
}

// earnings reads the first page of what a member earned.
func (b *bench) earnings(ctx context.Context, m *datasetWithHistory, member int) error {
	if _, err := store.FindMember(ctx, b.pool, m.alliance, memberCode(member)); err != nil {
		return err
	}
	_, err := store.EarnedCommissions(ctx, b.pool, m.alliance, memberCode(member), 0, pageLines)
	return err
}
