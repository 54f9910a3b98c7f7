package export_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
)

func scenarios() []string {
	return []string{"story", "corners", "at-use", "riverside", "growth-hands", "growth-tiers", "growth-town-a"}
}

// trial returns the lines of the trial balance that are not zero, under the names
// of hledger.
func (b *books) trial() map[string]string {
	b.Helper()
	lines, err := ledger.TrialBalance(b.Context(), b.pool, b.alliance.ID, b.alliance.Currency)
	require.NoError(b, err)
	balances := make(map[string]string)
	for _, l := range lines {
		side := "liabilities:"
		if l.Kind.Normal() == ledger.Debit {
			side = "assets:"
		}
		if !l.Balance.IsZero() {
			balances[side+l.Kind.String()] = l.Balance.String() + " " + b.alliance.Currency.Code()
		}
	}
	return balances
}

// balances reads what `hledger balance` prints as CSV.
func balances(t *testing.T, printed string) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
	require.NoError(t, err)
	read := make(map[string]string)
	for _, row := range rows[1:] {
		require.Len(t, row, 2)
		if row[1] != "0" {
			read[row[0]] = row[1]
		}
	}
	return read
}

func TestHledgerAgreesWithTheTrialBalance(t *testing.T) {
	t.Parallel()
	program(t, "hledger")
	for _, name := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := playScenario(t, name)
			text := b.journal(export.Selection{Format: export.Hledger})
			hledger(t, text, "check", "--strict")
			hledger(t, text, "check", "ordereddates", "payees")
			trial := b.trial()
			require.NotEmpty(t, trial)
			require.Equal(t, trial, balances(t, hledger(t, text, "balance", "--depth", "2", "--flat", "--no-total", "-O", "csv")))
			sheet := hledger(t, text, "balancesheet", "--depth", "2")
			for account := range trial {
				require.Contains(t, sheet, account, "its type is declared")
			}
		})
	}
}

func TestBeancountAcceptsTheJournal(t *testing.T) {
	t.Parallel()
	program(t, "bean-check")
	for _, name := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := playScenario(t, name)
			beanCheck(t, b.journal(export.Selection{Format: export.Beancount}))
			for _, merchant := range b.merchants() {
				for _, period := range append(b.periods(), "") {
					beanCheck(t, b.journal(export.Selection{Format: export.Beancount, Merchant: merchant, Period: period}))
				}
			}
		})
	}
}

func TestProgramsRefuseAnAlteredJournal(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	program(t, "hledger", "bean-check")
	b := playScenario(t, "story")
	text := strings.Replace(b.journal(export.Selection{Format: export.Hledger}), "199.00", "198.99", 1)
	require.Error(t, run(t, "hledger", "-f", saved(t, "x.journal", text), "check"))
	text = strings.Replace(b.journal(export.Selection{Format: export.Beancount}), " open ", " close ", 1)
	require.Error(t, run(t, "bean-check", saved(t, "x.beancount", text)))
}

// The balances of the shop's own accounts are those of the books, although its journal shows
// nothing of others.
func TestHledgerAcceptsTheJournalOfAMerchant(t *testing.T) {
	t.Parallel()
	program(t, "hledger")
	for _, name := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := playScenario(t, name)
			whole := balances(t, hledger(t, b.journal(export.Selection{Format: export.Hledger}), "balance", "--flat", "--no-total", "-O", "csv"))
			for _, merchant := range b.merchants() {
				text := b.journal(export.Selection{Format: export.Hledger, Merchant: merchant})
				hledger(t, text, "check", "--strict")
				hledger(t, text, "check", "ordereddates", "payees")
				own := balances(t, hledger(t, text, "balance", "--flat", "--no-total", "-O", "csv"))
				for _, a := range ledger.MerchantAccounts(merchant) {
					side := "liabilities:"
					if a.Kind.Normal() == ledger.Debit {
						side = "assets:"
					}
					require.Equal(t, whole[side+a.String()], own[side+a.String()], "%s %s", merchant, a)
				}
				for account := range own {
					kind := strings.Split(account, ":")[1]
					require.Contains(t, []string{"merchants", "issuers", "card_value", "card_bonus", "card_pool", "circle"}, kind)
				}
			}
		})
	}
}
