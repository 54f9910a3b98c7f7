package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/tuning"
)

// serverCommand is the server as a process of its own, wired like `lianka serve`. Its
// log is formatted and discarded, so the cost of logging is measured.
type serverCommand struct {
	URL        string `arg:""`
	CPUProfile string `name:"cpuprofile"`
}

// address is the server's answer to a question, which has no content.
type address struct{ Address string }

// Run serves until its standard input ends.
func (c *serverCommand) Run(ctx context.Context) (err error) {
	tuning.Serve()
	if c.CPUProfile != "" {
		file, err := os.Create(c.CPUProfile)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	pool, err := connect(ctx, c.URL)
	if err != nil {
		return err
	}
	defer pool.Close()
	discarded, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	setups := store.NewSetupCache(alliance.Standard())
	server, err := api.New(api.Config{
		Pool: pool, Setups: setups, Sequencer: sequencer.New(pool, setups),
		Logger: slog.New(slog.NewTextHandler(discarded, nil)), Clock: time.Now,
	})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = answerQuestions(ctx, func(context.Context, struct{}) (any, error) {
		return address{listener.Addr().String()}, nil
	})
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(draining))
	if closed := <-served; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	return err
}
