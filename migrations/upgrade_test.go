package migrations_test

import (
	"database/sql"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

// before returns a database as it was before a migration, and what applies that.
func before(t *testing.T, version int64) (*sql.DB, func()) {
	t.Helper()
	config, err := pgx.ParseConfig(pgtest.EmptyURL(t))
	require.NoError(t, err)
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { _ = db.Close() })
	queue := goose.NewGoMigration(6, nil, nil) // the job queue's has nothing to do with it
	p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("."), goose.WithGoMigrations(queue), goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	_, err = p.UpTo(t.Context(), version-1)
	require.NoError(t, err)
	return db, func() {
		_, err := p.UpTo(t.Context(), version)
		require.NoError(t, err)
	}
}

func TestDueWorkGetsItsKind(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	db, migrate := before(t, 7)
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO due (alliance_id, due_at, rank, sale_seq, level)
		VALUES (1, '2026-11-01', 1, 3, 1), (1, '2026-11-01', 1, 3, 2), (1, '2026-11-01', 2, 3, 0)`)
	require.NoError(t, err)
	migrate()
	var due string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT string_agg(concat_ws(' ', rank, kind, subject, part), ', ' ORDER BY due_at, rank, subject, part) FROM due`).Scan(&due))
	require.Equal(t, "10 commission.released 3 1, 10 commission.released 3 2, 40 card.expired 3 0", due)
}

func TestEventsGetNumbersAfterTheirTransactions(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 8)
	// Numbers as they were, from 1 in each circle, of which one is another event's new number.
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO events (alliance_id, number, at, type, seq, period, party, body)
		SELECT circle, number, '2026-11-01', 'settlement.closed', seq, '2026-10', '',
		       ('{"number":' || number || ',"at":"2026-11-01T00:00:00Z","data":{"number":"7"}}')::json
		FROM (VALUES (1, 1, 3), (1, 2, 3), (1, 3, 5), (1, 5242881, 6), (2, 1, 9)) AS e (circle, number, seq)`)
	require.NoError(t, err)
	migrate()

	rows, err := db.QueryContext(t.Context(), `SELECT alliance_id || ' ' || number || ' ' || body FROM events ORDER BY alliance_id, number`)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	var events []string
	for rows.Next() {
		var event string
		require.NoError(t, rows.Scan(&event))
		events = append(events, event)
	}
	require.NoError(t, rows.Err())
	rest := `,"at":"2026-11-01T00:00:00Z","data":{"number":"7"}}`
	require.Equal(t, []string{
		`1 3145729 {"number":3145729` + rest,
		`1 3145730 {"number":3145730` + rest,
		`1 5242881 {"number":5242881` + rest,
		`1 6291457 {"number":6291457` + rest,
		`2 9437185 {"number":9437185` + rest,
	}, events)
	for _, change := range []string{`UPDATE events SET at = at`, `DELETE FROM events`} {
		_, err = db.ExecContext(t.Context(), change)
		require.ErrorContains(t, err, "append-only")
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO events SELECT alliance_id, number + 1, at, type, seq + 1, period, party, body FROM events`)
	require.ErrorContains(t, err, "events_number_check")
}

func TestSettlementsCountTheirObligations(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 8)
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO windows SELECT 1, period, '2026-01-01', '2026-12-01', 1, 1 FROM unnest(ARRAY['2026-09', '2026-10', '2026-11']) AS period;
		INSERT INTO settlements SELECT 1, period, sha256('x'), '{}', state, '2026-12-01'
		FROM (VALUES ('2026-09', 'settled'), ('2026-10', 'paying'), ('2026-11', 'settled')) AS s (period, state);
		INSERT INTO obligations SELECT 1, period, number, '', 'collection', 'gym', 'custody', 0, 10, 0, 0, 0, CASE state WHEN 'sent' THEN 10 ELSE 0 END,
		       '{}', 0, state, NULL, NULL, NULL, 0, 0, 0, '[]'
		FROM (VALUES ('2026-09', 1, 'paid'), ('2026-09', 2, 'defaulted'), ('2026-10', 1, 'confirmed'), ('2026-10', 2, 'due'), ('2026-10', 3, 'sent'),
		             ('2026-10', 4, 'carried'), ('2026-10', 5, 'returned')) AS o (period, number, state)`)
	require.NoError(t, err)
	migrate()
	var counts string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT string_agg(period || ' ' || obligations || ' ' || undone, ', ' ORDER BY period) FROM settlements`).Scan(&counts))
	require.Equal(t, "2026-09 2 0, 2026-10 5 3, 2026-11 0 0", counts)
}

