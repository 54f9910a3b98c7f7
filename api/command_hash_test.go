package api_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// TestTheHashOfARequestIsThatOfItsBody compares what is stored of requests with the hash
// of the operation and its body as the models write it. If it changed, a retry across an
// upgrade would be refused as another request.
func TestTheHashOfARequestIsThatOfItsBody(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for i, c := range []struct {
		operation string
		body      any
	}{
		{"sellCard", new(spec.SellCard)}, {"topUpCard", new(spec.TopUp)}, {"spendValue", new(spec.Spend)}, {"usePass", new(spec.PassUse)},
		{"useCoupon", new(spec.CouponUse)}, {"recordPurchase", new(spec.Purchase)}, {"spendPoints", new(spec.PointSpend)},
		{"reverseTransaction", new(spec.Reversal)}, {"freezeCard", new(spec.CardMark)}, {"unfreezeCard", new(spec.CardMark)},
	} {
		sent := everyKind[i]
		answer := h.send(http.MethodPost, "/v1/"+sent.path, h.key, sent.body, "Idempotency-Key", sent.kind)
		require.Equal(t, http.StatusCreated, answer.status, answer.body)
		require.NoError(t, json.Unmarshal([]byte(sent.body), c.body))
		canonical, err := json.Marshal(c.body)
		require.NoError(t, err)
		want := sha256.Sum256(append([]byte(c.operation+"\n"), canonical...))
		var stored []byte
		require.NoError(t, h.db.QueryRow(t.Context(), `SELECT request_hash FROM requests WHERE alliance_id = $1 AND key = $2`, h.alliance.ID, sent.kind).Scan(&stored))
		require.Equal(t, want[:], stored, sent.kind)
	}
	odd := `{"occurred_at": "2026-10-01T08:59:00.500+08:00", "card": "<8801>&", "merchant": "cafe", "amount": "1.00"}`
	h.send(http.MethodPost, "/v1/spends", h.key, odd, "Idempotency-Key", "odd")
	var body spec.Spend
	require.NoError(t, json.Unmarshal([]byte(odd), &body))
	canonical, err := json.Marshal(body)
	require.NoError(t, err)
	want := sha256.Sum256(append([]byte("spendValue\n"), canonical...))
	var stored []byte
	require.NoError(t, h.db.QueryRow(t.Context(), `SELECT request_hash FROM requests WHERE alliance_id = $1 AND key = 'odd'`, h.alliance.ID).Scan(&stored))
	require.Equal(t, want[:], stored, "escapes and instants")
}
