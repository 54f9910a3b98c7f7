package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
)

// compareReplaced checks that nothing is on a replaced code, and that it names the code that
// has taken over.
func (a *auditor) compareReplaced(stored, fold *alliance.Card) {
	if !sameCode(stored.ReplacedBy, fold.ReplacedBy) {
		a.fault(replaced, "card %q is stored as replaced by %s, and the log says by %s", stored.Code, quoted(stored.ReplacedBy), quoted(fold.ReplacedBy))
	}
	if stored.ReplacedBy == nil {
		return
	}
	a.looked(replaced, 1)
	a.successors[stored.Code] = *stored.ReplacedBy
	value, bonus, pool := a.cardSums(stored.Code)
	empty := stored.Value.IsZero() && stored.Bonus.IsZero() && stored.Pool.IsZero() && value == 0 && bonus == 0 && pool == 0 &&
		stored.Points == 0 && stored.Unreversed == 0 && stored.Redeemed == 0 && stored.Held == 0 && stored.Holds == 0 &&
		len(stored.Gifts) == 0 && len(stored.Growth) == 0 && stored.ToppedUp == 0 && stored.ToppedUpBonus == 0 && stored.GiftBonus == 0
	for _, left := range stored.UsesLeft {
		empty = empty && left == 0
	}
	if !empty {
		a.fault(replaced, "something is left on card %q, which was replaced by %q", stored.Code, *stored.ReplacedBy)
	}
}

func quoted(code *string) string {
	if code == nil {
		return "none"
	}
	return `"` + *code + `"`
}

// checkChains checks that the codes that a card has had lead to a card, of the same sale.
func (a *auditor) checkChains(ctx context.Context) error {
	for code := range a.successors {
		last := code
		for steps := 0; ; steps++ {
			next, ok := a.successors[last]
			if !ok {
				break
			}
			if steps > len(a.successors) {
				a.fault(replaced, "card %q was replaced by %q, and so on in a circle", code, a.successors[code])
				break
			}
			last = next
		}
		if card := a.state.Cards[last]; card == nil || card.SoldSeq != a.saleOf(code) {
			a.fault(replaced, "card %q was replaced by %q and so on to %q, which is no card of the same sale", code, a.successors[code], last)
		}
	}
	rows, err := a.db.Query(ctx, `
		SELECT c.card, c.replaced_by FROM cards c LEFT JOIN cards n ON n.alliance_id = c.alliance_id AND n.card = c.replaced_by
		WHERE c.alliance_id = $1 AND c.replaced_by IS NOT NULL AND n.card IS NULL ORDER BY c.card LIMIT 100`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var code, next string
	_, err = pgx.ForEachRow(rows, []any{&code, &next}, func() error {
		a.fault(replaced, "card %q was replaced by %q, which is not stored", code, next)
		return nil
	})
	return err
}
