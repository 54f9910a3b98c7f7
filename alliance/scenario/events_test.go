package scenario_test

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// read returns all events of a text, or the error.
func read(text string) ([]scenario.Event, error) {
	r := scenario.NewReader(alliance.Standard(), "events.jsonl", strings.NewReader(text), "till")
	var events []scenario.Event
	for {
		event, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, event)
	}
}

// one reads a text of one event, of which the head is given.
func one(t *testing.T, rest string) scenario.Event {
	t.Helper()
	events, err := read(`{"at":"2026-10-01T09:00:00+08:00","id":"e1",` + rest + `}`)
	require.NoError(t, err, rest)
	require.Len(t, events, 1)
	return events[0]
}

func text(s string) *string { return &s }

func TestEventsBecomeCommands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]alliance.Command{
		`"type":"card.sold","card":"c","member":"m","product":"p"`: alliance.SellCard{Card: "c", Member: "m", Product: "p"},
		`"type":"card.sold","card":"c","member":"m","product":"p","merchant":"s","referrer":""`: alliance.SellCard{
			Card: "c", Member: "m", Product: "p", Merchant: text("s"), Referrer: text("")},
		`"type":"card.topped_up","card":"c","amount":"1"`: alliance.TopUp{Card: "c", Amount: "1"},
		`"type":"card.topped_up","card":"c","amount":"1","merchant":"s","bonus":"0","bonus_funded_by":"merchant"`: alliance.TopUp{
			Card: "c", Amount: "1", Merchant: text("s"), Bonus: text("0"), BonusFundedBy: alliance.FundedByMerchant},
		`"type":"value.spent","card":"c","merchant":"s","amount":"-1e5 元"`:                  alliance.SpendValue{Card: "c", Merchant: "s", Amount: "-1e5 元"},
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b"`:                        alliance.UsePass{Card: "c", Merchant: "s", Benefit: "b", Count: 1},
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b","count":0`:              alliance.UsePass{Card: "c", Merchant: "s", Benefit: "b"},
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b","count":3`:              alliance.UsePass{Card: "c", Merchant: "s", Benefit: "b", Count: 3},
		`"type":"coupon.used","card":"c","merchant":"s","benefit":"b","bill":"9.90"`:        alliance.UseCoupon{Card: "c", Merchant: "s", Benefit: "b", Bill: "9.90"},
		`"type":"purchase.recorded","card":"c","merchant":"s","bill":""`:                    alliance.RecordPurchase{Card: "c", Merchant: "s"},
		`"type":"points.spent","card":"c","merchant":"s","points":-7`:                       alliance.SpendPoints{Card: "c", Merchant: "s", Points: -7},
		`"type":"points.spent","card":"c","merchant":"s","points":-0`:                       alliance.SpendPoints{Card: "c", Merchant: "s"},
		`"type":"points.spent","card":"c","merchant":"s","points":9223372036854775807`:      alliance.SpendPoints{Card: "c", Merchant: "s", Points: math.MaxInt64},
		`"type":"points.spent","card":"c","merchant":"s","points":99999999999999999999999`:  alliance.SpendPoints{Card: "c", Merchant: "s", Points: math.MaxInt64},
		`"type":"points.spent","card":"c","merchant":"s","points":-99999999999999999999999`: alliance.SpendPoints{Card: "c", Merchant: "s", Points: math.MinInt64},
		`"type":"reversed","of":"e0"`:                                                       alliance.Reverse{Of: alliance.Reference{Caller: "till", Key: "e0"}},
		`"type":"reversed","of":"e0","amount":"1.00"`:                                       alliance.Reverse{Of: alliance.Reference{Caller: "till", Key: "e0"}, Amount: text("1.00")},
		`"type":"card.frozen","card":"c"`:                                                   alliance.FreezeCard{Card: "c"},
		`"type":"card.unfrozen","card":"滨\"\\\/\u6ee8"`:                                     alliance.UnfreezeCard{Card: "滨\"\\/滨"},
		`"type":"card.unfrozen","card":"\uff18\uff18０１"`:                                    alliance.UnfreezeCard{Card: "8801"},
		`"type":"card.unfrozen","card":"e\u0301"`:                                           alliance.UnfreezeCard{Card: "é"},
		`"type":"card.unfrozen","card":""`:                                                  alliance.UnfreezeCard{Card: ""},
		`"type":"card.unfrozen","card":"` + strings.Repeat("x", 128) + `"`:                  alliance.UnfreezeCard{Card: strings.Repeat("x", 128)},
		`"type":"card.unfrozen","card":"\ud83C\udf72 🍲"`:                                    alliance.UnfreezeCard{Card: "🍲 🍲"},
		`"type":"reversed","of":"e0","amount":"\n\b\f\r\t\u0001\ufffd"`:                     alliance.Reverse{Of: alliance.Reference{Caller: "till", Key: "e0"}, Amount: text("\n\b\f\r\t\x01\ufffd")},
		`"type":"reversed","of":"\n\u0001 e"`:                                               alliance.Reverse{Of: alliance.Reference{Caller: "till", Key: "\n\x01 e"}},
		`"ty\u0070e":"card\u002efrozen","card":"c"`:                                         alliance.FreezeCard{Card: "c"},
	} {
		event := one(t, line)
		require.Equal(t, want, event.Command, line)
		require.Equal(t, "e1", event.ID)
		require.Equal(t, 1, event.Line)
	}
}

