package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
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
	return f.openWith(ctx, logger, postgres.Options{Dir: f.Data, BinDir: f.PostgresBin, Logger: logger})
}

// open opens the books like serve; or, if a server runs on the private cluster
// already, works beside it.
func (f *databaseFlags) open(ctx context.Context, logger *slog.Logger) (*database, error) {
	d, err := f.serve(ctx, logger)
	if !errors.Is(err, postgres.ErrInUse) {
		return d, err
	}
	beside := &database{}
	if beside.url, err = postgres.Running(f.Data, postgres.Role); err != nil {
		return nil, err
	}
	if err := beside.connect(ctx); err != nil {
		beside.close()
		return nil, err
	}
	return beside, nil
}

// openScratch opens a database that is thrown away when it is closed: one of its
// own in the server of DATABASE_URL, or a private cluster in a temporary folder.
func (f *databaseFlags) openScratch(ctx context.Context, logger *slog.Logger) (*database, error) {
	if f.DatabaseURL == "" {
		return f.openWith(ctx, logger, postgres.Options{Scratch: true, BinDir: f.PostgresBin, Logger: logger})
	}
	return openScratchDatabase(ctx, f.DatabaseURL)
}

func (f *databaseFlags) openWith(ctx context.Context, logger *slog.Logger, o postgres.Options) (*database, error) {
	d := &database{url: f.DatabaseURL}
	if d.url == "" {
		started, err := postgres.Start(ctx, o)
		if err != nil {
			return nil, startError(err)
		}
		d.cluster, d.url = started, started.URL(postgres.Role)
		logger.Debug("private PostgreSQL is up", "data", started.Dir())
	}
	if err := d.connect(ctx); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// startError marks what the user can mend before anything happened.
func startError(err error) error {
	var missing *postgres.NotFoundError
	if errors.As(err, &missing) || errors.Is(err, postgres.ErrInUse) {
		return &refusedError{err}
	}
	return err
}

func (d *database) connect(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(d.url)
	if err != nil {
		return &refusedError{fmt.Errorf("DATABASE_URL: %w", err)}
	}
	config.MaxConns = max(config.MaxConns, 16)
	if err := migrations.Up(ctx, d.url); err != nil {
		return fmt.Errorf("bringing the schema up to date: %w", err)
	}
	d.pool, err = pgxpool.NewWithConfig(ctx, config)
	return err
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

// ended returns a channel that is closed if the private cluster ends by itself.
func (d *database) ended() <-chan struct{} {
	if d.cluster == nil {
		return nil
	}
	return d.cluster.Done()
}
