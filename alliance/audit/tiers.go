package audit

import (
	"slices"
	"time"

	"github.com/lianka/lianka/alliance"
)

// longestGrowth is how many windows can count for a tier.
const longestGrowth = 36

// foldTiers adds to a card's growth what a transaction gives it or takes from it, by its
// amounts alone: bills and the points that they and gifts gave, less what was undone.
func (a *auditor) foldTiers(r *alliance.Record, kind *alliance.Kind) {
	if r.Terms < 1 || r.Terms > len(a.setup.Terms) || a.setup.Version(r.Terms).Tiers == nil {
		return
	}
	var spent, points int64
	growth := r.Facts.Growth
	switch {
	case kind.Consumption:
		spent, points = r.Facts.Amount, r.Facts.Points
	case kind.Undoes:
		original := a.recalled[r.Corrects]
		if undone := a.registry.Kind(original.Type); undone != nil && undone.Consumption {
			spent, points = -original.Facts.Amount, -original.Facts.Points
			if undone.Reversal.InParts {
				spent = -r.Facts.Amount
			}
		}
		if growth != nil {
			for _, taken := range growth.GiftsTaken {
				points -= taken.Points
			}
		}
	case growth != nil && growth.Gift != nil && growth.Gift.Seq == 0:
		points = r.Facts.Points
	}
	if spent == 0 && points == 0 {
		return
	}
	month, err := time.Parse("2006-01", r.Period)
	if err != nil {
		a.fault(tiered, "transaction %d is in the window %q, which is no month", r.Seq, r.Period)
		return
	}
	a.grow(a.saleOf(r.Card), alliance.Growth{Month: month.Year()*12 + int(month.Month()) - 1, Spent: spent, Points: points})
}

// grow adds to the growth of the card of a sale.
func (a *auditor) grow(sale int64, g alliance.Growth) {
	windows := a.growth[sale]
	if last := len(windows) - 1; last >= 0 && windows[last].Month == g.Month {
		windows[last].Spent += g.Spent
		windows[last].Points += g.Points
		return
	}
	windows = slices.DeleteFunc(windows, func(old alliance.Growth) bool { return old.Month <= g.Month-longestGrowth })
	a.growth[sale] = append(windows, g)
}

// compareTiers compares the growth that a card is stored with, by which it has its tier, with
// what the log adds up to.
func (a *auditor) compareTiers(stored *alliance.Card) {
	if stored.ReplacedBy != nil {
		return // the new code has it
	}
	a.looked(tiered, 1)
	if fold := a.growth[stored.SoldSeq]; !slices.Equal(stored.Growth, fold) {
		a.fault(tiered, "card %q is stored with the growth %+v, and the log adds up to %+v", stored.Code, stored.Growth, fold)
	}
}
