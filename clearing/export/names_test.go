package export_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
)

func TestAccountsAreNamedByKindAndOwner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind                      ledger.Kind
		owner, hledger, beancount string
	}{
		{ledger.Custody, "", "assets:custody", "Assets:Custody"},
		{ledger.Issuers, "gym", "assets:issuers:gym", "Assets:Issuers:X-gym"},
		{ledger.Receivables, "gym", "assets:receivables:gym", "Assets:Receivables:X-gym"},
		{ledger.Organiser, "", "liabilities:organiser", "Liabilities:Organiser"},
		{ledger.Suspense, "", "liabilities:suspense", "Liabilities:Suspense"},
		{ledger.WithheldTax, "", "liabilities:withheld_tax", "Liabilities:Withheld-Tax"},
		{ledger.CardValue, "C8801", "liabilities:card_value:C8801", "Liabilities:Card-Value:C8801"},
		{ledger.CardValue, "8801", "liabilities:card_value:8801", "Liabilities:Card-Value:8801"},
		{ledger.CommissionPending, "ann@example.com", "liabilities:commission_pending:ann@example.com", "Liabilities:Commission-Pending:X-ann--40-example--2E-com"},
		{ledger.Merchants, "山丘咖啡", "liabilities:merchants:山丘咖啡", "Liabilities:Merchants:X-山丘咖啡"},
		{ledger.Merchants, "golden cafe", "liabilities:merchants:golden%20cafe", "Liabilities:Merchants:X-golden--20-cafe"},
		{ledger.Merchants, "cafe-1", "liabilities:merchants:cafe-1", "Liabilities:Merchants:X-cafe-1"},
		{ledger.Merchants, "X-cafe", "liabilities:merchants:X-cafe", "Liabilities:Merchants:X-X-cafe"},
		{ledger.Merchants, "a:b;c", "liabilities:merchants:a%3Ab%3Bc", "Liabilities:Merchants:X-a--3A-b--3B-c"},
		{ledger.Merchants, "50%", "liabilities:merchants:50%25", "Liabilities:Merchants:50--25-"},
		{ledger.Merchants, "é\n", "liabilities:merchants:é%0A", "Liabilities:Merchants:X-é--A-"},
	} {
		a := ledger.Account{Kind: c.kind, Owner: c.owner}
		require.Equal(t, c.hledger, export.HledgerName(a))
		require.Equal(t, c.beancount, export.BeancountName(a))
	}
}

var escapes = regexp.MustCompile(`--([0-9A-F]+)-`)

// owner reverses the escaping of an owner in a beancount name.
func owner(t require.TestingT, name string) string {
	return escapes.ReplaceAllStringFunc(strings.TrimPrefix(name, "X-"), func(e string) string {
		code, err := strconv.ParseInt(escapes.FindStringSubmatch(e)[1], 16, 32)
		require.NoError(t, err)
		return string(rune(code))
	})
}

func TestDifferentOwnersHaveDifferentAccounts(t *testing.T) {
	t.Parallel()
	legal := regexp.MustCompile(`^[A-Z0-9][\p{L}\p{Nd}-]*$`)
	texts := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("aX-%2A :;\x01山"))))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Filter(func(s string) bool { return s != "" }).Draw(t, "owner")
		a := ledger.Account{Kind: ledger.Merchants, Owner: text}
		plain, found := strings.CutPrefix(export.HledgerName(a), "liabilities:merchants:")
		require.True(t, found)
		require.NotRegexp(t, `[\s:;"()\[\]*!|,]`, plain)
		back, err := url.PathUnescape(plain)
		require.NoError(t, err)
		require.Equal(t, text, back)

		dashed, found := strings.CutPrefix(export.BeancountName(a), "Liabilities:Merchants:")
		require.True(t, found)
		require.Regexp(t, legal, dashed)
		require.Equal(t, text, owner(t, dashed))
	})
}
