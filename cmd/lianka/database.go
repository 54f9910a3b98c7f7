package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/migrations"
)

// databaseFlags say where the books are kept.
type databaseFlags struct {
	DatabaseURL string `help:"PostgreSQL 15 or later to keep the books in, such as postgres://user@host/lianka. Without it lianka starts a private one." env:"DATABASE_URL" placeholder:"URL"`
	Data        string `help:"Folder of the private PostgreSQL. As root the default is /var/lib/lianka, else the user's data folder." env:"LIANKA_DATA" placeholder:"DIR" type:"path"`
	PostgresBin string `help:"Folder of PostgreSQL's server programs (postgres, initdb), if they are not where they usually are." env:"LIANKA_POSTGRES_BIN" placeholder:"DIR" type:"path"`

	Wait time.Duration `help:"How long to wait for a server that is starting, or for another command to be done." default:"1m" env:"LIANKA_WAIT"`
}

// database is an open database, and the private cluster that it may live in.
type database struct {
	pool    *pgxpool.Pool
	url     string
	wait    time.Duration     // for a server that is starting
	logger  *slog.Logger      // says that it waits
	cluster *postgres.Cluster // nil with DATABASE_URL
	drop    func()            // of a scratch database in DATABASE_URL's server
}

// serve opens the books for a process that stays up: those of DATABASE_URL, or of a
// private cluster, which it starts. The schema is brought up to date.
func (f *databaseFlags) serve(ctx context.Context, logger *slog.Logger) (*database, error) {
	o := f.options(logger)
	o.Serve = true
	return f.openWith(ctx, o, (*database).migrate)
}

// serveOrJoin opens the books like serve, or like open if a server runs already.
func (f *databaseFlags) serveOrJoin(ctx context.Context, logger *slog.Logger) (*database, error) {
	o := f.options(logger)
	o.Serve, o.Join = true, true
	return f.openWith(ctx, o, (*database).migrate)
}

// open opens the books; or, if a server runs on the private cluster already, works
// beside it. The schema is brought up to date.
func (f *databaseFlags) open(ctx context.Context, logger *slog.Logger) (*database, error) {
	o := f.options(logger)
	o.Join = true
	return f.openWith(ctx, o, (*database).migrate)
}

// openToRead opens the books like open, for a command that only reads: it never
// changes the schema, nor makes a private cluster where there is none.
func (f *databaseFlags) openToRead(ctx context.Context, logger *slog.Logger) (*database, error) {
	o := f.options(logger)
	o.Existing, o.Join = true, true
	d, err := f.openWith(ctx, o, (*database).awaitSchema)
	if errors.Is(err, postgres.ErrNoData) {
		return nil, &refusedError{fmt.Errorf("%w, and a command that only reads makes none; `lianka migrate` makes it, or name another folder by --data or a server by DATABASE_URL", err)}
	}
	return d, err
}

func (f *databaseFlags) options(logger *slog.Logger) postgres.Options {
	return postgres.Options{Dir: f.Data, BinDir: f.PostgresBin, Logger: logger, Wait: f.Wait}
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
	d := &database{url: f.DatabaseURL, wait: f.Wait, logger: o.Logger}
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
	if err := d.awaitServer(ctx, config.ConnConfig); err != nil {
		return err
	}
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

// awaitServer waits while the server says that it is starting, or recovering.
// Whatever else is wrong with it, who uses the database says.
func (d *database) awaitServer(ctx context.Context, config *pgx.ConnConfig) error {
	return d.await(ctx, "the database server to start", func() (bool, error) {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err == nil {
			return true, conn.Close(context.WithoutCancel(ctx))
		}
		var refused *pgconn.PgError
		return !errors.As(err, &refused) || refused.Code != cannotConnectNow, nil
	})
}

// cannotConnectNow is the SQLSTATE of a server that is starting, stopping or recovering.
const cannotConnectNow = "57P03"

// awaitSchema is checkSchema; while the owner of a private cluster may still be
// bringing the schema up to date, it looks again.
func (d *database) awaitSchema(ctx context.Context) error {
	var refused error
	var mismatch *migrations.MismatchError // which no waiting mends
	err := d.await(ctx, "the schema to be brought up to date", func() (bool, error) {
		refused = d.checkSchema(ctx)
		return refused == nil || errors.As(refused, &mismatch) || d.cluster == nil || !d.cluster.Joined(), nil
	})
	return errors.Join(err, refused)
}

// await calls done until it says so or fails, or as long as the database waits.
func (d *database) await(ctx context.Context, what string, done func() (bool, error)) error {
	began, told := time.Now(), false
	for {
		if is, err := done(); is || err != nil || time.Since(began) >= d.wait {
			return err
		}
		if !told && time.Since(began) > time.Second {
			told = true
			d.logger.Info("waiting for "+what, "database", d.host(), "at_most", d.wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
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
