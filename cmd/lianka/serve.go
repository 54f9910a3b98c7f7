package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/tuning"
	"github.com/lianka/lianka/jobs"
)

// serveCommand runs the clearing house.
type serveCommand struct {
	Listen       string        `help:"Address to listen on." default:"127.0.0.1:8080" env:"LIANKA_LISTEN" placeholder:"HOST:PORT"`
	DrainDelay   time.Duration `help:"How long /readyz says no before the server stops accepting, so that a load balancer can turn away first." default:"0s" env:"LIANKA_DRAIN_DELAY"`
	DrainTimeout time.Duration `help:"How long requests under way may take after SIGTERM." default:"30s" env:"LIANKA_DRAIN_TIMEOUT"`

	peopleFlags
	databaseFlags
}

// Help says what runs and how it stops.
func (serveCommand) Help() string {
	return `Serves the API, its documentation at /docs, /healthz, /readyz and /metrics, and does the work that falls due. Several processes may serve one database. SIGTERM and Ctrl-C drain: what was accepted is answered.

A circle and its first key come from: lianka key issue CODE --name NAME`
}

// Run serves until the context ends, then drains.
func (c *serveCommand) Run(ctx context.Context, env *environment) error {
	tuning.Serve()
	db, err := c.serve(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	persons, err := c.keeper(ctx, env, db)
	if err != nil {
		return err
	}
	h, err := open(db, persons, env.logger, c.DrainDelay)
	if err != nil {
		return err
	}
	if persons != nil {
		go keepInStep(ctx, env, persons)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return &refusedError{fmt.Errorf("--listen: %w", err)}
	}
	if err := h.jobs.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	_, _ = fmt.Fprintf(env.out, "Lianka serves at http://%s with %s; the documentation is at http://%s/docs\n", listener.Addr(), db.host(), listener.Addr())
	return h.run(ctx, listener, db, c.DrainTimeout)
}

// house is a running clearing house: the API and the jobs around one sequencer.
type house struct {
	logger    *slog.Logger
	sequencer *sequencer.Sequencer
	api       *api.Server
	jobs      *jobs.Runner
}

// open wires a clearing house on a database, with a store of people if there is one.
func open(db *database, persons *people.Store, logger *slog.Logger, drainDelay time.Duration) (*house, error) {
	setups := store.NewSetupCache(alliance.Standard())
	if persons != nil {
		setups.MemberAccounts = persons.MemberAccounts
	}
	h := &house{logger: logger, sequencer: sequencer.New(db.pool, setups)}
	var err error
	h.api, err = api.New(api.Config{Pool: db.pool, Sequencer: h.sequencer, Setups: setups, People: persons, Logger: logger, Clock: time.Now, DrainDelay: drainDelay})
	if err != nil {
		return nil, err
	}
	h.jobs, err = jobs.New(jobs.Config{Pool: db.pool, Sequencer: h.sequencer, Logger: logger, Clock: time.Now})
	return h, err
}

// run serves until the context ends or the private PostgreSQL does, then drains: the
// jobs, the requests, and what waits in the sequencer.
func (h *house) run(ctx context.Context, listener net.Listener, db *database, drainTimeout time.Duration) error {
	served := make(chan error, 1)
	go func() { served <- h.api.Serve(listener) }()
	var failure error
	select {
	case <-ctx.Done():
		h.logger.Info("draining")
	case <-db.ended():
		failure = errors.New("the private PostgreSQL ended by itself; see postgres.log in its folder")
	case failure = <-served:
		served <- http.ErrServerClosed
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := errors.Join(h.jobs.Stop(draining), h.api.Shutdown(draining))
	if closed := <-served; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return errors.Join(failure, err)
}
