package alliance

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant"
)

// Library holds the setups of circles, so that a batch need not read terms,
// shops and products again while nothing about them has changed. It is the
// [sequencer.Rules] of the sequencer, and safe for use by many goroutines.
type Library struct {
	mu     sync.Mutex
	setups map[int64]shelved
}

type shelved struct {
	version int64
	setup   *Setup
}

// NewLibrary returns a library with nothing in it yet.
func NewLibrary() *Library { return &Library{setups: make(map[int64]shelved)} }

// Open opens the rule book of a circle.
func (l *Library) Open(circle int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.CircleState {
	return newBook(l, circle, head, balances, remember)
}

// Setup returns the setup of a circle as of its head. It is shared and must not
// be changed.
func (l *Library) Setup(ctx context.Context, db ledger.Querier, head *clearing.Head) (*Setup, error) {
	l.mu.Lock()
	known := l.setups[head.Circle.ID]
	l.mu.Unlock()
	if known.setup != nil && known.version == head.SetupVersion {
		return known.setup, nil
	}
	setup, err := LoadSetup(ctx, db, head.Circle)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.setups[head.Circle.ID] = shelved{head.SetupVersion, setup}
	l.mu.Unlock()
	return setup, nil
}

// LoadSetup reads the terms, shops and products of a circle.
func LoadSetup(ctx context.Context, db ledger.Querier, circle clearing.Circle) (*Setup, error) {
	s := &Setup{Currency: circle.Currency, Products: make(map[string]*Product)}
	documents, err := loadTerms(ctx, db, circle.ID)
	if err != nil {
		return nil, err
	}
	for i, document := range documents {
		terms, err := document.Terms(circle.Currency)
		if err != nil {
			return nil, fmt.Errorf("stored terms %d: %w", i+1, err)
		}
		terms.Version = i + 1
		s.Terms = append(s.Terms, terms)
	}
	if s.Shops, err = merchant.Shops(ctx, db, circle.ID, circle.Currency); err != nil {
		return nil, err
	}
	return s, s.loadProducts(ctx, db, circle.ID, circle.Currency)
}

func loadTerms(ctx context.Context, db ledger.Querier, circle int64) ([]TermsDocument, error) {
	rows, err := db.Query(ctx, `SELECT body::text FROM terms WHERE alliance_id = $1 ORDER BY version`, circle)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d TermsDocument, err error) {
		var body string
		if err = row.Scan(&body); err == nil {
			err = json.Unmarshal([]byte(body), &d)
		}
		return d, err
	})
}

func (s *Setup) loadProducts(ctx context.Context, db ledger.Querier, circle int64, currency money.Currency) error {
	rows, err := db.Query(ctx, `SELECT body::text, retired FROM products WHERE alliance_id = $1 ORDER BY product`, circle)
	if err != nil {
		return err
	}
	var body string
	var retired bool
	_, err = pgx.ForEachRow(rows, []any{&body, &retired}, func() error {
		var document ProductDocument
		if err := json.Unmarshal([]byte(body), &document); err != nil {
			return err
		}
		product, err := document.Product("stored product "+document.Code, currency, s.Shops)
		product.Retired = retired
		s.Products[product.Code] = &product
		return err
	})
	return err
}
