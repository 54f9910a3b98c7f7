package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/migrations"
)

// namePrefix begins the names of all databases made here; what follows is this process's own, and a number.
const namePrefix = "lianka_test_"

// server is where the test databases are.
type server struct {
	admin    *pgxpool.Pool
	cluster  *postgres.Cluster // nil if the server is that in DATABASE_URL
	count    atomic.Int64
	keeper   *pgx.Conn // its application_name tells other processes that this one lives; nil with a cluster
	prefix   string    // of this process's databases
	template string
	url      func(database string) string
}

// newServer finds or starts a server and builds the template.
func newServer(ctx context.Context) (*server, error) {
	id := make([]byte, 6)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	s := &server{prefix: namePrefix + hex.EncodeToString(id)}
	var err error
	if given := os.Getenv("DATABASE_URL"); given != "" {
		err = s.use(ctx, given)
	} else {
		err = s.start(ctx)
	}
	if err == nil {
		err = s.buildTemplate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// start runs a scratch cluster. Making and dropping databases is most of what the tests ask of a disk.
func (s *server) start(ctx context.Context) error {
	var err error
	if s.cluster, err = postgres.Start(ctx, postgres.Options{Scratch: true, Memory: true}); err != nil {
		return err
	}
	s.url = s.cluster.URL
	s.admin, err = pgxpool.New(ctx, s.url(postgres.Role))
	return err
}

// use connects to the server that the caller has.
func (s *server) use(ctx context.Context, given string) error {
	s.url = func(database string) string { return migrations.WithDatabase(given, database) }
	config, err := pgx.ParseConfig(given)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	config.RuntimeParams["application_name"] = s.prefix
	if s.keeper, err = pgx.ConnectConfig(ctx, config); err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	if s.admin, err = pgxpool.New(ctx, given); err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	var role string
	var mayCreate bool
	err = s.admin.QueryRow(ctx, `
		SELECT rolname, rolcreatedb OR rolsuper
		FROM pg_roles
		WHERE rolname = current_user`).Scan(&role, &mayCreate)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	if !mayCreate {
		return fmt.Errorf("the tests make databases on the server in DATABASE_URL, and its role %[1]q may not: "+
			"have an administrator run ALTER ROLE %[1]q CREATEDB, or unset DATABASE_URL to use a server that the tests start", role)
	}
	return s.dropStale(ctx)
}

// dropStale removes databases of test processes that were killed: those whose keeper is gone.
func (s *server) dropStale(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, `
		SELECT d.datname
		FROM pg_database d
		JOIN pg_roles r ON r.oid = d.datdba
		WHERE r.rolname = current_user AND starts_with(d.datname, @prefix) AND NOT EXISTS (
			SELECT FROM pg_stat_activity a WHERE a.application_name = left(d.datname, @length)
		)`, pgx.NamedArgs{"prefix": namePrefix, "length": len(s.prefix)})
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// buildTemplate makes the database that the tests' own are cloned from.
func (s *server) buildTemplate(ctx context.Context) error {
	name, err := s.create(ctx, false)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, s.url(name)); err != nil {
		return errors.Join(err, s.drop(ctx, name))
	}
	// The first connection writes down what each later one would otherwise read from the catalogs; clones have it as well.
	conn, err := pgx.Connect(ctx, s.url(name))
	if err != nil {
		return errors.Join(err, s.drop(ctx, name))
	}
	if err := conn.Close(ctx); err != nil {
		return errors.Join(err, s.drop(ctx, name))
	}
	// A clone can't be made while anybody is connected, and autovacuum would be.
	if _, err := s.admin.Exec(ctx, `ALTER DATABASE `+quote(name)+` ALLOW_CONNECTIONS false`); err != nil {
		return errors.Join(err, s.drop(ctx, name))
	}
	s.template = name
	return nil
}

// create makes a database, empty or with the schema, and returns its name.
func (s *server) create(ctx context.Context, migrated bool) (string, error) {
	name := fmt.Sprintf("%s_%d", s.prefix, s.count.Add(1))
	from := "template0"
	if migrated {
		from = s.template
	}
	_, err := s.admin.Exec(ctx, `CREATE DATABASE `+quote(name)+` TEMPLATE `+quote(from)+` STRATEGY FILE_COPY`)
	return name, err
}

func (s *server) drop(ctx context.Context, name string) error {
	_, err := s.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+quote(name)+` WITH (FORCE)`)
	return err
}

// close stops the cluster, or leaves the caller's server as it was found.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if s.template != "" && s.cluster == nil {
		errs = append(errs, s.drop(ctx, s.template))
	}
	if s.admin != nil {
		s.admin.Close()
	}
	if s.keeper != nil {
		errs = append(errs, s.keeper.Close(ctx))
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.Stop())
	}
	return errors.Join(errs...)
}

func quote(name string) string {
	return pgx.Identifier{name}.Sanitize()
}
