package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
)

// foldItem counts what was taken out of the mall or put back, and checks what it cost.
func (a *auditor) foldItem(r *alliance.Record) {
	facts := r.Facts.Growth.Item
	a.items[facts.Code] += facts.Count
	item := a.setup.Items[facts.Code]
	if item == nil {
		a.fault(stocked, "transaction %d hands out %q, which is not in the mall", r.Seq, facts.Code)
		return
	}
	if points := -item.Points * facts.Count; r.Facts.Points != points {
		a.fault(stocked, "transaction %d moves %d points for %d of item %q, and should move %d", r.Seq, r.Facts.Points, facts.Count, facts.Code, points)
	}
	if n := a.items[facts.Code]; n < 0 || item.Limited && n > item.Stock {
		a.fault(stocked, "transaction %d leaves %d of item %q redeemed, of a stock of %d", r.Seq, n, facts.Code, item.Stock)
	}
}

// compareItems compares how many of each item were redeemed with the log and the stock.
func (a *auditor) compareItems(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `SELECT item, stock, redeemed FROM item_sums WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	stored := make(map[string]bool)
	var code string
	var stock *int64
	var redeemed int64
	_, err = pgx.ForEachRow(rows, []any{&code, &stock, &redeemed}, func() error {
		a.looked(stocked, 1)
		stored[code] = true
		fold := alliance.ItemSums{}
		if so := a.state.Items[code]; so != nil {
			fold = *so
		}
		if redeemed != a.items[code] || redeemed != fold.Redeemed {
			a.fault(stocked, "item %q is stored as redeemed %d times, and was %d times", code, redeemed, a.items[code])
		}
		item := a.setup.Items[code]
		if item == nil || item.Limited != (stock != nil) || item.Limited && *stock != item.Stock {
			a.fault(stocked, "the stock of item %q is stored as another than it was set up with", code)
		}
		if stock != nil && redeemed > *stock {
			a.fault(stocked, "item %q had a stock of %d, and %d were redeemed", code, *stock, redeemed)
		}
		return nil
	})
	for code := range a.setup.Items {
		if !stored[code] {
			a.fault(stocked, "nothing is stored of how many of item %q were redeemed", code)
		}
	}
	return err
}
