package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// buildCity makes the circle that most blocks use.
func (b *bench) buildCity(ctx context.Context) error {
	if b.city != nil {
		return nil
	}
	defer b.stage(fmt.Sprintf("a circle of %d cards and 1000 shops", b.plan.cityCards))()
	b.city = &town{code: "city", cards: b.plan.cityCards, merchants: 1000}
	return b.build(ctx, b.city)
}

// buildVillages makes small circles.
func (b *bench) buildVillages(ctx context.Context) error {
	if b.villages != nil || b.plan.lean {
		return nil
	}
	defer b.stage(fmt.Sprintf("%d circles of 1000 cards", b.plan.villageCount))()
	group, both := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i := range b.plan.villageCount {
		t := &town{code: fmt.Sprintf("village-%03d", i), cards: 1000, merchants: 10}
		b.villages = append(b.villages, t)
		group.Go(func() error { return b.build(both, t) })
	}
	return group.Wait()
}

// buildTowns makes circles of growing size, on the terms of the large one.
func (b *bench) buildTowns(ctx context.Context) error {
	if b.towns != nil {
		return nil
	}
	defer b.stage("circles of growing size")()
	for _, cards := range []int{10_000, 100_000} {
		t := &town{code: fmt.Sprintf("town-%d", cards), cards: min(cards, b.large.cards), merchants: b.large.merchants, atUse: true}
		if err := b.build(ctx, t); err != nil {
			return err
		}
		b.towns = append(b.towns, t)
	}
	return nil
}

// buildMetropolis makes the large circle.
func (b *bench) buildMetropolis(ctx context.Context) error {
	if b.large != nil {
		return nil
	}
	p := b.plan
	defer b.stage(fmt.Sprintf("a circle of %d cards, %d shops and %d entries", p.largeCards, p.largeMerchants, p.largeEntries))()
	var err error
	b.large, err = b.tell(ctx, &town{code: "metropolis", cards: p.largeCards, merchants: p.largeMerchants, atUse: true}, p.largeEntries, p.monthEntries)
	return err
}

// build sets a circle up and sells its cards through the sequencer, as if two
// days ago.
func (b *bench) build(ctx context.Context, t *town) error {
	if err := t.found(ctx, b.pool); err != nil {
		return err
	}
	b.auditLater(b.pool, t)
	return t.populate(ctx, b.sequencer, time.Now().Add(-48*time.Hour))
}

// prewarm writes out what is to be written; and, where there are new circles,
// brings the planner's statistics up to date and reads the rows that redemptions
// change into memory.
func (b *bench) prewarm(ctx context.Context) error {
	statements := []string{`CHECKPOINT`}
	if alliances := len(b.audits); alliances != b.warmed {
		b.warmed = alliances
		statements = append(statements, `ANALYZE`, `CREATE EXTENSION IF NOT EXISTS pg_prewarm`, `
			SELECT sum(pg_prewarm(c.oid))
			FROM pg_class t LEFT JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid IN (t.oid, i.indexrelid)
			WHERE t.relname IN ('heads', 'balances', 'members', 'cards') AND t.relnamespace = 'public'::regnamespace`)
	}
	for _, sql := range statements {
		if _, err := b.pool.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
