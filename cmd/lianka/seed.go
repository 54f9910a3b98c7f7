package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/cmd/lianka/demo"
)

// playInto plays the demo against a server that already runs.
func (c *demoCommand) playInto(ctx context.Context, env *environment) error {
	if c.Once || c.Listen != "" {
		return &refusedError{errors.New("--into: --once and --listen are about a server of the demo's own")}
	}
	url := strings.TrimRight(c.Into, "/")
	if err := c.awaitReady(ctx, env, url); err != nil {
		return &refusedError{fmt.Errorf("--into: %w", err)}
	}
	key, audit := c.Key, func() error { return nil }
	if key == "" {
		db, err := c.openToRead(ctx, env.logger) // the server has migrated it
		if err != nil {
			return err
		}
		defer db.close()
		var alliance clearing.Alliance
		if alliance, key, err = foundDemo(ctx, db); err != nil {
			return err
		}
		audit = func() error { return auditDemo(ctx, env, db, alliance) }
	}
	result, err := c.play(ctx, env, key, url)
	if errors.Is(err, demo.ErrAlliance) {
		return &refusedError{err}
	}
	if err != nil {
		return err
	}
	if err := audit(); err != nil {
		return err
	}
	return pointOut(env, result, key, url)
}

// awaitReady waits until a server is ready, and returns an error if that takes too
// long. A server that is starting refuses connections first.
func (c *demoCommand) awaitReady(ctx context.Context, env *environment, url string) error {
	began, told := time.Now(), false
	for {
		err := ready(ctx, url)
		if err == nil || time.Since(began) >= c.Wait || !mayBeStarting(err) {
			return err
		}
		if !told {
			told = true
			_, _ = fmt.Fprintf(env.err, "Waiting for a server at %s, at most %s ...\n", url, c.Wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// notReadyError says that a server is there, and what it answers.
type notReadyError struct {
	url    string
	status string
	code   int
}

func (e *notReadyError) Error() string { return fmt.Sprintf("%s/readyz answers %s", e.url, e.status) }

// mayBeStarting tells what a starting server does from what won't change by waiting.
func mayBeStarting(err error) bool {
	var not *notReadyError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &not) && not.code == http.StatusServiceUnavailable
}

// ready returns an error unless a server is ready.
func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return &notReadyError{url: url, status: response.Status, code: response.StatusCode}
	}
	return nil
}
