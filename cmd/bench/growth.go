package main

import (
	"context"
	"fmt"
	"time"
)

// growth measures redemptions with more cards, and with more behind them. All of
// its circles have the same terms.
func (b *bench) growth(ctx context.Context) error {
	m, towns := b.large, b.towns
	// The first command of the month closes the one before.
	if err := b.sequencer.Advance(ctx, m.alliance.ID, time.Now()); err != nil {
		return err
	}
	few, some := fmt.Sprintf("%d cards", towns[0].cards), fmt.Sprintf("%d cards", towns[1].cards)
	all := fmt.Sprintf("%d cards, %d million entries behind", m.cards, m.entries/1_000_000)
	behind := fmt.Sprintf("%d of these cards", towns[1].cards)
	w := b.plan.window
	whole := b.crowded(all, crowd{callers: 256, towns: []*town{m.town}}, w)
	if _, err := whole.run(ctx); err != nil { // every page that changes goes into the log once in full
		return err
	}
	found, err := turns(ctx, b.plan.pairs, []subject{
		b.yardstick(),
		b.crowded(few, crowd{callers: 256, towns: towns[:1]}, w),
		b.crowded(some, crowd{callers: 256, towns: towns[1:]}, w),
		b.crowded(behind, crowd{callers: 256, towns: []*town{m.town}, cards: towns[1].cards}, w),
		whole,
	})
	if err != nil {
		return err
	}
	b.closeYardstick(ctx, found)
	cards, entries := found.ratio(all, few, rate), found.ratio(behind, some, rate)
	b.report.redemptions("Growth: 256 callers in process", found,
		"The smaller circles have no history but the sales and top-ups of their cards.",
		fmt.Sprintf("%d cards ÷ %d: %s of the throughput, though the larger circle also has the entries behind it.", m.cards, towns[0].cards, spread(cards, 2)),
		fmt.Sprintf("%d entries ÷ none, on %d cards: %s of the throughput.", m.entries, towns[1].cards, spread(entries, 2)))
	if !b.plan.short {
		b.report.key("cards_1m_vs_10k", cards)
		b.report.key("entries_20m_vs_0", entries)
	}
	return nil
}
