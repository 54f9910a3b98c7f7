package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

func TestMovingTheClockClosesMonths(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()
	h.sold("8801", "ann")
	to := func(instant string) spec.TestClock {
		at, err := time.Parse(time.RFC3339, instant)
		require.NoError(t, err)
		r, err := h.organiser.AdvanceTestClockWithResponse(ctx, spec.TestClockAdvance{To: at})
		return ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err)
	}
	clock := to("2026-10-31T23:59:59+08:00")
	require.Equal(t, "2026-10", clock.Window.Period)
	clock = to("2026-11-01T00:00:00+08:00")
	require.Equal(t, "2026-11", clock.Window.Period)
	require.Equal(t, "2026-10-31T16:00:00Z", clock.Window.OpensAt.Format(time.RFC3339))
	clock = to("2027-02-01T00:00:00+08:00")
	require.Equal(t, "2027-02", clock.Window.Period)
	to("2027-02-01T00:00:00+08:00") // where it stands already

	closed, err := h.cafe.ListSettlementsWithResponse(ctx, nil)
	require.Len(t, ok(t, closed.JSON200, closed.ApplicationProblemJSONDefault, err).Items, 4)
	alliance, err := h.cafe.GetCircleWithResponse(ctx)
	require.Equal(t, clock.Clock, ok(t, alliance.JSON200, alliance.ApplicationProblemJSONDefault, err).Clock)

	answer := h.send(http.MethodPost, "/v1/test-clock/advance", h.key, `{"to": "2027-01-31T23:59:59+08:00"}`)
	require.Equal(t, http.StatusConflict, answer.status)
	require.Equal(t, "clock_back", answer.code(t))
	for _, body := range []string{`{"to": "2029-03-01T00:00:00Z"}`, `{"to": "2027-03-01"}`, `{"to": "2027-03-01T00:00:00"}`, `{}`} {
		answer := h.send(http.MethodPost, "/v1/test-clock/advance", h.key, body)
		require.Equal(t, "invalid_request", answer.code(t), body)
	}
	receipt := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`)
	require.Equal(t, clock.Clock, receipt.BookedAt)
}
