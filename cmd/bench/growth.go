package main

import (
	"context"
	"fmt"
	"time"
)

// growth measures how the number of cards and the length of the log affect
// redemptions. All its circles have the same terms.
func (b *bench) growth(ctx context.Context) error {
	large, growing := b.large, b.growing
	// This closes the last month now, instead of within the measurement.
	if err := b.sequencer.Advance(ctx, large.alliance.ID, time.Now()); err != nil {
		return err
	}
	few, some := fmt.Sprintf("%d cards", growing[0].cards), fmt.Sprintf("%d cards", growing[1].cards)
	all := fmt.Sprintf("%d cards, %d million entries behind", large.cards, large.entries/1_000_000)
	behind := fmt.Sprintf("%d of these cards", growing[1].cards)
	w := b.plan.window
	whole := b.loadSubject(all, loadProfile{callers: 256, datasets: []*dataset{large.dataset}}, w)
	if _, err := whole.run(ctx); err != nil { // writes the full-page images that follow the checkpoint, so that they are not measured
		return err
	}
	found, err := turns(ctx, b.plan.pairs, []subject{
		b.yardstick(),
		b.loadSubject(few, loadProfile{callers: 256, datasets: growing[:1]}, w),
		b.loadSubject(some, loadProfile{callers: 256, datasets: growing[1:]}, w),
		b.loadSubject(behind, loadProfile{callers: 256, datasets: []*dataset{large.dataset}, cards: growing[1].cards}, w),
		whole,
	})
	if err != nil {
		return err
	}
	b.closeYardstick(ctx, found)
	cards, entries := found.ratio(all, few, rate), found.ratio(behind, some, rate)
	b.report.redemptions("Growth: 256 callers in process", found,
		"The smaller circles have no history but the sales and top-ups of their cards.",
		fmt.Sprintf("%d cards ÷ %d: %s of the throughput, though the larger circle also has the entries behind it.", large.cards, growing[0].cards, spread(cards, 2)),
		fmt.Sprintf("%d entries ÷ none, on %d cards: %s of the throughput.", large.entries, growing[1].cards, spread(entries, 2)))
	if !b.plan.short {
		b.report.key("cards_1m_vs_10k", cards)
		b.report.key("entries_20m_vs_0", entries)
	}
	return nil
}
