package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// AddCampaign adds a campaign. It returns alliance.ErrCampaignExists if the code is taken.
func AddCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.CampaignDocument, at time.Time) (alliance.Campaign, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return alliance.Campaign{}, err
	}
	setup, err := termedSetup(ctx, tx, head.Alliance)
	if err != nil {
		return alliance.Campaign{}, err
	}
	campaign, err := document.Campaign("campaign", setup)
	if err != nil {
		return campaign, err
	}
	body, err := json.Marshal(document)
	if err != nil {
		return campaign, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO campaigns (alliance_id, campaign, body, created_at) VALUES ($1, $2, $3::text::json, $4)`,
		allianceID, campaign.Code, string(body), at)
	if taken(err, "campaigns_pkey") {
		return campaign, fmt.Errorf("%w: %q", alliance.ErrCampaignExists, campaign.Code)
	}
	if err != nil {
		return campaign, err
	}
	var budget *int64
	if campaign.Limited {
		minor := campaign.Budget.Minor()
		budget = &minor
	}
	_, err = tx.Exec(ctx, `INSERT INTO campaign_sums (alliance_id, campaign, budget, given, committed) VALUES ($1, $2, $3, 0, 0)`,
		allianceID, campaign.Code, budget)
	if err != nil {
		return campaign, err
	}
	event := clearing.SetupEvent{Type: alliance.CampaignAdded, Party: campaign.FundedBy, Data: map[string]string{"campaign": campaign.Code}}
	return campaign, changed(ctx, tx, &head, at, event)
}

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
	return item, changed(ctx, tx, &head, at, clearing.SetupEvent{Type: alliance.ItemAdded, Data: map[string]string{"item": item.Code}})
}

// taken reports whether a row was refused because its key, a named constraint, is there
// already.
func taken(err error, constraint string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.ConstraintName == constraint
}

// termedSetup is LoadSetup of a circle that must have terms, else it returns
// alliance.ErrNoTerms.
func termedSetup(ctx context.Context, db ledger.Querier, al clearing.Alliance) (*alliance.Setup, error) {
	setup, err := LoadSetup(ctx, db, al)
	if err == nil && len(setup.Terms) == 0 {
		err = alliance.ErrNoTerms
	}
	return setup, err
}

// loadGrowthSetup adds campaigns and items to a setup.
func loadGrowthSetup(ctx context.Context, db ledger.Querier, allianceID int64, s *alliance.Setup) error {
	campaigns, err := loadDocuments[alliance.CampaignDocument](ctx, db, `SELECT body::text FROM campaigns WHERE alliance_id = $1 ORDER BY campaign`, allianceID)
	if err != nil {
		return err
	}
	for i := range campaigns {
		campaign, err := campaigns[i].Campaign("campaigns."+campaigns[i].Code, s)
		if err != nil {
			return err
		}
		s.AddCampaign(&campaign)
	}
	items, err := loadDocuments[alliance.ItemDocument](ctx, db, `SELECT body::text FROM items WHERE alliance_id = $1 ORDER BY item`, allianceID)
	if err != nil {
		return err
	}
	for i := range items {
		item, err := items[i].Item("mall."+items[i].Code, s)
		if err != nil {
			return err
		}
		s.Items[item.Code] = &item
	}
	return nil
}

func loadDocuments[D any](ctx context.Context, db ledger.Querier, sql string, allianceID int64) ([]D, error) {
	rows, err := db.Query(ctx, sql, allianceID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d D, err error) {
		var body string
		if err = row.Scan(&body); err == nil {
			err = json.Unmarshal([]byte(body), &d)
		}
		return d, err
	})
}

// fitsGrowth refuses new terms by which a campaign or an item would not be allowed: a tier
// that a campaign names stays on the ladder. The error is an *alliance.FieldError.
func fitsGrowth(ctx context.Context, db ledger.Querier, al clearing.Alliance, terms alliance.Terms) error {
	setup, err := loadSetup(ctx, db, al)
	if err != nil {
		return err
	}
	setup.Terms = append(setup.Terms, terms)
	return loadGrowthSetup(ctx, db, al.ID, setup)
}

// codesAreFree refuses a product with the code of a campaign's coupon.
func codesAreFree(ctx context.Context, db ledger.Querier, al clearing.Alliance, product *alliance.Product) error {
	setup, err := LoadSetup(ctx, db, al)
	if err != nil {
		return err
	}
	for i := range product.Benefits {
		code := product.Benefits[i].Code
		if campaign, _ := setup.GiftCoupon(code); campaign != nil {
			return alliance.NewFieldError(fmt.Sprintf("product.benefits[%d].code", i), "%q is a coupon of the campaign %q; each code means one thing", code, campaign.Code)
		}
	}
	return nil
}
