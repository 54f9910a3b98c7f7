package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Databases of before the first release have no checksums. What their migrations made tells whether they were this
// version's: the hash of the schema after each migration, without what the queue and others keep there. Only the
// migrations of that time are listed; every later one is recorded with its checksum.
var unsealedSchemas = map[int64]string{
	1: "e413a71219557e4519e5d778796a9394",
	2: "e2d93bb82f78468f7cf444158df320a9",
	3: "734c48468c6cd0fb4931882720fb5d03",
	4: "e6b44265ebaed034025992f0e0c8da4c",
	5: "0653d5ccfba53515291615a785a110c8",
	6: "0653d5ccfba53515291615a785a110c8",
	7: "5beddf77a731f79660660e1c46aa5857",
	8: "77c39877b60415d19c5e1e64e24e645b",
	9: "21c1693f728d1ce17d022e8f2aa120dc",
}

// schemaHash returns a hash of the tables that are a circle's, with their columns, constraints, indexes and triggers. It leaves out
// comments, NOT NULL constraints (PostgreSQL 18 names them) and whatever belongs to others.
const schemaHash = `
	WITH tables AS (
	    SELECT c.oid, c.relname FROM pg_class c
	    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'alliance_id' AND NOT a.attisdropped
	    WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind IN ('r', 'v')),
	parts AS (
	    SELECT concat_ws(' ', 'column', t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), l.collname) AS part
	    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
	    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum LEFT JOIN pg_collation l ON l.oid = a.attcollation
	    UNION ALL SELECT concat_ws(' ', 'constraint', t.relname, k.conname, pg_get_constraintdef(k.oid)) FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype <> 'n'
	    UNION ALL SELECT concat_ws(' ', 'trigger', t.relname, g.tgname, g.tgtype, p.proname, md5(p.prosrc))
	    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal JOIN pg_proc p ON p.oid = g.tgfoid)
	SELECT md5(string_agg(part, E'\n' ORDER BY part COLLATE "C")) FROM parts`

// checkUnsealed returns a MismatchError unless a database without checksums has the schema that this version's migrations
// would have made.
func checkUnsealed(ctx context.Context, db querier) error {
	var version int64
	var made sql.NullString
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version); err != nil || version == 0 {
		return err
	}
	if err := db.QueryRowContext(ctx, schemaHash).Scan(&made); err != nil {
		return err
	}
	if expected, known := unsealedSchemas[version]; !known || made.String != expected {
		return &MismatchError{version, fmt.Sprintf("the schema is not what the migrations up to %05d make: %s", version, rebuild)}
	}
	return nil
}

// seal gives a database of before the first release the checksums of the migrations that it has had.
func seal(ctx context.Context, db *sql.DB, sums map[int64]string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	var exists, isSealed bool
	if err := tx.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		return tx.Rollback()
	}
	// Another process may be doing the same.
	if _, err := tx.ExecContext(ctx, `LOCK TABLE goose_db_version IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'goose_db_version'::regclass AND attname = 'checksum' AND NOT attisdropped)`).Scan(&isSealed); err != nil {
		return err
	}
	if isSealed {
		return tx.Rollback()
	}
	if err := checkUnsealed(ctx, tx); err != nil {
		return err
	}
	if err := addChecksumColumn(ctx, tx); err != nil {
		return err
	}
	for version, sum := range sums {
		if _, err := tx.ExecContext(ctx, `UPDATE goose_db_version SET checksum = $2 WHERE version_id = $1`, version, sum); err != nil {
			return err
		}
	}
	return tx.Commit()
}
