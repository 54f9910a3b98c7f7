package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Hold is stored value that is or was reserved for a bill.
type Hold struct {
	Seq       int64  // of the transaction that placed it
	Key       string // by which it was placed
	Card      string // the code that the card had then
	Merchant  string
	Amount    money.Amount
	PlacedAt  time.Time
	ExpiresAt time.Time
	State     alliance.HoldState
	Captured  money.Amount
}

// HoldFilter picks open holds; what is nil or zero does not restrict.
type HoldFilter struct {
	Card     *string // also under codes that it had before
	Merchant *string // that placed it
	After    int64   // placed after this transaction
	Limit    int
}

// OpenHolds returns open holds, in the order of their placing.
func OpenHolds(ctx context.Context, db ledger.Querier, al clearing.Alliance, f HoldFilter) ([]Hold, error) {
	rows, err := db.Query(ctx, `
		WITH RECURSIVE codes (card) AS (
		    SELECT $2::text COLLATE "C"
		    UNION SELECT c.card FROM codes JOIN cards c ON c.alliance_id = $1 AND c.replaced_by = codes.card)
		SELECT seq, '', card, merchant, amount, placed_at, expires_at, state, captured FROM holds
		WHERE alliance_id = $1 AND state = 'open' AND ($2::text IS NULL OR card IN (SELECT card FROM codes))
		AND ($3::text IS NULL OR merchant = $3) AND seq > $4 ORDER BY seq LIMIT $5`, al.ID, f.Card, f.Merchant, f.After, f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold(al.Currency))
}

// Holds returns all holds of a circle, in the order of their placing.
func Holds(ctx context.Context, db ledger.Querier, al clearing.Alliance) ([]Hold, error) {
	rows, err := db.Query(ctx, `
		SELECT h.seq, coalesce(r.key, ''), h.card, h.merchant, h.amount, h.placed_at, h.expires_at, h.state, h.captured
		FROM holds h LEFT JOIN requests r ON r.alliance_id = h.alliance_id AND r.seq = h.seq
		WHERE h.alliance_id = $1 ORDER BY h.seq`, al.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold(al.Currency))
}

func scanHold(currency money.Currency) pgx.RowToFunc[Hold] {
	return func(row pgx.CollectableRow) (h Hold, err error) {
		var amount, captured int64
		err = row.Scan(&h.Seq, &h.Key, &h.Card, &h.Merchant, &amount, &h.PlacedAt, &h.ExpiresAt, &h.State, &captured)
		h.Amount, h.Captured = currency.Minor(amount), currency.Minor(captured)
		h.PlacedAt, h.ExpiresAt = h.PlacedAt.UTC(), h.ExpiresAt.UTC()
		return h, err
	}
}

// CampaignSums returns what each campaign has given, by its code.
func CampaignSums(ctx context.Context, db ledger.Querier, allianceID int64) (map[string]*alliance.CampaignSums, error) {
	rows, err := db.Query(ctx, `SELECT campaign, given, committed FROM campaign_sums WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return nil, err
	}
	return scanCampaignSums(rows)
}

func scanCampaignSums(rows pgx.Rows) (map[string]*alliance.CampaignSums, error) {
	sums := make(map[string]*alliance.CampaignSums)
	var code string
	var s alliance.CampaignSums
	_, err := pgx.ForEachRow(rows, []any{&code, &s.Given, &s.Committed}, func() error {
		read := s
		sums[code] = &read
		return nil
	})
	return sums, err
}

// ItemSums returns how many of each item were redeemed, by its code.
func ItemSums(ctx context.Context, db ledger.Querier, allianceID int64) (map[string]*alliance.ItemSums, error) {
	rows, err := db.Query(ctx, `SELECT item, redeemed FROM item_sums WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return nil, err
	}
	return scanItemSums(rows)
}

func scanItemSums(rows pgx.Rows) (map[string]*alliance.ItemSums, error) {
	sums := make(map[string]*alliance.ItemSums)
	var code string
	var redeemed int64
	_, err := pgx.ForEachRow(rows, []any{&code, &redeemed}, func() error {
		sums[code] = &alliance.ItemSums{Redeemed: redeemed}
		return nil
	})
	return sums, err
}
