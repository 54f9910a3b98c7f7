package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
	if err := ready(ctx, url); err != nil {
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
		return fmt.Errorf("%s/readyz answers %s", url, response.Status)
	}
	return nil
}
