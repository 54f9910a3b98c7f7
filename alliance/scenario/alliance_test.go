package scenario_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// alliance is a file that is right. Tests replace a part of it.
const allianceYAML = `alliance: {code: riverside, name: 滨江异业联盟, currency: CNY, timezone: Asia/Shanghai}
rules:
  funding: at_issue
  sale:
    seller: "0.10"
    organiser: "0.05"
  referral:     {levels: ["0.08", "0.02"], hold_days: 7, minimum_payout: "10.00"}
  redemption:   {clearing_fee: "0.02"}
  traffic:      {home_merchant: "0.03", organiser: "0.005"}
  points:       {per_unit: "1", cost: "0.01", value: "0.01"}
  stored_value: {spend_order: principal_first, limit: "5000.00"}
  settlement:   {minimum_transfer: "1.00", transfers: custody}
merchants:
  - {code: cafe, name: 山丘咖啡, category: coffee, debit_cap: "30000.00"}
  - {code: hotpot}
products:
  - code: explorer
    kind: paid
    price: "199.00"
    valid_days: 365
    benefits:
      - {code: coffee, kind: pass, merchant: cafe, uses: 3, reimbursement: "12.00"}
      - {code: hotpot20, kind: coupon, merchants: [hotpot], uses: 2, threshold: "200.00", discount: "20.00", funded_by: organiser}
  - {code: guest, kind: free}
`

func TestCircleIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	c, err := scenario.ParseAlliance("circle.yaml", []byte(allianceYAML))
	require.NoError(t, err)
	require.Equal(t, "riverside", c.Code)
	require.Equal(t, "滨江异业联盟", c.Name)
	require.Equal(t, "CNY", c.Currency.Code())
	require.Equal(t, "Asia/Shanghai", c.Location.String())

	require.Equal(t, alliance.SaleDocument{Seller: "0.10", Organiser: "0.05"}, c.Terms.Sale)
	require.Equal(t, alliance.ReferralDocument{Levels: []string{"0.08", "0.02"}, ReleaseDays: 7, MinimumPayout: "10.00"}, c.Terms.Referral)
	require.Equal(t, "5000.00", *c.Terms.StoredValue.Limit)
	require.Equal(t, "at_issue", c.Terms.Funding)
	require.Equal(t, "custody", c.Terms.Settlement.Transfers)

	require.Len(t, c.Merchants, 2)
	require.Equal(t, "30000.00", *c.Merchants[0].DebitCap)
	require.Equal(t, alliance.MerchantDocument{Code: "hotpot"}, c.Merchants[1])
	require.Len(t, c.Products, 2)
	require.Equal(t, 365, *c.Products[0].ValidDays)
	require.Equal(t, alliance.ProductDocument{Code: "guest", Kind: "free"}, c.Products[1])
	require.Equal(t, []string{"hotpot"}, c.Products[0].Benefits[1].Merchants)

	require.Len(t, c.Setup.Terms, 1)
	require.Equal(t, 1, c.Setup.Current().Version)
	require.Equal(t, "1.00", c.Setup.Current().MinimumTransfer.String())
	require.Equal(t, c.Currency, c.Setup.Currency)
	require.True(t, c.Setup.Merchants["cafe"].Capped)
	require.Equal(t, "hotpot", c.Setup.Merchants["hotpot"].Name)
	require.Equal(t, 3, c.Setup.Products["explorer"].Benefits[0].Uses)
	require.Equal(t, alliance.Free, c.Setup.Products["guest"].Kind)
}

func TestCircleMayLeaveOutWhatHasADefault(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"funding":             {"  funding: at_issue\n", ""},
		"limit":               {`, limit: "5000.00"`, ""},
		"transfers":           {", transfers: custody", ""},
		"debit cap":           {`, debit_cap: "30000.00"`, ""},
		"merchant's name":     {"name: 山丘咖啡, ", ""},
		"merchant's category": {"category: coffee, ", ""},
		"valid_days":          {"    valid_days: 365\n", ""},
		"uses":                {"uses: 3, ", ""},
		"threshold":           {`threshold: "200.00", `, ""},
		"funded_by":           {", funded_by: organiser", ""},
		"no referral":         {`["0.08", "0.02"]`, "[]"},
		"one level":           {`["0.08", "0.02"]`, `["0.08"]`},
		"no products":         {allianceYAML[strings.Index(allianceYAML, "products:"):], "products: []\n"},
		"nobody at all":       {allianceYAML[strings.Index(allianceYAML, "merchants:"):], "merchants: []\nproducts: []\n"},
		"a price of nothing":  {"code: guest, kind: free", `code: guest, kind: free, price: "0.00"`},
		"no benefits":         {"code: guest, kind: free", "code: guest, kind: free, benefits: []"},
		"a comment":           {"rules:\n", "rules: # signed in May\n"},
		"a document's start":  {"alliance:", "---\nalliance:"},
		"a byte order mark":   {"alliance:", "\ufeffalliance:"},
		"CRLF":                {"\n", "\r\n"},
		"a code in quotes":    {"code: guest", `code: "2026"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.ReplaceAll(allianceYAML, change[0], change[1])
			require.NotEqual(t, allianceYAML, text)
			_, err := scenario.ParseAlliance("circle.yaml", []byte(text))
			require.NoError(t, err)
		})
	}
}

func TestNoReferralIsAnEmptyListAndNotNull(t *testing.T) {
	t.Parallel()
	c, err := scenario.ParseAlliance("circle.yaml", []byte(strings.Replace(allianceYAML, `["0.08", "0.02"]`, "[]", 1)))
	require.NoError(t, err)
	require.Equal(t, []string{}, c.Terms.Referral.Levels)
	require.Empty(t, c.Setup.Current().ReferralLevels)
}

func TestJSONIsYAMLToo(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "at-use", "circle.yaml"))
	require.NoError(t, err)
	escaped := strings.Replace(string(data), "滨江异业联盟", `a\/b \ud83c\uDF72 \\ud83c\\udf72 \u6ee8`, 1)
	c, err := scenario.ParseAlliance("circle.json", []byte(strings.ReplaceAll(escaped, "  ", "\t")))
	require.NoError(t, err)
	require.Equal(t, `a/b 🍲 \ud83c\udf72 滨`, c.Name)
}

func TestScenariosHaveCircles(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]struct{ merchants, products int }{
		"corners": {2, 1}, "riverside": {10, 3}, "at-use": {11, 4},
	} {
		c, err := scenario.ReadAlliance(filepath.Join("testdata", folder, "circle.yaml"))
		require.NoError(t, err, folder)
		require.Len(t, c.Setup.Merchants, want.merchants, folder)
		require.Len(t, c.Setup.Products, want.products, folder)
		require.Len(t, c.Merchants, want.merchants, folder)
		require.Len(t, c.Products, want.products, folder)
	}
}

func TestFileThatCannotBeReadKeepsItsCause(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "circle.yaml")
	_, err := scenario.ReadAlliance(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	var wrong *scenario.FileError
	require.True(t, errors.As(err, &wrong))
	require.Equal(t, path+": can't be read: no such file or directory", err.Error())

	_, err = scenario.ReadAlliance(t.TempDir())
	require.ErrorContains(t, err, "is a directory")

	require.NoError(t, os.WriteFile(path, []byte(allianceYAML+strings.Repeat("#", 4<<20)), 0o600))
	_, err = scenario.ReadAlliance(path)
	require.EqualError(t, err, path+": is larger than 4 MiB")
}
