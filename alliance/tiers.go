package alliance

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing/window"
)

// Measure says what growth counts.
type Measure string

// The measures of growth.
const (
	MeasureSpent  Measure = "spent"  // the amounts of spends, captures and purchases
	MeasurePoints Measure = "points" // the points that purchases and gifts gave
)

// Tiers are the ladder that cards climb. A card's growth is the sum over the open window
// and the Months − 1 windows before it.
type Tiers struct {
	Measure Measure
	Months  int
	Ladder  []Tier // From rises; the first is from zero
}

// Tier is a rung of the ladder.
type Tier struct {
	Code       string
	From       int64           // in minor units, or points: the least growth
	PointsRate decimal.Decimal // what purchases earn is multiplied by it
}

// rung returns the place of a tier on the ladder, or -1.
func (t *Tiers) rung(code string) int {
	return slices.IndexFunc(t.Ladder, func(tier Tier) bool { return tier.Code == code })
}

// Growth is what a card's growth gained in one window. Both measures are kept, so that new
// terms may change the measure. A reversal counts in the window that it is booked in, so
// either may be negative.
type Growth struct {
	Month  int   // of the window, counted from January of year 0
	Spent  int64 // in minor units
	Points int64
}

// longestChange is more than any clock was ever put back by.
const longestChange = 26 * time.Hour

// maxMonths is how many windows of growth can count.
const maxMonths = 36

// growth returns a card's growth in a month, and the place of the tier that it reaches.
func (t *Tiers) growth(card *Card, month int) (sum int64, rung int) {
	for _, g := range card.Growth {
		if g.Month > month || g.Month <= month-t.Months {
			continue
		}
		if t.Measure == MeasurePoints {
			sum += g.Points
		} else {
			sum += g.Spent
		}
	}
	sum = max(sum, 0)
	for i := range t.Ladder {
		if t.Ladder[i].From <= sum {
			rung = i
		}
	}
	return sum, rung
}

// Standing returns the tier of a card at an instant and its growth: minor units, or points.
// The tier is nil if the terms have none.
func (s *State) Standing(card *Card, at time.Time) (tier *Tier, growth int64) {
	tiers := s.Setup.Current().Tiers
	if tiers == nil {
		return nil, 0
	}
	growth, rung := tiers.growth(card, s.Setup.monthOf(at))
	return &tiers.Ladder[rung], growth
}

// pointsRate returns how many points a card earns for one major unit at an instant.
func (s *State) pointsRate(card *Card, at time.Time) decimal.Decimal {
	terms := s.Setup.Current()
	if tier, _ := s.Standing(card, at); tier != nil {
		return terms.PointsPerUnit.Mul(tier.PointsRate)
	}
	return terms.PointsPerUnit
}

// climb is how a record moved a card on the ladder: the places of its tiers before and
// after. They are the same without tiers.
type climb struct{ before, after int }

// reached reports whether the card was below a rung before, and is not any more.
func (c climb) reached(rung int) bool { return c.before < rung && rung <= c.after }

// grow adds to a card's growth in the window of a record. Growth counts only under terms
// with tiers. A reversal carries the terms of what it reverses, so what was counted is
// what is taken off.
func (s *State) grow(card *Card, r *Record, spent, points int64) climb {
	if (spent == 0 && points == 0) || s.Setup.Version(r.Terms).Tiers == nil {
		return climb{}
	}
	month, tiers := monthNumber(r.Period), s.Setup.Current().Tiers
	var c climb
	if tiers != nil {
		_, c.before = tiers.growth(card, month)
	}
	card.addGrowth(month, spent, points)
	if s.Changes != nil {
		s.Changes.Grown[card.Code] = true
	}
	if tiers != nil {
		_, c.after = tiers.growth(card, month)
	}
	return c
}

func (c *Card) addGrowth(month int, spent, points int64) {
	last := len(c.Growth) - 1
	if last < 0 || c.Growth[last].Month != month {
		c.Growth = slices.DeleteFunc(c.Growth, func(g Growth) bool { return g.Month <= month-maxMonths })
		c.Growth = append(c.Growth, Growth{Month: month})
		last = len(c.Growth) - 1
	}
	c.Growth[last].Spent += spent
	c.Growth[last].Points += points
}

// monthNumber returns the number of a window's month, given its period such as "2026-10".
func monthNumber(period string) int {
	if len(period) != len("2006-01") {
		return 0 // every booked record has a period
	}
	number := func(digits string) (n int) {
		for i := range len(digits) {
			n = n*10 + int(digits[i]-'0')
		}
		return n
	}
	return number(period[:4])*12 + number(period[5:]) - 1
}

// monthOf returns the number of the month whose window is open at an instant.
func (s *Setup) monthOf(at time.Time) int {
	year, month, _ := at.In(s.location()).Date()
	if _, soon, _ := at.Add(longestChange).In(s.location()).Date(); soon == month {
		return year*12 + int(month) - 1
	}
	// Clocks that are put back over midnight repeat the last hours of a month after the first
	// instant of the next. So near the end of a month its window decides, not the local date.
	return monthNumber(window.Of(at, s.location()).Period)
}

// location returns the circle's timezone.
func (s *Setup) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}
