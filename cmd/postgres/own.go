package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	lookAgain = 20 * time.Millisecond
	// servingWait is how long a server tries for serving.lock. Others take the lock for an instant, to see whether it is free.
	servingWait = 500 * time.Millisecond
	// quietWait is how long a start waits for another process before it says so.
	quietWait = time.Second
)

// open makes the directory if need be and takes its locks, or joins the cluster of the process that has them.
func (c *Cluster) open(ctx context.Context) error {
	if c.options.Scratch {
		var err error
		c.dir, c.lock, err = makeScratch(ctx, c.options.Memory)
		return err
	}
	if err := c.findDirectory(); err != nil {
		return err
	}
	if err := c.own(ctx); err != nil {
		return errors.Join(err, c.release())
	}
	return nil
}

// findDirectory sets dir, and makes it if need be.
func (c *Cluster) findDirectory() error {
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
	// Nothing is written, not even a lock, where nobody has begun.
	if c.options.Existing && !exists(directory(dir).data()) && !exists(directory(dir).lock()) {
		return fmt.Errorf("%s: %w", dir, ErrNoData)
	}
	if err := directory(dir).create(); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	// One directory, one name: the server's command line must show the same path to every later start.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	c.dir = directory(dir)
	return nil
}

// exists is true also for what can't be looked at: opening it says why.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// own takes the directory's locks, or joins their owner. It waits for what is worth it.
func (c *Cluster) own(ctx context.Context) error {
	if c.options.Serve {
		if err := c.takeServing(ctx); err != nil && !(c.options.Join && errors.Is(err, ErrInUse)) {
			return err
		}
	}
	began, told := time.Now(), false
	for {
		done, err := c.ownOnce(ctx)
		if done || err != nil {
			return err
		}
		waited := time.Since(began)
		if waited >= c.options.Wait {
			return c.inUse(waited)
		}
		if waited >= quietWait && !told {
			told = true
			c.logger.Info("waiting for another Lianka on this data directory to start, or to be done", "dir", c.Dir(), "at_most", c.options.Wait)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// ownOnce tries once, without waiting.
func (c *Cluster) ownOnce(ctx context.Context) (done bool, err error) {
	lock, held, err := lockFile(c.dir.lock())
	if err != nil {
		return false, fmt.Errorf("data directory: %w", err)
	}
	if !held {
		c.lock = lock
		made, err := c.dir.madeBy()
		if err == nil && made == 0 && c.options.Existing {
			err = fmt.Errorf("%s: %w", c.dir, ErrNoData)
		}
		return true, err
	}
	if !c.options.Join || c.serving != nil {
		return false, nil
	}
	if serving, err := isHeld(c.dir.serving()); err != nil || !serving {
		return false, err
	}
	c.joined = c.join(ctx)
	return c.joined, nil
}

// join reports whether the owner's server answers, and sets the socket to its.
func (c *Cluster) join(ctx context.Context) bool {
	raw, err := os.ReadFile(c.dir.socketNote())
	if err != nil {
		return false
	}
	c.socket = strings.TrimSpace(string(raw))
	conn, err := pgx.Connect(ctx, c.URL(Role)) // fails until the database is made, too
	if err != nil {
		return false
	}
	return conn.Close(context.WithoutCancel(ctx)) == nil
}

// takeServing takes the lock that says that this owner stays up.
func (c *Cluster) takeServing(ctx context.Context) error {
	for deadline := time.Now().Add(servingWait); ; {
		lock, held, err := lockFile(c.dir.serving())
		if err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		if !held {
			c.serving = lock
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: %w", c.dir, ErrInUse)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// inUse is the error of a wait that was in vain.
func (c *Cluster) inUse(waited time.Duration) error {
	err := fmt.Errorf("%s: %w", c.dir, ErrInUse)
	if waited < quietWait {
		return err
	}
	return fmt.Errorf("%w, and after %s it is still starting or at work: try again when it is done, or give it longer with --wait", err, waited.Round(time.Second))
}

// release gives the locks back.
func (c *Cluster) release() error {
	var err error
	for _, lock := range []*os.File{c.lock, c.serving} {
		if lock != nil {
			err = errors.Join(err, lock.Close())
		}
	}
	return err
}

// pause waits a moment, or until ctx ends.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(lookAgain):
		return nil
	}
}
