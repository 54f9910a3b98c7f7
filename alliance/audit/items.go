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
	rows, err := a.db.Query(ctx, `
		SELECT i.item, s.item IS NOT NULL, (i.body ->> 'stock')::bigint + coalesce(r.added, 0), s.stock, coalesce(s.redeemed, 0)
		FROM items i LEFT JOIN item_sums s ON s.alliance_id = i.alliance_id AND s.item = i.item
		LEFT JOIN (SELECT item, sum(amount)::bigint AS added FROM restocks WHERE alliance_id = $1 GROUP BY item) r ON r.item = i.item
		WHERE i.alliance_id = $1 ORDER BY i.item`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var code string
	var stored bool
	var written, stock *int64 // of what was set up and added since, and as it is stored; nil: no limit
	var redeemed int64
	_, err = pgx.ForEachRow(rows, []any{&code, &stored, &written, &stock, &redeemed}, func() error {
		a.looked(stocked, 1)
		if !stored {
			a.fault(stocked, "nothing is stored of how many of item %q were redeemed", code)
			return nil
		}
		fold := alliance.ItemSums{}
		if so := a.state.Items[code]; so != nil {
			fold = *so
		}
		if redeemed != a.items[code] || redeemed != fold.Redeemed {
			a.fault(stocked, "item %q is stored as redeemed %d times, and was %d times", code, redeemed, a.items[code])
		}
		if (written == nil) != (stock == nil) || stock != nil && *stock != *written {
			a.fault(stocked, "the stock of item %q is stored as another than it was set up with and added to", code)
		}
		if stock != nil && redeemed > *stock {
			a.fault(stocked, "item %q had a stock of %d, and %d were redeemed", code, *stock, redeemed)
		}
		return nil
	})
	return err
}
