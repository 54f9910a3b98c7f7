package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/migrations"
)

// openScratchDatabase makes a database beside the one that a URL names, and opens
// it; closing it drops it again.
func openScratchDatabase(ctx context.Context, serverURL string) (*database, error) {
	config, err := pgx.ParseConfig(serverURL)
	if err != nil {
		return nil, &refusedError{fmt.Errorf("DATABASE_URL: %w", err)}
	}
	random := make([]byte, 6)
	_, _ = rand.Read(random)
	name := "lianka_scratch_" + hex.EncodeToString(random)
	if err := administer(ctx, config, "CREATE DATABASE "+name); err != nil {
		return nil, fmt.Errorf("a replay works in a database of its own, which the role of DATABASE_URL must be allowed to create (ALTER ROLE … CREATEDB): %w", err)
	}
	drop := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = administer(ctx, config, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	d := &database{url: migrations.WithDatabase(serverURL, name), drop: drop}
	if err := d.connect(ctx, (*database).migrate); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func administer(ctx context.Context, config *pgx.ConnConfig, sql string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}
