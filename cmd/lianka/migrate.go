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
	return `serve, demo and the commands that change keys do this by themselves; migrate is for who wants it done before, by a role that may. Commands that only read (audit, export, key list) never do: on a database that is behind they say so, with exit code 2. Several processes may run it at once.`
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
