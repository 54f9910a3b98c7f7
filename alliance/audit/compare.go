package audit

import (
	"context"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/ledger"
)

// compareBalances compares the balances of shared accounts with the entries.
func (a *auditor) compareBalances(ctx context.Context) error {
	a.renewTurnovers(a.head.Period)
	stored := make(map[ledger.Account]int64)
	err := ledger.EachBalance(ctx, a.db, a.head.Alliance.ID, func(account ledger.Account, balance, last int64, turnover ledger.Turnover) {
		stored[account] = balance
		if newest := a.balances.Last(account); last != newest {
			a.fault(chained, "the newest transaction of %s is stored as %d, and is %d", account, last, newest)
		}
		if fold := a.balances.Turnover(account).Sorted(); !slices.Equal(fold, turnover.Sorted()) {
			a.fault(folded, "turnover of %s is stored as %s, and folds to %s", account, turnover.Append(nil), fold.Append(nil))
		}
	})
	if err != nil {
		return err
	}
	total := int64(0)
	for account, sum := range a.accounts {
		total += sum
		if _, ok := stored[account]; !ok && sum != 0 && account.Shared() {
			a.fault(folded, "balance of %s is not stored, and its entries sum to %s", account, a.setup.Currency.Minor(sum))
		}
	}
	if total != 0 {
		a.fault(balanced, "the entries of the circle sum to %s, not to zero", a.setup.Currency.Minor(total))
	}
	for account, balance := range stored {
		a.looked(folded, 1)
		if sum := a.accounts[account]; sum != balance {
			a.fault(folded, "balance of %s is stored as %s, and its entries sum to %s", account, a.setup.Currency.Minor(balance), a.setup.Currency.Minor(sum))
		}
	}
	for code, position := range a.state.Positions {
		account := ledger.Account{Kind: ledger.Merchants, Owner: code}
		if -a.accounts[account] != position.Minor() {
			a.fault(folded, "position of %s folds to %s, and its entries sum to %s", code, position, a.setup.Currency.Minor(-a.accounts[account]))
		}
	}
	return nil
}

// compareCards compares every stored card with the fold of the log and the sums
// of its entries, and its uses and points with what was issued and used.
func (a *auditor) compareCards(ctx context.Context) error {
	seen := 0
	for after, more := "", true; more; {
		page, err := store.Cards(ctx, a.db, a.head.Alliance, store.CardFilter{After: after, Limit: pageSize})
		if err != nil {
			return err
		}
		for i := range page {
			stored := &page[i]
			a.looked(folded, 1)
			after = stored.Code
			fold := a.state.Cards[stored.Code]
			if fold == nil {
				a.fault(folded, "card %q is stored and was never sold", stored.Code)
				continue
			}
			seen++
			a.compareCard(stored, fold)
			a.compareGrowthOfCard(stored, fold)
			a.checkEntitlements(stored)
		}
		more = len(page) == pageSize
	}
	if missing := len(a.state.Cards) - seen; missing > 0 {
		a.fault(folded, "%d cards were sold and are not stored", missing)
	}
	return nil
}

func (a *auditor) compareCard(stored, fold *alliance.Card) {
	same := stored.Product == fold.Product && stored.Member == fold.Member && stored.Home == fold.Home && stored.SoldSeq == fold.SoldSeq &&
		stored.SoldAt.Equal(fold.SoldAt) && stored.ExpiresAt.Equal(fold.ExpiresAt) &&
		stored.Cancelled == fold.Cancelled && stored.Frozen == fold.Frozen && stored.Expired == fold.Expired &&
		stored.Unreversed == fold.Unreversed && stored.LastSeq == fold.LastSeq && stored.HeldSince == fold.HeldSince
	if !same {
		a.fault(folded, "card %q is stored as %s with %d unreversed uses, last %d; the log folds to %s, %d, %d", stored.Code,
			stored.Status(), stored.Unreversed, stored.LastSeq, fold.Status(), fold.Unreversed, fold.LastSeq)
	}
	value, bonus, pool := a.cardSums(stored.Code)
	if stored.Value != fold.Value || stored.Bonus != fold.Bonus || stored.Pool != fold.Pool ||
		stored.Value.Minor() != value || stored.Bonus.Minor() != bonus || stored.Pool.Minor() != pool {
		a.fault(folded, "card %q is stored with value %s, bonus %s, pool %s; the log folds to %s, %s, %s", stored.Code,
			stored.Value, stored.Bonus, stored.Pool, fold.Value, fold.Bonus, fold.Pool)
	}
}

// foldEntitlements counts uses and points independently of the rule book's fold.
func (a *auditor) foldEntitlements(r *alliance.Record) {
	if r.Facts.Uses != 0 {
		if a.uses[r.Card] == nil {
			a.uses[r.Card] = make(map[string]int64)
		}
		a.uses[r.Card][r.Facts.Benefit] += r.Facts.Uses
	}
	if r.Facts.Points != 0 {
		a.points[r.Card] += r.Facts.Points
	}
	if r.Facts.Growth != nil && r.Facts.Growth.NewCard != "" {
		successor := r.Facts.Growth.NewCard
		a.points[successor], a.uses[successor] = a.points[r.Card], a.uses[r.Card]
		delete(a.points, r.Card)
		delete(a.uses, r.Card)
	}
}

// checkEntitlements checks that uses issued with a card equal uses taken plus uses left.
func (a *auditor) checkEntitlements(stored *alliance.Card) {
	a.looked(conserved, 1)
	if a.points[stored.Code] != stored.Points {
		a.fault(conserved, "card %q holds %d points, and %d were earned less spent", stored.Code, stored.Points, a.points[stored.Code])
	}
	product := a.setup.Products[stored.Product]
	if product == nil || len(product.Benefits) != len(stored.UsesLeft) {
		a.fault(conserved, "card %q has uses of %d benefits, and its product %q another number", stored.Code, len(stored.UsesLeft), stored.Product)
		return
	}
	for i, benefit := range product.Benefits {
		if stored.ReplacedBy != nil && stored.UsesLeft[i] == 0 {
			continue // the new code has them
		}
		used := a.uses[stored.Code][benefit.Code]
		if int64(benefit.Uses) != used+int64(stored.UsesLeft[i]) {
			a.fault(conserved, "card %q, %q: %d were issued, %d used, %d are left", stored.Code, benefit.Code, benefit.Uses, used, stored.UsesLeft[i])
		}
	}
}
