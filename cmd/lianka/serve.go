package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/tuning"
	"github.com/lianka/lianka/jobs"
)

// serveCommand runs the clearing house.
type serveCommand struct {
	addressFlags
	DrainDelay   time.Duration `help:"How long /readyz says no before the server stops accepting, so that a load balancer can turn away first." default:"0s" env:"LIANKA_DRAIN_DELAY"`
	DrainTimeout time.Duration `help:"How long requests under way may take after SIGTERM." default:"30s" env:"LIANKA_DRAIN_TIMEOUT"`

	peopleFlags
	databaseFlags
}

// Help says what runs and how it stops.
func (serveCommand) Help() string {
	return `Serves the API, its documentation at /docs, /healthz, /readyz and /metrics, and does the work that falls due. Several processes may serve one database. Telephones give camera, offline pages and secure cookies over https alone, except at localhost: give --tls-cert and --tls-key, or put a proxy with TLS in front and name it by --trusted-proxy; and say by --public-url where people reach the server. SIGTERM and Ctrl-C drain: what was accepted is answered.

A circle and its first key come from: lianka key issue CODE --name NAME`
}

// Run serves until the context ends, then drains.
func (c *serveCommand) Run(ctx context.Context, env *environment) error {
	tuning.Serve()
	where, err := c.addressFlags.read()
	if err != nil {
		return err
	}
	var cert *certificate
	if where.tls {
		if cert, err = openCertificate(c.TLSCert, c.TLSKey, env.logger, time.Now); err != nil {
			return &refusedError{fmt.Errorf("--tls-cert: %w", err)}
		}
	}
	for _, warning := range where.warnings() {
		env.logger.Warn(warning)
	}
	db, err := c.serve(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	persons, err := c.keeper(ctx, env, db)
	if err != nil {
		return err
	}
	h, err := open(db, env.logger, api.Config{DrainDelay: c.DrainDelay, PublicURL: where.public, TrustedProxies: where.trusted, People: persons})
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
	scheme := "http"
	if cert != nil {
		scheme, listener = "https", tls.NewListener(listener, cert.config())
	}
	_, _ = fmt.Fprintf(env.out, "Lianka serves at %[1]s://%[2]s with %[3]s; the documentation is at %[1]s://%[2]s/docs\n", scheme, listener.Addr(), db.host())
	return h.run(ctx, listener, db, c.DrainTimeout)
}

// house is a running clearing house: the API and the jobs around one sequencer.
type house struct {
	logger    *slog.Logger
	sequencer *sequencer.Sequencer
	api       *api.Server
	jobs      *jobs.Runner
}

// open wires a clearing house on a database. The configuration says what is particular to the
// command.
func open(db *database, logger *slog.Logger, config api.Config) (*house, error) {
	setups := store.NewSetupCache(alliance.Standard())
	if config.People != nil {
		setups.MemberAccounts = config.People.MemberAccounts
	}
	h := &house{logger: logger, sequencer: sequencer.New(db.pool, setups)}
	var err error
	config.Pool, config.Sequencer, config.Setups, config.Logger, config.Clock = db.pool, h.sequencer, setups, logger, time.Now
	h.api, err = api.New(config)
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
