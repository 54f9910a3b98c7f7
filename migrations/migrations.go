// Package migrations holds the database schema as numbered SQL files and brings a database up to it.
//
// A file never changes once it has landed: testdata/landed.sha256 pins each, and every database has a checksum of each that it has had
// in goose_db_version. [Check] refuses a database that another form of a migration made.
//
// The files only go forward. Each runs in a transaction of its own and is recorded in goose_db_version, so a run that fails
// half-way is repeated from the file that failed. The tables of the job queue (river_*) are made by the queue's own migrations, which
// have a number among the files. Processes that start together take turns: the lock is a row with a lease in goose_lock,
// not a session's advisory lock, since that would neither survive a transaction pooler nor reach across the nodes of a
// distributed PostgreSQL. A process that dies holding it delays the next by at most half a minute.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// Migration is one numbered file and whether a database has it.
type Migration struct {
	AppliedAt time.Time // zero if the database doesn't have it
	Name      string    // the file's name; the job queue's have none, and are called after their number
	Version   int64     // the file's number
}

// Up applies what the database at url doesn't have yet. It waits for other processes that do the same, five minutes at most.
func Up(ctx context.Context, url string) error {
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableLockTimeout(200*time.Millisecond, 1500),
		lock.WithTableUnlockTimeout(200*time.Millisecond, 150),
		lock.WithTableLogger(slog.New(slog.DiscardHandler)), // it warns of what it also returns
	)
	if err != nil {
		return err
	}
	return withProvider(url, func(p *goose.Provider, db *sql.DB) error {
		sums, err := checksums()
		if err != nil {
			return err
		}
		if err := seal(ctx, db, sums); err != nil {
			return err
		}
		if err := check(ctx, db); err != nil {
			return err
		}
		_, err = p.Up(ctx)
		return err
	}, goose.WithLocker(locker))
}

// Status lists all migrations by number. It writes nothing, to an empty database neither.
func Status(ctx context.Context, url string) ([]Migration, error) {
	isEmpty, err := lacksVersions(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	var all []Migration
	err = withProvider(url, func(p *goose.Provider, _ *sql.DB) error {
		if isEmpty { // asked for its status, goose would make its table
			for _, s := range p.ListSources() {
				all = append(all, Migration{Name: name(s), Version: s.Version})
			}
			return nil
		}
		statuses, err := p.Status(ctx)
		for _, s := range statuses {
			m := Migration{Name: name(s.Source), Version: s.Source.Version}
			if s.State == goose.StateApplied {
				m.AppliedAt = s.AppliedAt
			}
			all = append(all, m)
		}
		return err
	})
	return all, err
}

func name(s *goose.Source) string {
	if s.Type == goose.TypeGo {
		return fmt.Sprintf("%05d_queue", s.Version)
	}
	return filepath.Base(s.Path)
}

// lacksVersions reports whether a database has no table of the migrations that it has had.
func lacksVersions(ctx context.Context, url string) (lacks bool, err error) {
	db, err := open(url)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NULL`).Scan(&lacks)
	return lacks, err
}

// Pending counts the migrations that the database at url doesn't have yet. Like Status it writes nothing.
func Pending(ctx context.Context, url string) (int, error) {
	all, err := Status(ctx, url)
	if err != nil {
		return 0, err
	}
	pending := 0
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			pending++
		}
	}
	return pending, nil
}

// withProvider runs f with goose set up on a connection of its own. Without a locker goose writes nothing to a
// database that was migrated before, so a standby can be asked for its status.
func withProvider(url string, f func(*goose.Provider, *sql.DB) error, options ...goose.ProviderOption) (err error) {
	db, err := open(url)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	options = append(options, goose.WithGoMigrations(queueMigrations(url)...), goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	versions, err := newStore()
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectCustom, db, files, append(options, goose.WithStore(versions))...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if err := f(p, db); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

func open(url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	// Prepared statements would be lost behind a pooler that changes servers between transactions.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return stdlib.OpenDB(*config), nil
}

// queueMigrations returns the numbers at which the job queue's schema is brought to a version. When a release of the queue needs a
// newer one, that gets the next free number.
func queueMigrations(url string) []*goose.Migration {
	all := make([]*goose.Migration, 0, len(queueVersions))
	for number, version := range queueVersions {
		all = append(all, queueMigration(url, number, version))
	}
	return all
}

// queueVersions are the versions of the job queue's schema, by the numbers at which they are reached.
var queueVersions = map[int64]int{6: 8}

// queueMigration returns the migration that brings the job queue's schema to a version. The queue records each of its own steps in the
// transaction that makes it, because some of them can't share one (a value is added to an enum, then used). So this runs without a
// transaction around it, and again from where it failed.
func queueMigration(url string, number int64, version int) *goose.Migration {
	return goose.NewGoMigration(number, &goose.GoFunc{RunDB: func(ctx context.Context, _ *sql.DB) error {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			return err
		}
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // as in open
		config.MaxConns = 1
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return err
		}
		defer pool.Close()
		migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
		return err
	}}, nil)
}
