package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant"
)

// lockForChange locks the head for a change of the setup at an instant. Work that is due
// by then belongs to the old setup, so until it is done the change is refused with
// alliance.ErrOverdue.
func lockForChange(ctx context.Context, tx pgx.Tx, allianceID int64, at time.Time) (clearing.Head, error) {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return head, err
	}
	if head.Alliance.Mode == clearing.Test {
		at = head.Clock
	}
	if head.Overdue(at) {
		return head, alliance.ErrOverdue
	}
	return head, nil
}

// SetTerms puts new terms in force and returns their version. Earlier versions are kept:
// a transaction is reversed by the terms that it was decided by.
func SetTerms(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.TermsDocument, at time.Time) (int, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return 0, err
	}
	terms, err := document.Terms(head.Alliance.Currency)
	if err != nil {
		return 0, err
	}
	earlier, err := loadTerms(ctx, tx, allianceID)
	if err != nil {
		return 0, err
	}
	version := len(earlier) + 1
	if version > 1 && head.LastSeq > 0 {
		before, err := earlier[version-2].Terms(head.Alliance.Currency)
		if err != nil {
			return 0, err
		}
		if before.Funding != terms.Funding || before.PointCost != terms.PointCost {
			return 0, alliance.ErrTermsFixed
		}
	}
	if version > 1 {
		setup, err := LoadSetup(ctx, tx, head.Alliance)
		if err != nil {
			return 0, err
		}
		if err := setup.Fits(&terms); err != nil {
			return 0, err
		}
	}
	body, err := json.Marshal(document)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO terms (alliance_id, version, body, created_at) VALUES ($1, $2, $3::text::json, $4)`,
		allianceID, version, string(body), at)
	if err != nil {
		return 0, err
	}
	return version, changed(ctx, tx, &head, at, clearing.SetupEvent{Type: alliance.TermsChanged, Data: map[string]string{"version": strconv.Itoa(version)}})
}

// CurrentTerms returns the terms in force as they were written, and their
// version; or alliance.ErrNoTerms.
func CurrentTerms(ctx context.Context, db ledger.Querier, allianceID int64) (alliance.TermsDocument, int, error) {
	documents, err := loadTerms(ctx, db, allianceID)
	if err != nil {
		return alliance.TermsDocument{}, 0, err
	}
	if len(documents) == 0 {
		return alliance.TermsDocument{}, 0, alliance.ErrNoTerms
	}
	return documents[len(documents)-1], len(documents), nil
}

// AdmitMerchant adds a merchant to a circle. It returns merchant.ErrMerchantExists if
// the code is taken.
func AdmitMerchant(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.MerchantDocument, at time.Time) (merchant.Merchant, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return merchant.Merchant{}, err
	}
	m, err := document.Merchant("shop", head.Alliance.Currency)
	if err != nil {
		return m, err
	}
	if err := merchant.Admit(ctx, tx, allianceID, m, at); err != nil {
		return m, err
	}
	return m, changed(ctx, tx, &head, at, merchantEvent(alliance.MerchantAdmitted, &m))
}

// AmendMerchant changes a merchant's name, category and debit cap. It returns
// merchant.ErrMerchantUnknown if there is none of that code.
func AmendMerchant(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.MerchantDocument, at time.Time) (merchant.Merchant, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return merchant.Merchant{}, err
	}
	m, err := document.Merchant("shop", head.Alliance.Currency)
	if err != nil {
		return m, err
	}
	if err := merchant.Amend(ctx, tx, allianceID, m); err != nil {
		return m, err
	}
	return m, changed(ctx, tx, &head, at, merchantEvent(alliance.MerchantAmended, &m))
}

// AddProduct puts a product on sale. It returns alliance.ErrProductExists if the code is
// taken.
func AddProduct(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.ProductDocument, at time.Time) (alliance.Product, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return alliance.Product{}, err
	}
	merchants, err := merchant.Merchants(ctx, tx, allianceID, head.Alliance.Currency)
	if err != nil {
		return alliance.Product{}, err
	}
	product, err := document.Product("product", head.Alliance.Currency, merchants)
	if err != nil {
		return product, err
	}
	setup, err := LoadSetup(ctx, tx, head.Alliance)
	if err != nil {
		return product, err
	}
	if err := setup.HasNoCouponOf(&product); err != nil {
		return product, err
	}
	body, err := json.Marshal(document)
	if err != nil {
		return product, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO products (alliance_id, product, body, created_at) VALUES ($1, $2, $3::text::json, $4)`,
		allianceID, product.Code, string(body), at)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "products_pkey" {
		return product, fmt.Errorf("%w: %q", alliance.ErrProductExists, product.Code)
	}
	if err != nil {
		return product, err
	}
	return product, changed(ctx, tx, &head, at, clearing.SetupEvent{Type: alliance.ProductAdded, Data: map[string]string{"product": product.Code}})
}

// RetireProduct takes a product off sale. Cards that were sold keep what it
// promised. It returns alliance.ErrProductUnknown if there is none of that code.
func RetireProduct(ctx context.Context, tx pgx.Tx, allianceID int64, code string, at time.Time) error {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `UPDATE products SET retired = true WHERE alliance_id = $1 AND product = $2`, allianceID, code)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %q", alliance.ErrProductUnknown, code)
	}
	return changed(ctx, tx, &head, at, clearing.SetupEvent{Type: alliance.ProductRetired, Data: map[string]string{"product": code}})
}

func merchantEvent(kind string, m *merchant.Merchant) clearing.SetupEvent {
	e := clearing.SetupEvent{Type: kind, Party: m.Code, Data: map[string]string{"name": m.Name}}
	if m.Capped {
		e.Data["debit_cap"] = m.DebitCap.String()
	}
	return e
}

// CheckLive locks a live circle and runs a check of its setup, before it is changed. Nothing
// is asked of circles that only test or replay.
func CheckLive(ctx context.Context, tx pgx.Tx, al clearing.Alliance, check func(*alliance.Setup) error) error {
	if al.Mode != clearing.Live {
		return nil
	}
	if _, err := clearing.LockHead(ctx, tx, al.ID); err != nil {
		return err
	}
	setup, err := LoadSetup(ctx, tx, al)
	if err != nil {
		return err
	}
	return check(setup)
}

// changed records a change of the setup as an event, and invalidates every server's copy
// of the setup.
func changed(ctx context.Context, tx pgx.Tx, head *clearing.Head, at time.Time, e clearing.SetupEvent) error {
	if err := clearing.RecordSetupEvent(ctx, tx, head, e, at); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, renewSetupVersion, head.Alliance.ID)
	return err
}

// renewSetupVersion gives the setup of a circle another version: a random one, because
// one that was counted could be met again after a transaction was rolled back.
const renewSetupVersion = `UPDATE heads SET setup_version = (random() * 9e18)::bigint WHERE alliance_id = $1`
