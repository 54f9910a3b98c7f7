package ledger_test

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

const sealedAlliance = 42

var sealedAfter = ledger.Hash{1, 2, 3}

// sealed returns a transaction with something in every field.
func sealed() ledger.Transaction {
	cny := money.MustCurrency("CNY")
	return ledger.Transaction{
		Seq: 17, Type: "value.spent", BookedAt: time.Date(2026, 10, 1, 9, 0, 0, 123_456_000, time.UTC), Period: "2026-10", Terms: 2,
		Card: "card", Merchant: "cafe", Home: "hotpot", Member: "mei", Corrects: 3, Previous: 16, Facts: json.RawMessage(`{"amount":100}`),
		Links: []ledger.Link{{Merchant: "cafe", Previous: 12}, {Merchant: "hotpot"}},
		Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: ledger.CardValue, Owner: "card"}, Amount: cny.Minor(100)},
			{Account: ledger.Account{Kind: ledger.Organiser}, Amount: cny.Minor(-2)},
			{Account: ledger.Account{Kind: ledger.Merchants, Owner: "cafe"}, Amount: cny.Minor(-98)},
		},
	}
}

// People keep hashes as evidence, so how they are computed may change only together with the
// domain separator.
func TestSealNeverChanges(t *testing.T) {
	t.Parallel()
	transaction := sealed()
	hash := transaction.Seal(sealedAlliance, sealedAfter)
	require.Equal(t, "e25899e2a84b329e1ae643458134073594be85be7065f3524f806aecf6626e83", hex.EncodeToString(hash[:]))
	require.Equal(t, hash, transaction.Seal(sealedAlliance, sealedAfter))

	transaction.BookedAt = transaction.BookedAt.In(time.FixedZone("elsewhere", 8*60*60))
	require.Equal(t, hash, transaction.Seal(sealedAlliance, sealedAfter), "the instant counts, not where it is told")
	transaction.Hash = hash
	require.Equal(t, hash, transaction.Seal(sealedAlliance, sealedAfter), "the hash is not in itself")
}

func TestSealCoversEveryField(t *testing.T) {
	t.Parallel()
	changes := map[string][]func(*ledger.Transaction){
		"Seq":      {func(x *ledger.Transaction) { x.Seq++ }},
		"Type":     {func(x *ledger.Transaction) { x.Type = "pass.used" }},
		"BookedAt": {func(x *ledger.Transaction) { x.BookedAt = x.BookedAt.Add(time.Microsecond) }},
		"Period":   {func(x *ledger.Transaction) { x.Period = "2026-11" }},
		"Terms":    {func(x *ledger.Transaction) { x.Terms = 1 }},
		"Card":     {func(x *ledger.Transaction) { x.Card = "" }},
		"Merchant": {
			func(x *ledger.Transaction) { x.Merchant = "" },
			func(x *ledger.Transaction) { x.Merchant, x.Home = x.Home, x.Merchant },
			func(x *ledger.Transaction) { x.Merchant, x.Home = x.Merchant+"h", x.Home[1:] }, // the same text in sum
		},
		"Home":     {func(x *ledger.Transaction) { x.Home = "" }},
		"Member":   {func(x *ledger.Transaction) { x.Member = "li" }},
		"Corrects": {func(x *ledger.Transaction) { x.Corrects = 0 }, func(x *ledger.Transaction) { x.Corrects, x.Previous = x.Previous, x.Corrects }},
		"Previous": {func(x *ledger.Transaction) { x.Previous = 0 }},
		"Facts":    {func(x *ledger.Transaction) { x.Facts = json.RawMessage(`{"amount":101}`) }, func(x *ledger.Transaction) { x.Facts = nil }},
		"Entries": {
			func(x *ledger.Transaction) { x.Entries = nil },
			func(x *ledger.Transaction) { x.Entries = x.Entries[:2] },
			func(x *ledger.Transaction) { x.Entries[0], x.Entries[1] = x.Entries[1], x.Entries[0] },
			func(x *ledger.Transaction) { x.Entries[0].Account.Kind = ledger.CardBonus },
			func(x *ledger.Transaction) { x.Entries[0].Account.Owner = "other" },
			func(x *ledger.Transaction) { x.Entries[0].Amount = x.Entries[0].Amount.Neg() },
		},
	}
	changes["Links"] = []func(*ledger.Transaction){
		func(x *ledger.Transaction) { x.Links = nil },
		func(x *ledger.Transaction) { x.Links = x.Links[:1] },
		func(x *ledger.Transaction) { x.Links[0].Merchant = "gym" },
		func(x *ledger.Transaction) { x.Links[0].Previous = 11 },
	}
	original := sealed()
	seen := map[ledger.Hash]string{original.Seal(sealedAlliance, sealedAfter): "the original"}
	differs := func(what string, hash ledger.Hash) {
		require.Empty(t, seen[hash], "%s has the same hash", what)
		seen[hash] = what
	}
	differs("another circle", original.Seal(sealedAlliance+1, sealedAfter))
	differs("another predecessor", original.Seal(sealedAlliance, ledger.Hash{1, 2, 4}))
	for _, field := range reflect.VisibleFields(reflect.TypeFor[ledger.Transaction]()) {
		if field.Name == "Hash" || field.Name == "Late" { // the one is the result, the other is in the facts
			continue
		}
		require.NotEmpty(t, changes[field.Name], "no test changes the field %s", field.Name)
		for _, change := range changes[field.Name] {
			changed := sealed()
			change(&changed)
			differs("a change of "+field.Name, changed.Seal(sealedAlliance, sealedAfter))
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	transaction := sealed()
	var hash ledger.Hash
	b.ReportAllocs()
	for b.Loop() {
		hash = transaction.Seal(sealedAlliance, hash)
	}
}
