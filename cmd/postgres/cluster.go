package postgres

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options say what to start. The zero value is a durable cluster in DefaultDir.
type Options struct {
	BinDir   string            // folder with postgres and initdb; "" looks for them as FindBinaries does
	Dir      string            // where the data is kept; "" is DefaultDir; not used by a scratch cluster
	Existing bool              // make no data where there is none: ErrNoData
	Join     bool              // work beside an owner that serves, instead of failing because of it
	Logger   *slog.Logger      // nil is silent
	Memory   bool              // of a scratch cluster: it is kept in memory, where there is room for it
	Scratch  bool              // temporary, fast and unsafe: removed by Stop
	Serve    bool              // the owner stays up, and others may join it
	Settings map[string]string // PostgreSQL settings over the ones that this package chooses
	Wait     time.Duration     // how long to wait for another owner that starts, or is soon done
}

// Cluster is a running PostgreSQL server. Its methods may be called from several goroutines.
type Cluster struct {
	account  account
	binaries Binaries
	dir      directory
	done     chan struct{}
	joined   bool
	lock     *os.File
	logger   *slog.Logger
	logFrom  int64
	options  Options
	process  *process
	serving  *os.File
	socket   string
	stopErr  error
	stopOnce sync.Once
	stopping chan struct{}
}

// Start starts a server and returns when it answers. Where there is no data yet it is made first, with a superuser and a
// database both called lianka. If ctx ends before that, Start undoes what it began; ctx has no effect on a started server.
//
// A server that a killed process left on the directory is stopped first, and a crashed one recovers, which may take as long
// as there is log to replay. What another process does with the directory is waited for (package doc, Two processes).
// Errors: ErrInUse and ErrNoData (wrapped), *NotFoundError, *VersionMismatchError, *BlockedError.
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
	if c.joined {
		return c, nil
	}
	if err := c.start(ctx, found); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	go c.watch()
	return c, nil
}

// Dir is the cluster's directory.
func (c *Cluster) Dir() string { return string(c.dir) }

// Joined says whether another process owns the server. Stop then leaves it running, and Done tells nothing.
func (c *Cluster) Joined() bool { return c.joined }

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
	for _, lock := range []string{c.dir.lock(), c.dir.serving()} {
		if err := c.account.own(lock); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
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
	if c.joined {
		return nil
	}
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
	return errors.Join(err, c.release())
}
