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

// OpenHold is a hold with the merchant that sold its card, and the member who holds that.
type OpenHold struct {
	Hold
	Home   string
	Member string
}

// OpenHolds returns the holds that are open at an instant, in the order of their placing.
func OpenHolds(ctx context.Context, db ledger.Querier, al clearing.Alliance, f HoldFilter, at time.Time) ([]OpenHold, error) {
	rows, err := db.Query(ctx, `
		WITH RECURSIVE codes (card) AS (
		    SELECT $2::text COLLATE "C"
		    UNION SELECT c.card FROM codes JOIN cards c ON c.alliance_id = $1 AND c.replaced_by = codes.card)
		SELECT h.seq, h.card, h.merchant, h.amount, h.placed_at, h.expires_at, c.home, c.member
		FROM holds h JOIN cards c ON c.alliance_id = h.alliance_id AND c.card = h.card
		WHERE h.alliance_id = $1 AND h.state = 'open' AND h.expires_at > $6 AND ($2::text IS NULL OR h.card IN (SELECT card FROM codes))
		AND ($3::text IS NULL OR h.merchant = $3) AND h.seq > $4 ORDER BY h.seq LIMIT $5`, al.ID, f.Card, f.Merchant, f.After, f.Limit, at)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h OpenHold, err error) {
		var amount int64
		err = row.Scan(&h.Seq, &h.Card, &h.Merchant, &amount, &h.PlacedAt, &h.ExpiresAt, &h.Home, &h.Member)
		h.Amount, h.State = al.Currency.Minor(amount), alliance.HoldStateOpen
		h.PlacedAt, h.ExpiresAt = h.PlacedAt.UTC(), h.ExpiresAt.UTC()
		return h, err
	})
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
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Hold, err error) {
		var amount, captured int64
		err = row.Scan(&h.Seq, &h.Key, &h.Card, &h.Merchant, &amount, &h.PlacedAt, &h.ExpiresAt, &h.State, &captured)
		h.Amount, h.Captured = al.Currency.Minor(amount), al.Currency.Minor(captured)
		h.PlacedAt, h.ExpiresAt = h.PlacedAt.UTC(), h.ExpiresAt.UTC()
		return h, err
	})
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