func TestTimesAreUTCToTheMicrosecond(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"2026-10-01T00:00:00+08:00":           "2026-09-30T16:00:00Z",
		"2026-10-01T00:00:00Z":                "2026-10-01T00:00:00Z",
		"2026-10-01T00:00:00-00:00":           "2026-10-01T00:00:00Z",
		"2026-10-01T00:00:00.1Z":              "2026-10-01T00:00:00.1Z",
		"2026-10-01T00:00:00.123456999Z":      "2026-10-01T00:00:00.123456Z",
		"2026-10-01T00:00:00.12345699999999Z": "2026-10-01T00:00:00.123456Z",
		"1969-12-31T23:59:59.9999999Z":        "1969-12-31T23:59:59.999999Z",
		"1000-01-01T00:00:00.9999999Z":        "1000-01-01T00:00:00.999999Z",
		"2028-02-29T23:59:59+23:59":           "2028-02-29T00:00:59Z",
	} {
		events, err := read(`{"at":"` + written + `","id":"","type":"card.frozen","card":""}`)
		require.NoError(t, err, written)
		require.Equal(t, want, events[0].At.Format(time.RFC3339Nano))
		require.Equal(t, time.UTC, events[0].At.Location())
	}
}

const frozen = `{"at":"2026-10-01T09:00:00+08:00","id":"e1","type":"card.frozen","card":"c"}`

func TestLinesMayEndInAnyWayThatJSONAllows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                                   0,
		frozen:                               1,
		frozen + "\n":                        1,
		frozen + "\n" + frozen:               2,
		frozen + "\r\n" + frozen + " \t\r\n": 2,
		"\t{ \"at\" : \"2026-10-01T09:00:00+08:00\",\r\"id\": \"e1\" , \"type\": \"card.frozen\", \"card\"\t: \"c\" } \n": 1,
	} {
		events, err := read(text)
		require.NoError(t, err, text)
		require.Len(t, events, want)
		for i, event := range events {
			require.Equal(t, i+1, event.Line)
			require.Equal(t, one(t, `"type":"card.frozen","card":"c"`).Hash, event.Hash)
		}
	}
}

func TestHashIsThatOfTheContent(t *testing.T) {
	t.Parallel()
	same := []string{
		`"type":"card.topped_up","card":"c","amount":"1.00","merchant":"/é🍲"`,
		`"merchant":"\/\u00e9\ud83c\udf72",  "amount" : "1.00","type":"card.topped\u005fup", "\u0063ard":"c"`,
		`"type":"card.topped_up","card":"ｃ","amount":"1.00","merchant":"／e\u0301🍲"`, // the same codes
	}
	other := []string{
		`"type":"card.topped_up","card":"c","amount":"1.0","merchant":"/é🍲"`,
		`"type":"card.topped_up","card":"c","amount":"1.00e\u0301","merchant":"/é🍲"`,
		`"type":"card.topped_up","card":"c","amount":"1.00\u00e9","merchant":"/é🍲"`,
		`"type":"card.topped_up","card":"C","amount":"1.00","merchant":"/é🍲"`,
		`"type":"card.topped_up","card":"c","amount":"1.00"`,
		`"type":"card.topped_up","card":"c","amount":"1.00","merchant":"/é🍲","bonus_funded_by":"organiser"`,
		`"type":"card.topped_up","card":"c","amount":"1.00","merchant":"/é🍲","bonus":""`,
		`"type":"card.topped_up","card":"c","amount":"1.00","merchant":"/é🍲","bonus":"0"`,
		`"type":"card.topped_up","card":"","amount":"1.00","merchant":"c/é🍲"`,
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b"`,
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b","count":1`,
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b","count":99999999999999999999`,
		`"type":"pass.used","card":"c","merchant":"s","benefit":"b","count":99999999999999999998`,
		`"type":"card.frozen","card":"c"`,
		`"type":"card.unfrozen","card":"c"`,
	}
	require.Equal(t, one(t, same[0]).Hash, one(t, same[1]).Hash)
	require.Equal(t, one(t, same[0]).Hash, one(t, same[2]).Hash)
	require.Equal(t, one(t, `"type":"points.spent","card":"c","merchant":"s","points":0`).Hash,
		one(t, `"type":"points.spent","card":"c","merchant":"s","points":-0`).Hash)
	seen := map[[32]byte]string{one(t, same[0]).Hash: same[0]}
	for _, line := range other {
		hash := one(t, line).Hash
		require.Empty(t, seen[hash], line)
		seen[hash] = line
	}
	for _, line := range []string{
		strings.Replace(frozen, "e1", "e2", 1),
		strings.Replace(frozen, "09:00:00+08:00", "01:00:00Z", 1), // the same instant, written otherwise
	} {
		events, err := read(line)
		require.NoError(t, err)
		require.Empty(t, seen[events[0].Hash], line)
	}
}

func TestScenariosHaveEvents(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]int{"corners": 41, "riverside": 3116, "at-use": 469} {
		data, err := os.ReadFile(filepath.Join("testdata", folder, "events.jsonl"))
		require.NoError(t, err)
		events, err := read(string(data))
		require.NoError(t, err, folder)
		require.Len(t, events, want, folder)
		for i, event := range events {
			require.Equal(t, i+1, event.Line)
			require.NotNil(t, event.Command)
			require.False(t, i > 0 && event.At.Before(events[i-1].At))
		}
	}
}

func TestLinesAreReadHoweverTheyArrive(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "corners", "events.jsonl"))
	require.NoError(t, err)
	want, err := read(string(data))
	require.NoError(t, err)
	r := scenario.NewReader(alliance.Standard(), "events.jsonl", iotest.OneByteReader(strings.NewReader(string(data))), "till")
	for _, event := range want {
		got, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, event, got)
	}
	for range 2 {
		_, err = r.Next()
		require.Equal(t, io.EOF, err)
	}
}