func TestMerchantsKeepTheirRowsAndKeys(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 9)
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO shops (alliance_id, shop, name, category, debit_cap, created_at) VALUES (1, 'gym', 'Gym', '', 500, '2026-01-01');
		INSERT INTO api_keys (alliance_id, key_id, secret_hash, role, shop, till, label, created_at)
		VALUES (1, 'a', sha256('a'), 'shop', 'gym', '1', '', '2026-01-01'), (1, 'b', sha256('b'), 'organiser', NULL, NULL, '', '2026-01-01')`)
	require.NoError(t, err)
	migrate()
	var rows string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT string_agg(concat_ws(' ', key_id, role, merchant, m.name, debit_cap), ', ' ORDER BY key_id)
		FROM api_keys k LEFT JOIN merchants m USING (alliance_id, merchant)`).Scan(&rows))
	require.Equal(t, "a shop gym Gym 500, b organiser", rows)
	for constraint, insert := range map[string]string{
		"merchants_pkey":           `INSERT INTO merchants (alliance_id, merchant, name, category, created_at) VALUES (1, 'gym', '', '', now())`,
		"merchants_merchant_check": `INSERT INTO merchants (alliance_id, merchant, name, category, created_at) VALUES (1, 'custody', '', '', now())`,
		"api_keys_merchant_fkey":   `UPDATE api_keys SET merchant = 'spa' WHERE key_id = 'a'`,
	} {
		_, err = db.ExecContext(t.Context(), insert)
		require.ErrorContains(t, err, `"`+constraint+`"`)
	}
}

func TestKeysThatExistAreOwners(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 13)
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO merchants (alliance_id, merchant, name, category, created_at) VALUES (1, 'gym', 'Gym', '', '2026-01-01');
		INSERT INTO api_keys (alliance_id, key_id, secret_hash, role, merchant, till, label, created_at)
		VALUES (1, 'a', sha256('a'), 'shop', 'gym', '1', '', '2026-01-01'), (1, 'b', sha256('b'), 'organiser', NULL, NULL, '', '2026-01-01')`)
	require.NoError(t, err)
	migrate()
	var rows string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT string_agg(concat_ws(' ', key_id, role, merchant, till, key_right), ', ' ORDER BY key_id) FROM api_keys`).Scan(&rows))
	require.Equal(t, "a shop gym 1 owner, b organiser", rows)
	for constraint, insert := range map[string]string{
		"api_keys_role_check":  `UPDATE api_keys SET key_right = 'owner' WHERE key_id = 'b'`,
		"api_keys_right_check": `UPDATE api_keys SET key_right = 'manager' WHERE key_id = 'a'`,
	} {
		_, err = db.ExecContext(t.Context(), insert)
		require.ErrorContains(t, err, `"`+constraint+`"`)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE api_keys SET key_right = NULL WHERE key_id = 'a'`)
	require.ErrorContains(t, err, `"api_keys_role_check"`)
}

// TestBooksInOtherMinorUnitsAreNotReadAsTheNewOnes: a circle whose currency has other decimals from now on stops the upgrade.
func TestBooksInOtherMinorUnitsAreNotReadAsTheNewOnes(t *testing.T) {
	t.Parallel()
	db, _ := before(t, 14)
	migrate := func() error {
		p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("."), goose.WithGoMigrations(goose.NewGoMigration(6, nil, nil)), goose.WithDisableGlobalRegistry(true))
		require.NoError(t, err)
		_, err = p.UpTo(t.Context(), 14)
		return err
	}
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO alliances VALUES (1, 'beograd', 'Beograd', 'RSD', 'Europe/Belgrade', 'live', '2026-01-01'), (2, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO heads (alliance_id, last_seq) VALUES (1, 1), (2, 7)`)
	require.NoError(t, err)
	require.ErrorContains(t, migrate(), "the circle beograd keeps its books in RSD")
	_, err = db.ExecContext(t.Context(), `UPDATE heads SET last_seq = 0 WHERE alliance_id = 1`)
	require.NoError(t, err)
	require.NoError(t, migrate(), "nothing is booked yet")
}
