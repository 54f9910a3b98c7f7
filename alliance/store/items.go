package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// AddItem adds an item to the mall. It returns alliance.ErrItemExists if the code is taken.
func AddItem(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.ItemDocument, at time.Time) (alliance.Item, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return alliance.Item{}, err
	}
	setup, err := termedSetup(ctx, tx, head.Alliance)
	if err != nil {
		return alliance.Item{}, err
	}
	item, err := document.Item("item", setup)
	if err != nil {
		return item, err
	}
	body, err := json.Marshal(document)
	if err != nil {
		return item, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO items (alliance_id, item, body, created_at) VALUES ($1, $2, $3::text::json, $4)`,
		allianceID, item.Code, string(body), at)
	if taken(err, "items_pkey") {
		return item, fmt.Errorf("%w: %q", alliance.ErrItemExists, item.Code)
	}
	if err != nil {
		return item, err
	}
	var stock *int64
	if item.Limited {
		stock = &item.Stock
	}
	_, err = tx.Exec(ctx, `INSERT INTO item_sums (alliance_id, item, stock, redeemed) VALUES ($1, $2, $3, 0)`, allianceID, item.Code, stock)
	if err != nil {
		return item, err
	}
	return item, itemChanged(ctx, tx, &head, alliance.ItemAdded, item.Code, nil, at)
}

// Restocking adds to the stock of an item; Caller and Key name the request that asks for it.
type Restocking struct {
	Item   string
	Amount int64
	Caller string
	Key    string
}

// Restocked is how an item's stock stood when a request had added to it.
type Restocked struct {
	Stock    int64 // how many there ever were
	Redeemed int64
	Replayed bool // an earlier request had the same key, and nothing was added now
}

// RestockItem adds to the stock of an item, once for each key of a caller.
func RestockItem(ctx context.Context, tx pgx.Tx, allianceID int64, r Restocking, at time.Time) (Restocked, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return Restocked{}, err
	}
	if earlier, err := earlierRestock(ctx, tx, allianceID, r); err != nil || earlier.Replayed {
		return earlier, err
	}
	setup, err := LoadSetup(ctx, tx, head.Alliance)
	if err != nil {
		return Restocked{}, err
	}
	item := setup.Items[r.Item]
	if item == nil {
		return Restocked{}, fmt.Errorf("%w: %q", alliance.ErrItemUnknown, r.Item)
	}
	if err := item.MayRestock(r.Amount); err != nil {
		return Restocked{}, err
	}
	var answer Restocked
	err = tx.QueryRow(ctx, `UPDATE item_sums SET stock = stock + $3 WHERE alliance_id = $1 AND item = $2 RETURNING stock, redeemed`,
		allianceID, r.Item, r.Amount).Scan(&answer.Stock, &answer.Redeemed)
	if err != nil {
		return answer, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO restocks (alliance_id, caller, key, item, amount, stock, redeemed, seq, restocked_at)
		VALUES (@alliance, @caller, @key, @item, @amount, @stock, @redeemed, @seq, @at)`, pgx.NamedArgs{
		"alliance": allianceID, "caller": r.Caller, "key": r.Key, "item": r.Item, "amount": r.Amount, "stock": answer.Stock, "redeemed": answer.Redeemed,
		"seq": head.LastSeq, "at": head.TimeOf(at),
	})
	if err != nil {
		return answer, err
	}
	return answer, itemChanged(ctx, tx, &head, alliance.ItemRestocked, r.Item, map[string]string{"amount": strconv.FormatInt(r.Amount, 10)}, at)
}

// earlierRestock returns what a request of the same caller and key has done, or
// alliance.ErrRestockKey if that was another one.
func earlierRestock(ctx context.Context, tx pgx.Tx, allianceID int64, r Restocking) (Restocked, error) {
	var item string
	var amount int64
	earlier := Restocked{Replayed: true}
	err := tx.QueryRow(ctx, `SELECT item, amount, stock, redeemed FROM restocks WHERE alliance_id = $1 AND caller = $2 AND key = $3`,
		allianceID, r.Caller, r.Key).Scan(&item, &amount, &earlier.Stock, &earlier.Redeemed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Restocked{}, nil
	case err != nil:
		return Restocked{}, err
	case item != r.Item || amount != r.Amount:
		return Restocked{}, alliance.ErrRestockKey
	}
	return earlier, nil
}

// RetireItem takes an item out of the mall, for good. What was redeemed can still be given
// back.
func RetireItem(ctx context.Context, tx pgx.Tx, allianceID int64, code string, at time.Time) error {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return err
	}
	var retired bool
	err = tx.QueryRow(ctx, `SELECT retired FROM items WHERE alliance_id = $1 AND item = $2`, allianceID, code).Scan(&retired)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %q", alliance.ErrItemUnknown, code)
	}
	if err != nil || retired {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE items SET retired = true WHERE alliance_id = $1 AND item = $2`, allianceID, code); err != nil {
		return err
	}
	return itemChanged(ctx, tx, &head, alliance.ItemRetired, code, nil, at)
}

func itemChanged(ctx context.Context, tx pgx.Tx, head *clearing.Head, kind, code string, data map[string]string, at time.Time) error {
	if data == nil {
		data = make(map[string]string)
	}
	data["item"] = code
	return changed(ctx, tx, head, at, clearing.SetupEvent{Type: kind, Data: data})
}

// loadItems adds the items of the mall to a setup.
func loadItems(ctx context.Context, db ledger.Querier, allianceID int64, s *alliance.Setup) error {
	rows, err := db.Query(ctx, `
		SELECT i.body::text, i.retired, s.stock FROM items i JOIN item_sums s ON s.alliance_id = i.alliance_id AND s.item = i.item
		WHERE i.alliance_id = $1 ORDER BY i.item`, allianceID)
	if err != nil {
		return err
	}
	var body string
	var retired bool
	var stock *int64
	_, err = pgx.ForEachRow(rows, []any{&body, &retired, &stock}, func() error {
		var document alliance.ItemDocument
		if err := json.Unmarshal([]byte(body), &document); err != nil {
			return err
		}
		item, err := document.Item("mall."+document.Code, s)
		item.Retired = retired
		if stock != nil {
			item.Stock = *stock
		}
		s.Items[item.Code] = &item
		return err
	})
	return err
}
