package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// launch starts the server process.
func (c *Cluster) launch(ctx context.Context, serverLock *os.File) error {
	log, from, err := c.dir.openLog(c.account)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	c.logFrom = from

	s := settings(c.options.Scratch, c.options.Settings)
	s["unix_socket_directories"] = quoteListItem(c.socket)
	if s["wal_compression"] == "on" && hasLZ4(ctx, c.binaries, c.account, c.dir.data()) {
		s["wal_compression"] = "lz4"
	}
	onDeath := syscall.SIGINT
	if c.options.Scratch {
		onDeath = syscall.SIGQUIT
	}
	cmd := exec.Command(filepath.Join(c.binaries.Dir, "postgres"), append([]string{"-D", c.dir.data()}, arguments(s)...)...)
	cmd.Dir = "/"
	cmd.Env = environment(c.dir.data())
	cmd.ExtraFiles = []*os.File{serverLock}
	cmd.Stderr = log
	cmd.Stdout = log
	cmd.SysProcAttr = c.account.attributes(onDeath)
	c.process, err = startProcess(cmd)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}

// waitReady waits until the server answers, and creates the database lianka if it is missing.
func (c *Cluster) waitReady(ctx context.Context) error {
	began, told := time.Now(), false
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			err = ensureDatabase(ctx, conn)
			return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code != "57P03" { // cannot_connect_now: still starting, or recovering
			return fmt.Errorf("connect to the PostgreSQL server just started: %w", err)
		}
		if !told && time.Since(began) > 5*time.Second {
			told = true
			c.logger.Info("PostgreSQL is still starting; after a crash it replays its log first", "dir", c.Dir())
		}
		select {
		case <-c.process.exited:
			return fmt.Errorf("PostgreSQL %s didn't start (%w), its log says:\n%s", c.binaries.Version, endOf(c.process), c.dir.logTail(c.logFrom))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// endOf describes how a process ended, also after a normal exit.
func endOf(p *process) error {
	if p.err != nil {
		return p.err
	}
	return errors.New("it ended at once")
}

func ensureDatabase(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, Role).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{Role}.Sanitize())
	return err
}
