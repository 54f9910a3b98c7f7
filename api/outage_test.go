package api_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
)

func TestWithoutItsDatabaseTheServerSaysTryAgain(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/readyz", "", "").status)
	pool, is := h.db.(*pgxpool.Pool)
	require.True(t, is)
	pool.Close()
	for _, e := range examples(t) {
		answer := h.send(e.method, e.path, h.key, e.body, "Idempotency-Key", "x")
		require.Equal(t, http.StatusServiceUnavailable, answer.status, "%s: %s", e.id, answer.body)
		require.Equal(t, "unavailable", answer.code(t), e.id)
		require.Equal(t, "1", answer.header.Get("Retry-After"))
	}
	require.Equal(t, http.StatusServiceUnavailable, h.send(http.MethodGet, "/readyz", "", "").status)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/healthz", "", "").status)
	require.Contains(t, h.log.String(), "closed pool", "the cause is in the log")
}

// hold keeps the circle from deciding anything until it is released.
func (h *house) hold() (release func()) {
	h.t.Helper()
	held, locked, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- clearing.Write(context.WithoutCancel(h.t.Context()), h.db, func(tx clearing.Tx) error {
			_, err := tx.Exec(h.t.Context(), `SELECT 1 FROM heads WHERE alliance_id = $1 FOR UPDATE`, h.alliance.ID)
			close(locked)
			<-held
			return err
		})
	}()
	<-locked
	return func() {
		h.t.Helper()
		close(held)
		require.NoError(h.t, <-done)
	}
}

func TestARequestThatTakesTooLong(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.RequestTimeout = 300 * time.Millisecond })
	h.sold("8801", "ann")
	release := h.hold()
	answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "slow")
	release()
	require.Equal(t, http.StatusServiceUnavailable, answer.status)
	require.Equal(t, "timeout", answer.code(t))
	require.Eventually(t, func() bool {
		again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "slow")
		return again.status == http.StatusCreated && again.header.Get("Idempotency-Replayed") == "true"
	}, 10*time.Second, 50*time.Millisecond, "it was booked all the same, and the same key tells")
}

func TestShutdownDrains(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.DrainDelay = 500 * time.Millisecond })
	h.sold("8801", "ann")
	stopped := make(chan error, 1)
	go func() { stopped <- h.server.Shutdown(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, func() bool {
		return h.send(http.MethodGet, "/readyz", "", "").status == http.StatusServiceUnavailable
	}, 5*time.Second, 10*time.Millisecond)
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`) // still served
	require.NoError(t, <-stopped)
	_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.address, "http://"))
	require.Error(t, err)
}
