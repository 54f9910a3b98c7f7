package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/merchant/signin"
)

// peopleFlags say where the master key of people's data is, and where erasures are remembered.
type peopleFlags struct {
	MasterKeyFile string `help:"File of the master key of people's data, mode 0600. Without DATABASE_URL the default is master-key.json beside the private PostgreSQL's data, made at the first start." env:"LIANKA_MASTER_KEY_FILE" placeholder:"FILE" type:"path"`
	MasterKey     string `help:"The master key itself, as the file has it or in base64; better kept in a file. For the environment." env:"LIANKA_MASTER_KEY" placeholder:"KEY" hidden:""`
	ErasuresFile  string `help:"File in which erasures of people are remembered, so that a restore from a backup carries them out again. The default is erasures.jsonl beside the file of the master key." env:"LIANKA_ERASURES_FILE" placeholder:"FILE" type:"path"`
}

// The names of the files beside the data.
const (
	masterKeyName = "master-key.json"
	erasuresName  = "erasures.jsonl"
)

// locate fills in where the files are by default. With DATABASE_URL the operator names them:
// other processes, on other machines, need the same key.
func (f *peopleFlags) locate(db *database) error {
	if f.MasterKey != "" && f.MasterKeyFile != "" {
		return &refusedError{errors.New("the master key is given by LIANKA_MASTER_KEY and by a file; give it once")}
	}
	if f.MasterKey == "" && f.MasterKeyFile == "" && db.cluster != nil {
		f.MasterKeyFile = filepath.Join(db.cluster.Dir(), masterKeyName)
	}
	if f.ErasuresFile == "" {
		switch {
		case f.MasterKeyFile != "":
			f.ErasuresFile = filepath.Join(filepath.Dir(f.MasterKeyFile), erasuresName)
		case db.cluster != nil:
			f.ErasuresFile = filepath.Join(db.cluster.Dir(), erasuresName)
		}
	}
	return nil
}

// read returns the master key, or nil if none is given. With make, that of a private cluster is
// made if there is none and the database has never had one.
func (f *peopleFlags) read(ctx context.Context, db *database, mayMake bool) (*keyring.Ring, error) {
	if err := f.locate(db); err != nil {
		return nil, err
	}
	known, err := people.Fingerprint(ctx, db.pool)
	if err != nil {
		return nil, err
	}
	var ring *keyring.Ring
	switch {
	case f.MasterKey != "":
		if ring, err = keyring.Parse(f.MasterKey); err != nil {
			err = fmt.Errorf("LIANKA_MASTER_KEY: %w", err)
		}
	case f.MasterKeyFile == "":
		if known != "" {
			err = fmt.Errorf("%s keeps people with the master key %s, and none is given; name its file by --master-key-file or give it by LIANKA_MASTER_KEY", db.host(), known)
		}
	case mayMake && db.cluster != nil && known == "":
		ring, err = keyring.ReadOrMakeFile(f.MasterKeyFile)
	default:
		if ring, err = keyring.ReadFile(f.MasterKeyFile); errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("the master key: %w; `lianka people make-key` makes one, for a database that has none yet", err)
		}
	}
	if err != nil {
		return nil, &refusedError{err}
	}
	return ring, nil
}

// keeper returns the store of people of a server, which has carried out all erasures that are
// remembered; nil if no master key is given.
func (f *peopleFlags) keeper(ctx context.Context, env *environment, db *database) (*people.Store, error) {
	ring, err := f.read(ctx, db, true)
	if err != nil {
		return nil, err
	}
	if ring == nil {
		env.logger.Warn("people are not kept: no master key is given; all else works. Make one by `lianka people make-key` and name it by --master-key-file")
		return nil, nil
	}
	config := people.Config{Database: db.pool, Ring: ring, Erasing: []people.Erasing{signin.Forget, referral.RevokeAll}, Telephone: signin.TelephoneChanged}
	if f.MasterKeyFile != "" {
		config.Reload = func() (*keyring.Ring, error) { return keyring.ReadFile(f.MasterKeyFile) }
	}
	if f.ErasuresFile == "" {
		env.logger.Warn("nobody is erased: no file is named in which erasures are remembered; name one by --erasures-file")
	} else if config.Journal, err = people.OpenJournal(f.ErasuresFile); err != nil {
		return nil, &refusedError{fmt.Errorf("--erasures-file: %w", err)}
	}
	store := people.New(config)
	if err := store.Start(ctx, time.Now()); err != nil {
		if errors.Is(err, people.ErrOtherKey) || errors.Is(err, people.ErrJournal) {
			err = &refusedError{err}
		}
		return nil, err
	}
	return store, nil
}

// syncEvery is how soon a process's file of erasures has what another process erased.
const syncEvery = time.Minute

// keepInStep brings database and file of erasures to the same every minute, and deletes what is
// kept no longer, until the context ends.
func keepInStep(ctx context.Context, env *environment, store *people.Store) {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := errors.Join(store.Sync(ctx), store.Sweep(ctx, now)); err != nil && ctx.Err() == nil {
				env.logger.Error("erasures of people", "error", err)
			}
		}
	}
}

// secretFile reports whether a path can be a new file for a secret.
func secretFile(name string) error {
	if _, err := os.Stat(name); err == nil {
		return &refusedError{fmt.Errorf("%s is there already, and a master key is never written over", name)}
	}
	return nil
}
