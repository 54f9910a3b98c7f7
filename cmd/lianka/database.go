package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/migrations"
)

// databaseFlags say where the books are kept.
type databaseFlags struct {
	DatabaseURL string `help:"PostgreSQL 15 or later to keep the books in, such as postgres://user@host/lianka. Without it lianka starts a private one." env:"DATABASE_URL" placeholder:"URL"`
	Data        string `help:"Folder of the private PostgreSQL. As root the default is /var/lib/lianka, else the user's data folder." env:"LIANKA_DATA" placeholder:"DIR" type:"path"`
	PostgresBin string `help:"Folder of PostgreSQL's server programs (postgres, initdb), if they are not where they usually are." env:"LIANKA_POSTGRES_BIN" placeholder:"DIR" type:"path"`
}

// database is an open database, and the private cluster that it may live in.
type database struct {
	pool    *pgxpool.Pool
	url     string
	cluster *postgres.Cluster // nil with DATABASE_URL
	drop    func()            // of a scratch database in DATABASE_URL's server
}

// serve opens the books: those of DATABASE_URL, or of a private cluster, which
// it starts. The schema is brought up to date.
func (f *databaseFlags) serve(ctx context.Context, logger *slog.Logger) (*database, error) {
	return f.openWith(ctx, postgres.Options{Dir: f.Data, BinDir: f.PostgresBin, Logger: logger}, (*database).migrate)
}

// open opens the books like serve; or, if a server runs on the private cluster
// already, works beside it.
func (f *databaseFlags) open(ctx context.Context, logger *slog.Logger) (*database, error) {
	return f.openOrJoin(ctx, logger, (*database).migrate)
}

// openToRead opens the books like open, for a command that only reads: it never
// changes the schema, nor makes a private cluster where there is none.
func (f *databaseFlags) openToRead(ctx context.Context, logger *slog.Logger) (*database, error) {
	if f.DatabaseURL == "" {
		if err := f.findCluster(); err != nil {
			return nil, err
		}
	}
	return f.openOrJoin(ctx, logger, (*database).checkSchema)
}

// openOrJoin opens the books, and lets prepare migrate or check the schema.
func (f *databaseFlags) openOrJoin(ctx context.Context, logger *slog.Logger, prepare func(*database, context.Context) error) (*database, error) {
	d, err := f.openWith(ctx, postgres.Options{Dir: f.Data, BinDir: f.PostgresBin, Logger: logger}, prepare)
	if !errors.Is(err, postgres.ErrInUse) {
		return d, err
	}
	beside := &database{}
	if beside.url, err = postgres.Running(f.Data, postgres.Role); err != nil {
		return nil, err
	}
	if err := beside.connect(ctx, prepare); err != nil {
		beside.close()
		return nil, err
	}
	return beside, nil
}

// findCluster returns an error if there is no private cluster yet.
func (f *databaseFlags) findCluster() error {
	dir := f.Data
	if dir == "" {
		var err error
		if dir, err = postgres.DefaultDir(); err != nil {
			return err
		}
	}
	// Where the data can't be looked at, starting it says why.
	if _, err := os.Stat(filepath.Join(dir, "data")); errors.Is(err, fs.ErrNotExist) {
		return &refusedError{fmt.Errorf("there are no books in %s yet, and a command that only reads makes none; `lianka migrate` makes them, or name others by --data or DATABASE_URL", dir)}
	}
	return nil
}

// openScratch opens a database that is thrown away when it is closed: one of its
// own in the server of DATABASE_URL, or a private cluster in a temporary folder.
func (f *databaseFlags) openScratch(ctx context.Context, logger *slog.Logger) (*database, error) {
	if f.DatabaseURL == "" {
		return f.openWith(ctx, postgres.Options{Scratch: true, BinDir: f.PostgresBin, Logger: logger}, (*database).migrate)
	}
	return openScratchDatabase(ctx, f.DatabaseURL)
}

func (f *databaseFlags) openWith(ctx context.Context, o postgres.Options, prepare func(*database, context.Context) error) (*database, error) {
	d := &database{url: f.DatabaseURL}
	if d.url == "" {
		started, err := postgres.Start(ctx, o)
		if err != nil {
			return nil, startError(err)
		}
		d.cluster, d.url = started, started.URL(postgres.Role)
		o.Logger.Debug("private PostgreSQL is up", "data", started.Dir())
	}
	if err := d.connect(ctx, prepare); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// startError marks an error that the user can fix; nothing has happened yet.
func startError(err error) error {
	var missing *postgres.NotFoundError
	if errors.As(err, &missing) || errors.Is(err, postgres.ErrInUse) {
		return &refusedError{err}
	}
	return err
}

// connect lets prepare migrate or check the schema, then makes the pool.
func (d *database) connect(ctx context.Context, prepare func(*database, context.Context) error) error {
	config, err := pgxpool.ParseConfig(d.url)
	if err != nil {
		return &refusedError{fmt.Errorf("DATABASE_URL: %w", err)}
	}
	config.MaxConns = max(config.MaxConns, 16)
	if err := prepare(d, ctx); err != nil {
		return err
	}
	d.pool, err = pgxpool.NewWithConfig(ctx, config)
	return err
}

// migrate brings the schema up to date.
func (d *database) migrate(ctx context.Context) error {
	if err := migrations.Up(ctx, d.url); err != nil {
		return d.schemaError("bringing the schema up to date", err)
	}
	return nil
}

// schemaError marks a database that this version's migrations did not make as something that the user has to mend.
func (d *database) schemaError(doing string, err error) error {
	var mismatch *migrations.MismatchError
	if errors.As(err, &mismatch) {
		return &refusedError{fmt.Errorf("in %s, %w", d.host(), mismatch)}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// checkSchema refuses a database that lacks some of this version's migrations, or had others.
func (d *database) checkSchema(ctx context.Context) error {
	if err := migrations.Check(ctx, d.url); err != nil {
		return d.schemaError("looking at the schema", err)
	}
	pending, err := migrations.Pending(ctx, d.url)
	if err != nil {
		return fmt.Errorf("looking at the schema: %w", err)
	}
	if pending > 0 {
		return &refusedError{fmt.Errorf("the schema in %s is not that of this version: %d migrations are missing, and a command that only reads applies none; `lianka migrate` does", d.host(), pending)}
	}
	return nil
}

// close closes the pool and stops the private cluster.
func (d *database) close() {
	if d.pool != nil {
		d.pool.Close()
	}
	if d.drop != nil {
		d.drop()
	}
	if d.cluster != nil {
		_ = d.cluster.Stop()
	}
}

// host returns the database's address without its password, for people to read.
func (d *database) host() string {
	if d.cluster != nil {
		return "a private PostgreSQL in " + d.cluster.Dir()
	}
	u, err := url.Parse(d.url)
	if err != nil || u.Host == "" {
		return "the PostgreSQL of DATABASE_URL"
	}
	return u.Host + "/" + strings.TrimPrefix(u.Path, "/")
}

// ended returns a channel that is closed if the private cluster stops unexpectedly.
func (d *database) ended() <-chan struct{} {
	if d.cluster == nil {
		return nil
	}
	return d.cluster.Done()
}
