package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
)

// peopleCommand is about what is kept of people.
type peopleCommand struct {
	MakeKey   peopleMakeKeyCommand   `cmd:"" help:"Make the master key of people's data, in a new file."`
	RotateKey peopleRotateKeyCommand `cmd:"" help:"Put a new master key in the place of the old one, under running servers."`
	Erasures  peopleErasuresCommand  `cmd:"" help:"Print whose data was erased, and when."`
}

// peopleMakeKeyCommand makes a master key.
type peopleMakeKeyCommand struct {
	File string `arg:"" help:"The new file. Its mode is 0600." type:"path"`
}

// Run makes the file and prints the fingerprint.
func (c *peopleMakeKeyCommand) Run(env *environment) error {
	if err := secretFile(c.File); err != nil {
		return err
	}
	ring, err := keyring.MakeFile(c.File)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(env.err, "Made the master key in %s. Keep a copy where the database's backups are not: without it no person can be read again.\n", c.File)
	_, err = fmt.Fprintln(env.out, ring.Fingerprint())
	return err
}

// peopleRotateKeyCommand rotates the master key.
type peopleRotateKeyCommand struct {
	peopleFlags
	databaseFlags
}

// Help says what happens to servers, and to backups.
func (peopleRotateKeyCommand) Help() string {
	return `Makes a new master key in the same file, wraps every person's key with it, and then drops the old one from the file. If it is interrupted, run it again.

Servers that have the key from this file go on: they read it again. Servers on other machines need the new file, and those that have the key from the environment a new start; until then they answer requests about people with 503.

Backups of the database from before need the old key: keep it with them as long as they are kept.`
}

// Run rotates the key.
func (c *peopleRotateKeyCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.open(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	if c.MasterKey != "" {
		return &refusedError{errors.New("a master key in the environment can't be rotated: write it to a file of mode 0600, name that by --master-key-file, and put its new content into the environment afterwards")}
	}
	ring, err := c.read(ctx, db, false)
	if err != nil {
		return err
	}
	if ring == nil {
		return &refusedError{errors.New("there is no master key to rotate; name its file by --master-key-file")}
	}
	known, err := people.Fingerprint(ctx, db.pool)
	if err != nil {
		return err
	}
	if known != "" && !ring.Holds(known) {
		return &refusedError{fmt.Errorf("%w: the database's has the fingerprint %s, and this one %s", people.ErrOtherKey, known, ring.Fingerprint())}
	}
	if !ring.Rotating() { // else an earlier command was interrupted
		if ring, err = ring.Rotated(); err != nil {
			return err
		}
		if err := keyring.ReplaceFile(c.MasterKeyFile, ring); err != nil {
			return err
		}
	}
	n, err := people.Rotate(ctx, db.pool, ring, time.Now())
	if err != nil {
		return fmt.Errorf("%w; both keys are still in %s: run the command again", err, c.MasterKeyFile)
	}
	newest, err := ring.Newest()
	if err != nil {
		return err
	}
	if err := keyring.ReplaceFile(c.MasterKeyFile, newest); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(env.err, "%d persons' keys are wrapped with the new master key; the old one is gone from %s.\n", n, c.MasterKeyFile)
	_, err = fmt.Fprintln(env.out, newest.Fingerprint())
	return err
}

// peopleErasuresCommand lists erasures.
type peopleErasuresCommand struct {
	databaseFlags
}

// Help says what the output is for.
func (peopleErasuresCommand) Help() string {
	return `Prints the erasures that the database knows, in the form of the file that --erasures-file names. Appended to that file, they are carried out again on a database that has forgotten them.`
}

// Run prints a line an erasure.
func (c *peopleErasuresCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.openToRead(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	erasures, err := people.Erasures(ctx, db.pool)
	if err != nil {
		return err
	}
	out := json.NewEncoder(env.out)
	for _, e := range erasures {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
