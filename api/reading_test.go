package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

func TestAShopReadsItsOwn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()
	h.does(h.key, "cards", `{"card": "8800", "member": "bob", "product": "explorer"}`)
	sale := h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer", "referrer": "bob"}`)
	h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "300.00"}`)
	spend := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "100.00"}`)
	pass := h.does(h.cafeKey, "pass-uses", `{"card": "8801", "benefit": "coffee"}`)

	// Cards: the home knows whose it is, another shop what it can honour.
	home, err := h.cafe.GetCardWithResponse(ctx, "8801")
	atHome := ok(t, home.JSON200, home.ApplicationProblemJSONDefault, err)
	require.Equal(t, "ann", *atHome.Member)
	require.Nil(t, atHome.Pool)
	other, err := h.hotpot.GetCardWithResponse(ctx, "8801")
	elsewhere := ok(t, other.JSON200, other.ApplicationProblemJSONDefault, err)
	require.Nil(t, elsewhere.Member)
	require.Equal(t, "200.00", elsewhere.Value)
	require.Equal(t, 2, (*elsewhere.Benefits)[0].UsesLeft)
	whole, err := h.organiser.GetCardWithResponse(ctx, "8801")
	require.Equal(t, "141.23", *ok(t, whole.JSON200, whole.ApplicationProblemJSONDefault, err).Pool)
	own, err := h.hotpot.ListCardsWithResponse(ctx, nil)
	require.Empty(t, ok(t, own.JSON200, own.ApplicationProblemJSONDefault, err).Items, "it sold none")
	require.Equal(t, "forbidden_merchant", h.send(http.MethodGet, "/v1/cards?merchant=cafe", h.hotpotKey, "").code(t))

	// Transactions: of the entries, never what members earn or others are paid.
	require.Equal(t, []string{"card.sold", "card.topped_up", "pass.used"}, h.types(h.cafe, spec.ListTransactionsParams{}), "what it did itself")
	require.Equal(t, []string{"value.spent"}, h.types(h.hotpot, spec.ListTransactionsParams{}))
	require.Equal(t, []string{"value.spent"}, h.types(h.hotpot, spec.ListTransactionsParams{Card: pointer("8801")}))
	require.Equal(t, []string{"card.sold", "card.topped_up", "value.spent", "pass.used"},
		h.types(h.cafe, spec.ListTransactionsParams{Card: pointer("8801")}), "the home sees its card's history")
	sold, err := h.cafe.GetTransactionWithResponse(ctx, sale.Transaction)
	require.Equal(t, []string{"card_pool", "merchants", "merchants"}, accounts(ok(t, sold.JSON200, sold.ApplicationProblemJSONDefault, err)))
	all, err := h.organiser.GetTransactionWithResponse(ctx, sale.Transaction)
	require.Contains(t, accounts(ok(t, all.JSON200, all.ApplicationProblemJSONDefault, err)), "commission_pending")
	spent, err := h.hotpot.GetTransactionWithResponse(ctx, spend.Transaction)
	view := ok(t, spent.JSON200, spent.ApplicationProblemJSONDefault, err)
	require.Equal(t, []string{"card_value", "merchants"}, accounts(view))
	require.Nil(t, view.Member)
	for _, id := range []string{sale.Transaction, pass.Transaction} {
		require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/transactions/"+id, h.hotpotKey, "").code(t))
	}
	require.Equal(t, "forbidden_merchant", h.send(http.MethodGet, "/v1/transactions?merchant=cafe", h.hotpotKey, "").code(t))
	require.Equal(t, "forbidden", h.send(http.MethodGet, "/v1/transactions?member=ann", h.cafeKey, "").code(t))

	// Positions and settlements: its own lines.
	positions, err := h.hotpot.GetPositionsWithResponse(ctx)
	require.Equal(t, []spec.OpenPosition{{Party: "hotpot", Opening: "0.00", Movement: "98.00", Standing: "98.00"}},
		ok(t, positions.JSON200, positions.ApplicationProblemJSONDefault, err).Items)
	h.send(http.MethodPost, "/v1/test-clock/advance", h.key, `{"to": "2026-11-01T00:00:00+08:00"}`)
	settled, err := h.hotpot.GetSettlementWithResponse(ctx, "2026-10")
	month := ok(t, settled.JSON200, settled.ApplicationProblemJSONDefault, err)
	require.Equal(t, []spec.SettledPosition{{Party: "hotpot", Opening: "0.00", Movement: "98.00", Transfer: "98.00", Carried: "0.00", Movements: []spec.Movement{
		{Type: "value.spent", Count: 1, Debits: "0.00", Credits: "98.00", Net: "98.00"},
	}}}, month.Positions)
	require.Equal(t, []spec.Transfer{{From: "custody", To: "hotpot", Amount: "98.00"}}, month.Transfers)
	closing, err := h.hotpot.GetTransactionWithResponse(ctx, month.LastTransaction)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, closing.HTTPResponse.StatusCode, "the last is a member's payout")
	require.Equal(t, []string{"value.spent", "window.closed"}, h.types(h.hotpot, spec.ListTransactionsParams{}))
}

