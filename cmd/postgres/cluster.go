package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// Options say what to start. The zero value is a durable cluster in DefaultDir.
type Options struct {
	BinDir   string            // folder with postgres and initdb; "" looks for them as FindBinaries does
	Dir      string            // where the data is kept; "" is DefaultDir; not used by a scratch cluster
	Logger   *slog.Logger      // nil is silent
	Scratch  bool              // temporary, fast and unsafe: removed by Stop
	Settings map[string]string // PostgreSQL settings over the ones that this package chooses
}

// Cluster is a running PostgreSQL server. Its methods may be called from several goroutines.
type Cluster struct {
	account  account
	binaries Binaries
	dir      directory
	done     chan struct{}
	lock     *os.File
	logger   *slog.Logger
	logFrom  int64
	options  Options
	process  *process
	socket   string
	stopErr  error
	stopOnce sync.Once
	stopping chan struct{}
}

// Start starts a server and returns when it answers. Where there is no data yet it is made first, with a superuser and a
// database both called lianka. If ctx ends before that, Start undoes what it began; ctx has no effect on a started server.
//
// A server that a killed process left on the directory is stopped first, and a crashed one recovers, which may take as long
// as there is log to replay. Errors: ErrInUse (wrapped), *NotFoundError, *VersionMismatchError, *BlockedError.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c := &Cluster{done: make(chan struct{}), logger: o.Logger, options: o, stopping: make(chan struct{})}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	found, err := systemSearch(o.BinDir).run()
	if err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.start(ctx, found); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	go c.watch()
	return c, nil
}

// Dir is the cluster's directory.
func (c *Cluster) Dir() string { return string(c.dir) }

// Done is closed if the server ends without having been stopped. Stop must still be called.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// URL is how to connect to a database of the cluster, as its superuser.
func (c *Cluster) URL(database string) string {
	return socketURL(c.socket, database)
}

// Stop shuts the server down, ends its sessions, and frees the directory; a scratch cluster's is removed. A second call returns what the first did.
func (c *Cluster) Stop() error {
	c.stopOnce.Do(func() {
		close(c.stopping)
		c.stopErr = c.stop()
	})
	return c.stopErr
}

// open makes the directory if need be and takes its lock.
func (c *Cluster) open(ctx context.Context) error {
	if c.options.Scratch {
		var err error
		c.dir, c.lock, err = makeScratch(ctx)
		return err
	}
	dir := c.options.Dir
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := directory(dir).create(); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	// One directory, one name: the server's command line must show the same path to every later start.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	c.dir = directory(dir)
	lock, held, err := lockFile(c.dir.lock())
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if held {
		return fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	c.lock = lock
	return nil
}

// start makes the data if need be and runs the server. On an error the caller calls stop.
func (c *Cluster) start(ctx context.Context, found []Binaries) error {
	var err error
	if c.account, err = accountFor(c.dir.data()); err != nil {
		return err
	}
	if c.binaries, err = c.dir.binariesFor(found); err != nil {
		return err
	}
	for _, path := range []string{c.Dir(), c.binaries.Dir} {
		if err := c.account.reach(path); err != nil {
			return err
		}
	}
	if err := c.account.own(c.dir.lock()); err != nil {
		return err
	}
	serverLock, err := c.dir.claimServer(ctx, stopSignals(c.options.Scratch))
	if err != nil {
		return err
	}
	// The server's processes have it too, and keep the lock when this one lets go.
	defer func() { _ = serverLock.Close() }()
	if err := c.account.own(c.dir.serverLock()); err != nil {
		return err
	}
	if err := c.dir.initialise(ctx, c.binaries, c.account, serverLock, c.options.Scratch); err != nil {
		return err
	}
	if c.socket, err = c.dir.makeSocketDir(c.account); err != nil {
		return err
	}
	if err := c.launch(ctx, serverLock); err != nil {
		return err
	}
	return c.waitReady(ctx)
}

// watch reports a server that stops unexpectedly.
func (c *Cluster) watch() {
	select {
	case <-c.stopping:
		return
	case <-c.process.exited:
	}
	select {
	case <-c.stopping: // both at once: it was stopped
	default:
		c.logger.Error("the PostgreSQL server ended by itself", "dir", c.Dir(), "error", c.process.err, "log", c.dir.logTail(c.logFrom))
		close(c.done)
	}
}

func (c *Cluster) stop() error {
	var err error
	if c.process != nil {
		select {
		case <-c.process.exited:
		default:
			err = c.process.stop(stopSignals(c.options.Scratch))
		}
	}
	c.dir.removeSocketDir()
	if c.options.Scratch {
		err = errors.Join(err, os.RemoveAll(c.Dir()))
	}
	return errors.Join(err, c.lock.Close())
}
