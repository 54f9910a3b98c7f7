package settlement_test

import (
	"fmt"
	"strings"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

// entries writes a transaction's entries, one a line: account and amount, debit
// positive; those on one account are added up.
func entries(a settlement.Posting) []string {
	var order []ledger.Account
	sums := make(map[ledger.Account]money.Amount)
	for _, e := range a.Entries {
		if _, ok := sums[e.Account]; !ok {
			order = append(order, e.Account)
			sums[e.Account] = e.Amount.Currency().Zero()
		}
		sums[e.Account], _ = sums[e.Account].Add(e.Amount)
	}
	lines := make([]string, 0, len(order))
	for _, account := range order {
		lines = append(lines, account.String()+" "+sums[account].String())
	}
	return lines
}

// events writes a transaction's events, one a line: type, period, whom it concerns,
// and what the keys say.
func events(a settlement.Posting, keys ...string) []string {
	lines := make([]string, 0, len(a.Events))
	for _, e := range a.Events {
		words := []string{e.Type}
		for _, word := range []string{e.Party, e.Member} {
			if word != "" {
				words = append(words, word)
			}
		}
		for _, key := range keys {
			if e.Data[key] != "" {
				words = append(words, key+"="+e.Data[key])
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// obligation writes where an obligation is: its status, and each of its amounts
// that is not zero, in minor units.
func obligation(o *settlement.Obligation) string {
	text := string(o.Status)
	for _, part := range []struct {
		name   string
		amount money.Amount
	}{{"held", o.Disputed}, {"carried", o.Carried}, {"paid", o.Paid}, {"sent", o.Sent}, {"drawn", o.Drawn}, {"outstanding", o.Outstanding()}} {
		if !part.amount.IsZero() {
			text += fmt.Sprintf(" %s=%d", part.name, part.amount.Minor())
		}
	}
	return text
}
