package export_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
)

// records returns all transactions of the books, with their facts.
func (b *books) records() []alliance.Record {
	b.Helper()
	var records []alliance.Record
	for next := int64(1); ; {
		page, err := ledger.Range(b.Context(), b.pool, b.alliance.ID, b.alliance.Currency, next, 5000)
		require.NoError(b, err)
		if len(page) == 0 {
			return records
		}
		for _, t := range page {
			next = t.Seq + 1
			if b.known(t.Type) {
				record, err := alliance.DecodeRecord(t)
				require.NoError(b, err)
				records = append(records, record)
			}
		}
	}
}

func (b *books) known(kind ledger.Type) bool { return alliance.Standard().Kind(kind) != nil }

// total returns what a query of hledger comes to in all, as a text.
func (b *books) total(text string, query ...string) string {
	b.Helper()
	printed := hledger(b.T, text, append([]string{"balance", "--depth", "1", "--layout", "bare", "-O", "csv"}, query...)...)
	rows, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
	require.NoError(b, err)
	return rows[len(rows)-1][len(rows[0])-1]
}

// TestAnAccountantFindsGiftsItemsAndRefunds asks hledger what the documentation says can be
// asked, and adds the same up from the log.
func TestAnAccountantFindsGiftsItemsAndRefunds(t *testing.T) {
	t.Parallel()
	program(t, "hledger")
	b := playScenario(t, "growth-town-b")
	text := b.journal(export.Selection{Format: export.Hledger})
	sums := make(map[string]int64)
	for _, r := range b.records() {
		growth := r.Facts.Growth
		if growth == nil {
			continue
		}
		for _, e := range r.Entries {
			party := e.Account.Kind == ledger.Merchants
			switch {
			case growth.Gift != nil && party:
				sums["campaign "+e.Account.Owner] += e.Amount.Minor()
			case growth.Item != nil && party:
				sums["item"] += e.Amount.Minor()
			case growth.Refund != nil && e.Account.Kind == ledger.Custody:
				sums["refund "+string(growth.Refund.Ground)] += e.Amount.Minor()
			}
		}
	}
	yuan := func(minor int64) string { return b.alliance.Currency.Minor(minor).String() }
	found := 0
	for _, merchant := range b.merchants() {
		account := clearing.PartyAccount(merchant)
		if sum, some := sums["campaign "+merchant]; some {
			found++
			require.Equal(t, yuan(sum), b.total(text, "liabilities:"+account.String(), "tag:campaign"), merchant)
		}
	}
	require.NotZero(t, found)
	require.NotZero(t, sums["item"])
	require.Equal(t, yuan(sums["item"]), b.total(text, "liabilities:merchants", "tag:item"))
	found = 0
	for _, ground := range []alliance.Ground{alliance.GroundCoolingOff, alliance.GroundMember, alliance.GroundShop} {
		if sum := sums["refund "+string(ground)]; sum != 0 {
			found++
			require.Equal(t, yuan(sum), b.total(text, "assets:custody", "payee:card.refunded", "tag:ground="+string(ground)), ground)
		}
	}
	require.NotZero(t, found)
}

// TestTheCSVSaysWhichCampaignItemHoldAndGround holds the columns against the log.
func TestTheCSVSaysWhichCampaignItemHoldAndGround(t *testing.T) {
	t.Parallel()
	b := playScenario(t, "growth-town-b")
	rows, err := csv.NewReader(strings.NewReader(b.journal(export.Selection{Format: export.CSV}))).ReadAll()
	require.NoError(t, err)
	said := make(map[string][]string)
	for _, row := range rows[1:] {
		said[row[0]] = row[13:]
	}
	seen := make(map[int]bool)
	for _, r := range b.records() {
		if len(r.Entries) == 0 {
			continue
		}
		want := make([]string, 4)
		if growth := r.Facts.Growth; growth != nil {
			if growth.Gift != nil {
				want[0] = growth.Gift.Campaign
			}
			if growth.Item != nil {
				want[1] = growth.Item.Code
			}
			if growth.Hold != nil {
				want[2] = ledger.ID(growth.Hold.Seq)
			}
			if growth.Refund != nil {
				want[3] = string(growth.Refund.Ground)
			}
		}
		require.Equal(t, want, said[ledger.ID(r.Seq)], "%s %s", ledger.ID(r.Seq), r.Type)
		for i, text := range want {
			seen[i] = seen[i] || text != ""
		}
	}
	require.Equal(t, map[int]bool{0: true, 1: true, 2: true, 3: true}, seen)
}
