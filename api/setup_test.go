package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

func TestTermsShopsAndProducts(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()
	terms, err := h.cafe.GetTermsWithResponse(ctx)
	require.Equal(t, "0.10", ok(t, terms.JSON200, terms.ApplicationProblemJSONDefault, err).Terms.Sale.Seller)
	changed := terms.JSON200.Terms
	changed.Sale.Seller = "0.12"
	set, err := h.organiser.SetTermsWithResponse(ctx, changed)
	require.Equal(t, 2, ok(t, set.JSON200, set.ApplicationProblemJSONDefault, err).Version)

	amended, err := h.organiser.AmendShopWithResponse(ctx, "hotpot", spec.ShopAmendment{Name: pointer("江边火锅"), DebitCap: pointer("100")})
	require.Equal(t, "100.00", *ok(t, amended.JSON200, amended.ApplicationProblemJSONDefault, err).DebitCap)
	merchant, err := h.organiser.GetShopWithResponse(ctx, "hotpot")
	require.Equal(t, "江边火锅", *ok(t, merchant.JSON200, merchant.ApplicationProblemJSONDefault, err).Name)
	require.Equal(t, "over_debit_cap", h.refused(h.hotpotKey, "cards", `{"card": "1", "member": "ann", "product": "explorer"}`, 422), "at once")

	product, err := h.cafe.GetProductWithResponse(ctx, "explorer")
	view := ok(t, product.JSON200, product.ApplicationProblemJSONDefault, err)
	require.Equal(t, "organiser", *view.Benefits[1].FundedBy, "defaults are filled in")
	for range 2 {
		retired, err := h.organiser.RetireProductWithResponse(ctx, "explorer")
		require.True(t, ok(t, retired.JSON200, retired.ApplicationProblemJSONDefault, err).Retired)
	}
	require.Equal(t, "unknown_product", h.refused(h.cafeKey, "cards", `{"card": "1", "member": "ann", "product": "explorer"}`, 422))

	h.does(h.key, "purchases", h.purchaseAfterSale())
	changed.Funding = pointer("at_use")
	fixed, err := h.organiser.SetTermsWithResponse(ctx, changed)
	require.NoError(t, err)
	require.Equal(t, "terms_fixed", fixed.ApplicationProblemJSONDefault.Code)
}

// purchaseAfterSale makes a first transaction, and returns the body of a second.
func (h *harbour) purchaseAfterSale() string {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/products", h.key, `{"code": "free", "kind": "free"}`)
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
	h.does(h.cafeKey, "cards", `{"card": "1", "member": "ann", "product": "free"}`)
	return `{"card": "1", "bill": "10.00", "merchant": "cafe"}`
}

