package main

import (
	"context"
	"fmt"
)

// migrateCommand brings a database to this version's schema.
type migrateCommand struct {
	databaseFlags
}

// Help says when it is needed.
func (migrateCommand) Help() string {
	return `Every command that opens the books does this by itself; migrate is for who wants it done before, by a role that may. Several processes may run it at once.`
}

// Run opens the database, which brings the schema up to date.
func (c *migrateCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.open(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	_, err = fmt.Fprintf(env.out, "The schema is up to date in %s.\n", db.host())
	return err
}