func TestTheOrganiserReadsAll(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()
	h.does(h.key, "cards", `{"card": "8800", "member": "bob", "product": "explorer"}`)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer", "referrer": "bob"}`)
	h.does(h.hotpotKey, "cards", `{"card": "8802", "member": "cat", "product": "explorer", "referrer": "ann"}`)

	member, err := h.organiser.GetMemberWithResponse(ctx, "bob", nil)
	bob := ok(t, member.JSON200, member.ApplicationProblemJSONDefault, err)
	require.Equal(t, "19.90", bob.Pending)
	require.Equal(t, []int{2, 1}, []int{bob.Commissions[0].Level, bob.Commissions[1].Level}, "the newest first")
	list, err := h.organiser.ListCommissionsWithResponse(ctx, nil)
	require.Len(t, ok(t, list.JSON200, list.ApplicationProblemJSONDefault, err).Items, 3)
	require.Equal(t, []string{"card.sold", "card.sold"}, h.types(h.organiser, spec.ListTransactionsParams{Member: pointer("bob")}))
	require.Equal(t, []string{"card.sold"}, h.types(h.organiser, spec.ListTransactionsParams{Merchant: pointer("hotpot")}))
	cards, err := h.organiser.ListCardsWithResponse(ctx, &spec.ListCardsParams{Member: pointer("cat"), Merchant: pointer("hotpot")})
	require.Len(t, ok(t, cards.JSON200, cards.ApplicationProblemJSONDefault, err).Items, 1)

	balance, err := h.organiser.GetTrialBalanceWithResponse(ctx)
	lines := ok(t, balance.JSON200, balance.ApplicationProblemJSONDefault, err)
	require.Equal(t, "txn_3", *lines.LastTransaction)
	require.Len(t, lines.Items, 10)
	windows, err := h.organiser.ListWindowsWithResponse(ctx, nil)
	require.Equal(t, spec.WindowStateStateOpen, ok(t, windows.JSON200, windows.ApplicationProblemJSONDefault, err).Items[0].State)
	none, err := h.organiser.GetSettlementWithResponse(ctx, "2026-10")
	require.NoError(t, err)
	require.Equal(t, "not_found", none.ApplicationProblemJSONDefault.Code, "the month is open")
}

// types returns the types of the transactions that a list has, the oldest first,
// walking its pages two at a time.
func (h *harbour) types(c *client.ClientWithResponses, p spec.ListTransactionsParams) []string {
	h.t.Helper()
	var types []string
	for p.Limit = pointer(2); ; {
		page, err := c.ListTransactionsWithResponse(h.t.Context(), &p)
		list := ok(h.t, page.JSON200, page.ApplicationProblemJSONDefault, err)
		for _, x := range list.Items {
			types = append(types, x.Type)
		}
		if p.Cursor = list.NextCursor; p.Cursor == nil {
			slices.Reverse(types)
			return types
		}
	}
}

func accounts(t spec.Transaction) []string {
	var kinds []string
	for _, e := range t.Entries {
		kinds = append(kinds, string(e.Account))
	}
	slices.Sort(kinds)
	return kinds
}
