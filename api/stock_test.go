package api_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// TestStockIsExactBesideRedemptions restocks an item while 64 callers redeem it at two servers.
// All that there ever was is handed out, and no more.
func TestStockIsExactBesideRedemptions(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	beside := h.another()
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	h.does(h.cafeKey, "purchases", `{"card": "8801", "bill": "1000.00"}`)
	answer := h.send(http.MethodPost, "/v1/items", h.key, `{"code": "mug", "points": 1, "merchants": ["cafe"], "reimbursement": "0.01", "stock": 10}`)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)

	var redeemed, refused atomic.Int64
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			server := h.house
			if i%2 == 1 {
				server = beside
			}
			if i%16 == 0 { // two keys, each twice
				answer := server.send(http.MethodPost, "/v1/items/mug/restock", h.key, `{"amount": 10}`, "Idempotency-Key", fmt.Sprint("restock-", i/32))
				if answer.status >= http.StatusBadRequest {
					t.Error(answer.body)
				}
			}
			switch answer := server.send(http.MethodPost, "/v1/item-redemptions", h.cafeKey, `{"card": "8801", "item": "mug"}`, "Idempotency-Key", fmt.Sprint("mug-", i)); answer.status {
			case http.StatusCreated:
				redeemed.Add(1)
			case http.StatusUnprocessableEntity:
				refused.Add(1)
			default:
				t.Error(answer.body)
			}
		})
	}
	callers.Wait()
	require.EqualValues(t, 64, redeemed.Load()+refused.Load())
	view := asked[spec.Item](h, http.MethodGet, "/v1/items/mug", h.cafeKey, "", http.StatusOK)
	require.Equal(t, 30-redeemed.Load(), *view.Left, "a key adds once")
	for range 30 - redeemed.Load() {
		h.does(h.cafeKey, "item-redemptions", `{"card": "8801", "item": "mug"}`)
	}
	require.Equal(t, "out_of_stock", h.refused(h.cafeKey, "item-redemptions", `{"card": "8801", "item": "mug"}`, 422))
	h.audit(h.alliance)
}

// TestAChangeOfACampaignReachesAnotherServer changes a campaign at one server and books at the
// other, which has the circle in memory.
func TestAChangeOfACampaignReachesAnotherServer(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	beside := *h
	beside.house, beside.counter = h.another(), 1000
	asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, fmt.Sprintf(manyTimes, ""), http.StatusCreated)
	require.EqualValues(t, 1, beside.buys("treat"))
	h.switches(h.key, "treat", "pause", "")
	require.EqualValues(t, 1, beside.buys("treat"))
	beside.switches(h.key, "treat", "resume", "")
	require.EqualValues(t, 2, h.buys("treat"))
	h.switches(h.key, "treat", "close", "")
	require.EqualValues(t, 2, beside.buys("treat"))
	h.audit(h.alliance)
}
