package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// buildStandard makes the circle that most blocks use.
func (b *bench) buildStandard(ctx context.Context) error {
	if b.standard != nil {
		return nil
	}
	defer b.stage(fmt.Sprintf("a circle of %d cards and 1000 shops", b.plan.standardCards))()
	b.standard = &dataset{code: "standard", cards: b.plan.standardCards, merchants: 1000}
	return b.build(ctx, b.standard)
}

// buildSmall makes many small circles.
func (b *bench) buildSmall(ctx context.Context) error {
	if b.small != nil || b.plan.lean {
		return nil
	}
	defer b.stage(fmt.Sprintf("%d circles of 1000 cards", b.plan.smallDatasets))()
	group, both := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i := range b.plan.smallDatasets {
		d := &dataset{code: fmt.Sprintf("small-%03d", i), cards: 1000, merchants: 10}
		b.small = append(b.small, d)
		group.Go(func() error { return b.build(both, d) })
	}
	return group.Wait()
}

// buildGrowing makes circles of growing size, on the terms of the large one.
func (b *bench) buildGrowing(ctx context.Context) error {
	if b.growing != nil {
		return nil
	}
	defer b.stage("circles of growing size")()
	for _, cards := range []int{10_000, 100_000} {
		d := &dataset{code: fmt.Sprintf("cards-%d", cards), cards: min(cards, b.large.cards), merchants: b.large.merchants, earnedAtUse: true}
		if err := b.build(ctx, d); err != nil {
			return err
		}
		b.growing = append(b.growing, d)
	}
	return nil
}

// buildLarge makes the large circle.
func (b *bench) buildLarge(ctx context.Context) error {
	if b.large != nil {
		return nil
	}
	p := b.plan
	defer b.stage(fmt.Sprintf("a circle of %d cards, %d shops and %d entries", p.largeCards, p.largeMerchants, p.largeEntries))()
	var err error
	b.large, err = b.writeHistory(ctx, &dataset{code: "large", cards: p.largeCards, merchants: p.largeMerchants, earnedAtUse: true}, p.largeEntries, p.monthEntries)
	return err
}

// build sets a circle up and sells its cards through the sequencer, dated two days
// back.
func (b *bench) build(ctx context.Context, d *dataset) error {
	if err := d.create(ctx, b.pool); err != nil {
		return err
	}
	b.auditLater(b.pool, d)
	return d.sellCards(ctx, b.sequencer, time.Now().Add(-48*time.Hour))
}

// prewarm makes a checkpoint before a block. If there are new circles, it also
// updates the planner's statistics and reads the rows that redemptions change into
// memory.
func (b *bench) prewarm(ctx context.Context) error {
	statements := []string{`CHECKPOINT`}
	if alliances := len(b.auditTargets); alliances != b.warmed {
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