func TestDocumentsThatBreakARule(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		code, says         string
	}{
		"share":            {http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"0.10"`, `"1.10"`, 1), 422, "invalid_document", `"path":"sale.seller"`},
		"third level":      {http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"0.02"]`, `"0.02","0.01"]`, 1), 422, "invalid_document", `"path":"referral.levels[2]"`},
		"unknown rule":     {http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"hold_days"`, `"holddays"`, 1), 400, "invalid_request", `"path":"referral.holddays"`},
		"custody":          {http.MethodPost, "/v1/shops", `{"code": "custody"}`, 422, "invalid_document", `"path":"code"`},
		"shop twice":       {http.MethodPost, "/v1/shops", `{"code": "cafe"}`, 409, "shop_exists", "cafe"},
		"debit cap":        {http.MethodPost, "/v1/shops", `{"code": "x", "debit_cap": "1.001"}`, 422, "invalid_document", `"path":"debit_cap"`},
		"no shop":          {http.MethodPut, "/v1/shops/x", `{}`, 404, "not_found", ""},
		"product twice":    {http.MethodPost, "/v1/products", productBody, 409, "product_exists", "explorer"},
		"unknown merchant": {http.MethodPost, "/v1/products", strings.ReplaceAll(productBody, `"hotpot"`, `"gym"`), 422, "invalid_document", `"path":"benefits[1].merchants[0]"`},
		"no product":       {http.MethodPost, "/v1/products/x/retire", "", 404, "not_found", ""},
		"key without till": {http.MethodPost, "/v1/keys", `{"role": "shop", "shop": "cafe"}`, 422, "invalid_document", "name both"},
		"key of no shop":   {http.MethodPost, "/v1/keys", `{"role": "shop", "shop": "x", "till": "1"}`, 422, "invalid_document", `"path":"shop"`},
		"no role":          {http.MethodPost, "/v1/keys", `{"role": "admin"}`, 400, "invalid_request", `"path":"role"`},
	} {
		answer := h.send(test.method, test.path, h.key, test.body)
		require.Equal(t, test.status, answer.status, "%s: %s", name, answer.body)
		require.Equal(t, test.code, answer.code(t), name)
		require.Contains(t, answer.body, test.says, name)
	}
}

func TestKeysAreMadeListedAndRevoked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	c := h.with(h.key)
	list := func() []spec.Key {
		page, err := c.ListKeysWithResponse(ctx, nil)
		return ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items
	}
	first := list()[0]
	last, err := c.RevokeKeyWithResponse(ctx, first.KeyID)
	require.NoError(t, err)
	require.Equal(t, "last_organiser_key", last.ApplicationProblemJSONDefault.Code)

	made, err := c.CreateKeyWithResponse(ctx, spec.KeySpec{Role: spec.RoleOrganiser, Label: pointer("second")})
	second := ok(t, made.JSON201, made.ApplicationProblemJSONDefault, err)
	require.True(t, strings.HasPrefix(second.Key, "lk_test_"))
	require.Len(t, list(), 2)
	page := h.send(http.MethodGet, "/v1/keys", h.key, "")
	require.NotContains(t, page.body, second.Key[8:], "it is shown once")

	gone, err := h.with(second.Key).RevokeKeyWithResponse(ctx, first.KeyID)
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, gone.HTTPResponse.StatusCode)
	require.Equal(t, http.StatusUnauthorized, h.send(http.MethodGet, "/v1/circle", h.key, "").status, "dead at once")
	c = h.with(second.Key)
	rotated, err := c.RotateKeyWithResponse(ctx, first.KeyID)
	require.NoError(t, err)
	require.Equal(t, "key_revoked", rotated.ApplicationProblemJSONDefault.Code)
	itself, err := c.RotateKeyWithResponse(ctx, second.Details.KeyID)
	third := ok(t, itself.JSON201, itself.ApplicationProblemJSONDefault, err)
	require.Equal(t, http.StatusUnauthorized, h.send(http.MethodGet, "/v1/circle", second.Key, "").status)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/circle", third.Key, "").status)
}

func TestPagesWalkAll(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()
	const n = 23
	for i := range n {
		answer := h.send(http.MethodPost, "/v1/shops", h.key, fmt.Sprintf(`{"code": "shop-%02d"}`, i))
		require.Equal(t, http.StatusCreated, answer.status)
		answer = h.send(http.MethodPost, "/v1/products", h.key, fmt.Sprintf(`{"code": "free-%02d", "kind": "free"}`, i))
		require.Equal(t, http.StatusCreated, answer.status)
		answer = h.send(http.MethodPost, "/v1/keys", h.key, `{"role": "organiser"}`)
		require.Equal(t, http.StatusCreated, answer.status)
		h.does(h.cafeKey, "cards", fmt.Sprintf(`{"card": "c-%02d", "member": "m-%02d", "product": "explorer"}`, i, i))
	}
	for name, test := range map[string]struct {
		want int
		page func(limit int, cursor *string) (items []string, next *string)
	}{
		"cards": {n, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.cafe.ListCardsWithResponse(ctx, &spec.ListCardsParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.Card)
			}
			return codes, r.JSON200.NextCursor
		}},
		"transactions": {n, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.cafe.ListTransactionsWithResponse(ctx, &spec.ListTransactionsParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.Transaction)
			}
			return codes, r.JSON200.NextCursor
		}},
		"shops": {n + 2, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.organiser.ListShopsWithResponse(ctx, &spec.ListShopsParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.Code)
			}
			return codes, r.JSON200.NextCursor
		}},
		"products": {n + 1, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.cafe.ListProductsWithResponse(ctx, &spec.ListProductsParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.Code)
			}
			return codes, r.JSON200.NextCursor
		}},
		"keys": {n + 3, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.organiser.ListKeysWithResponse(ctx, &spec.ListKeysParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.KeyID)
			}
			return codes, r.JSON200.NextCursor
		}},
		"commissions": {n, func(limit int, cursor *string) (codes []string, next *string) {
			r, err := h.organiser.ListCommissionsWithResponse(ctx, &spec.ListCommissionsParams{Limit: &limit, Cursor: cursor})
			for _, x := range ok(t, r.JSON200, r.ApplicationProblemJSONDefault, err).Items {
				codes = append(codes, x.Member)
			}
			return codes, r.JSON200.NextCursor
		}},
	} {
		for _, limit := range []int{1, 4, 23, 200} {
			seen := make(map[string]bool)
			pages := 0
			for cursor := (*string)(nil); pages == 0 || cursor != nil; pages++ {
				items, next := test.page(limit, cursor)
				require.LessOrEqual(t, len(items), limit)
				require.NotEmpty(t, items, "%s: no page is empty", name)
				for _, code := range items {
					require.False(t, seen[code], "%s: %s comes twice", name, code)
					seen[code] = true
				}
				cursor = next
			}
			require.Len(t, seen, test.want, "%s by %d", name, limit)
			require.Equal(t, (test.want+limit-1)/limit, pages, "%s by %d", name, limit)
		}
	}
}
