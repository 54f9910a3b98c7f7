package migrations

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/pressly/goose/v3"
)

// UpTo applies what the database at url doesn't have yet, up to a version.
func UpTo(ctx context.Context, url string, version int64) error {
	return withProvider(url, func(p *goose.Provider, _ *sql.DB) error {
		_, err := p.UpTo(ctx, version)
		return err
	})
}

// UnsealedVersions returns the versions of databases without checksums that are taken.
func UnsealedVersions() []int64 { return slices.Sorted(maps.Keys(unsealedSchemas)) }

// SchemaHash is the query for the hash of a schema.
const SchemaHash = schemaHash
