package alliance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// TestTheDocumentationListsTheFieldsOfEachEvent compares the table in docs/rules.md with
// the registry.
func TestTheDocumentationListsTheFieldsOfEachEvent(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	listed := make(map[string]string)
	tables := strings.Split(string(text), "| fields (`?`: optional) |")[1:]
	require.Len(t, tables, 2)
	for _, table := range tables {
		rows := 0
		for line := range strings.Lines(table) {
			cells := strings.Split(line, "|")
			if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
				if rows > 0 {
					break
				}
				continue
			}
			rows++
			fields, _, _ := strings.Cut(strings.TrimSpace(cells[2]), " (")
			for name := range strings.SplitSeq(cells[1], ",") {
				listed[strings.Trim(name, " `")] = fields
			}
		}
	}
	want := make(map[string]string)
	for _, kind := range alliance.Standard().Kinds() {
		if kind.Command != nil {
			want[string(kind.Type)] = kind.Command.Describe()
		}
	}
	require.Equal(t, want, listed)
}

func TestARegistryRefusesKindsThatAreIncompleteOrNamedTwice(t *testing.T) {
	t.Parallel()
	whole := func() *alliance.Kind { return alliance.Standard().Kind(alliance.CardFrozen) }
	for name, change := range map[string]func(k *alliance.Kind){
		"no type":               func(k *alliance.Kind) { k.Type = "" },
		"no Chinese label":      func(k *alliance.Kind) { k.Label = ledger.Label{English: "Frozen"} },
		"neither asked nor due": func(k *alliance.Kind) { k.Command = nil },
		"both asked and due":    func(k *alliance.Kind) { k.Due = alliance.Standard().Kind(alliance.CardExpired).Due },
		"no decision": func(k *alliance.Kind) {
			k.Command = &alliance.CommandKind{Read: k.Command.Read, Names: k.Command.Names}
		},
	} {
		kind := *whole()
		change(&kind)
		require.Panics(t, func() { alliance.NewRegistry(&kind) }, name)
	}
	require.Panics(t, func() { alliance.NewRegistry(whole(), whole()) }, "twice")
	require.NotPanics(t, func() { alliance.NewRegistry(whole()) })
}

// TestDueWorkIsDoneInTheOrderOfItsRanks pins the table in order.go: what is due at one
// instant is done in this order, whatever order it was scheduled in.
func TestDueWorkIsDoneInTheOrderOfItsRanks(t *testing.T) {
	t.Parallel()
	work := []alliance.DueWork{
		{At: opened, Rank: alliance.RankConsequence, Subject: 9},
		{At: opened, Rank: alliance.RankRelease, Subject: 3, Part: 1},
		{At: opened, Rank: alliance.RankRelease, Subject: 3, Part: 2},
		{At: opened, Rank: alliance.RankRelease, Subject: 7, Part: 1},
		{At: opened, Rank: alliance.RankExpiry, Subject: 1},
		{At: opened.AddDate(0, 0, 1), Rank: alliance.RankRelease, Subject: 2, Part: 1},
	}
	var agenda alliance.Agenda
	for _, i := range []int{4, 2, 5, 0, 3, 1} {
		agenda.Push(work[i])
	}
	agenda.Push(alliance.DueWork{At: opened, Rank: alliance.RankExpiry, Subject: 99})
	agenda.Drop(alliance.DueKey{Rank: alliance.RankExpiry, Subject: 99})
	for _, want := range work {
		got, ok := agenda.Pop()
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	_, ok := agenda.Pop()
	require.False(t, ok)
}
