package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant"
)

// SetupCache holds the setups of circles, so that a batch need not read terms,
// shops and products again while nothing about them has changed. It is the
// [sequencer.Rules] of the sequencer, and safe for use by many goroutines.
type SetupCache struct {
	// MemberAccounts reads where members want to be paid, for payment runs. It is set before the
	// cache is used. None: only the accounts that the organiser noted are known.
	MemberAccounts settlement.MemberAccounts

	registry *alliance.Registry

	mu     sync.Mutex
	setups map[int64]cachedSetup
}

type cachedSetup struct {
	version int64
	setup   *alliance.Setup
}

// NewSetupCache returns an empty cache for circles that use the commands of a registry.
func NewSetupCache(registry *alliance.Registry) *SetupCache {
	return &SetupCache{registry: registry, setups: make(map[int64]cachedSetup)}
}

// Registry returns the registry of the circles' commands.
func (c *SetupCache) Registry() *alliance.Registry { return c.registry }

// Open opens the state of a circle.
func (c *SetupCache) Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.AllianceState {
	return newAllianceState(c, allianceID, head, balances, remember)
}

// Setup returns the setup of a circle as of its head. It is shared and must not
// be changed.
func (c *SetupCache) Setup(ctx context.Context, db ledger.Querier, head *clearing.Head) (*alliance.Setup, error) {
	c.mu.Lock()
	known := c.setups[head.Alliance.ID]
	c.mu.Unlock()
	if known.setup != nil && known.version == head.SetupVersion {
		return known.setup, nil
	}
	setup, err := LoadSetup(ctx, db, head.Alliance)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.setups[head.Alliance.ID] = cachedSetup{head.SetupVersion, setup}
	c.mu.Unlock()
	return setup, nil
}

// LoadSetup reads the terms, shops, products, campaigns and items of a circle.
func LoadSetup(ctx context.Context, db ledger.Querier, al clearing.Alliance) (*alliance.Setup, error) {
	s, err := loadSetup(ctx, db, al)
	if err != nil {
		return nil, err
	}
	return s, loadGrowthSetup(ctx, db, al.ID, s)
}

// loadSetup reads the setup without campaigns and items.
func loadSetup(ctx context.Context, db ledger.Querier, al clearing.Alliance) (*alliance.Setup, error) {
	s := &alliance.Setup{Currency: al.Currency, Location: al.Location, Products: make(map[string]*alliance.Product), Items: make(map[string]*alliance.Item)}
	documents, err := loadTerms(ctx, db, al.ID)
	if err != nil {
		return nil, err
	}
	for i, document := range documents {
		terms, err := document.Terms(al.Currency)
		if err != nil {
			return nil, fmt.Errorf("stored terms %d: %w", i+1, err)
		}
		terms.Version = i + 1
		s.Terms = append(s.Terms, terms)
	}
	if s.Merchants, err = merchant.Merchants(ctx, db, al.ID, al.Currency); err != nil {
		return nil, err
	}
	if s.Presentation, _, err = presentation.FindSetting(ctx, db, al.ID, al.Currency); err != nil {
		return nil, err
	}
	return s, loadProducts(ctx, db, al.ID, s)
}

func loadTerms(ctx context.Context, db ledger.Querier, allianceID int64) ([]alliance.TermsDocument, error) {
	rows, err := db.Query(ctx, `SELECT body::text FROM terms WHERE alliance_id = $1 ORDER BY version`, allianceID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d alliance.TermsDocument, err error) {
		var body string
		if err = row.Scan(&body); err == nil {
			err = json.Unmarshal([]byte(body), &d)
		}
		return d, err
	})
}

func loadProducts(ctx context.Context, db ledger.Querier, allianceID int64, s *alliance.Setup) error {
	rows, err := db.Query(ctx, `SELECT body::text, retired FROM products WHERE alliance_id = $1 ORDER BY product`, allianceID)
	if err != nil {
		return err
	}
	var body string
	var retired bool
	_, err = pgx.ForEachRow(rows, []any{&body, &retired}, func() error {
		var document alliance.ProductDocument
		if err := json.Unmarshal([]byte(body), &document); err != nil {
			return err
		}
		product, err := document.Product("stored product "+document.Code, s.Currency, s.Merchants)
		product.Retired = retired
		s.Products[product.Code] = &product
		return err
	})
	return err
}
