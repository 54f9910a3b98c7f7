package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/lianka/lianka/migrations/pgtest"
)

// asLianka in the environment makes the test binary be lianka, so that tests can
// start it as a process of its own and kill it.
const asLianka = "LIANKA_TEST_AS_LIANKA"

func TestMain(m *testing.M) {
	if os.Getenv(asLianka) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	pgtest.Main(m)
}

// process returns lianka with some arguments as a process to be started.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), asLianka+"=1")
	return command
}

// lianka runs a command in this process and returns what it printed.
func lianka(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}
