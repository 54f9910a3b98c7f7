package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
)

// someTill is the token of a paired till that was copied whole.
const someTill = "lk_till_AAAAAAAAAAGvOEa21unrOSNJxhTA1xNx6lZ5Ic24L-0XZScmWFPoNYqL4BE8bueVpl2Qzg"

func TestWithoutItsDatabaseTheServerSaysTryAgain(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/readyz", "", "").status)
	pool, is := h.db.(*pgxpool.Pool)
	require.True(t, is)
	pool.Close()
	for _, e := range examples(t) {
		answer := h.send(e.method, e.path, h.key, e.body, "Idempotency-Key", "x", "Cookie", "__Host-lianka-till="+someTill)
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
	h := newHarbour(t)
	h.sold("8801", "ann")
	hurried := h.another(func(c *api.Config) { c.RequestTimeout = 300 * time.Millisecond })
	release := h.hold()
	answer := hurried.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "slow")
	release()
	require.Equal(t, http.StatusServiceUnavailable, answer.status)
	require.Equal(t, "timeout", answer.code(t))
	require.Eventually(t, func() bool {
		again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "slow")
		return again.status == http.StatusCreated && again.header.Get("Idempotency-Replayed") == "true"
	}, patience, 50*time.Millisecond, "it was booked all the same, and the same key tells")
}

func TestShutdownDrains(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	// On a slow machine a short delay may be over before it was seen.
	for delay := 500 * time.Millisecond; ; delay *= 4 {
		require.Less(t, delay, patience)
		server := h.another(func(c *api.Config) { c.DrainDelay = delay })
		stopped := make(chan error, 1)
		go func() { stopped <- server.server.Shutdown(context.WithoutCancel(t.Context())) }()
		seen := statusOf(t, server.address+"/readyz")
		for seen == http.StatusOK {
			seen = statusOf(t, server.address+"/readyz")
		}
		served := statusOf(t, server.address+"/healthz") // still served
		require.NoError(t, <-stopped)
		require.Zero(t, statusOf(t, server.address+"/healthz"), "it doesn't listen any more")
		if seen == http.StatusServiceUnavailable && served == http.StatusOK {
			return
		}
	}
}

// statusOf returns the status of an answer, or 0 if nobody answers.
func statusOf(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}
