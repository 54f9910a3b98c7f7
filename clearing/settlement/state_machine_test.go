package settlement_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
)

// An arrow is one of the pictures in doc.go, as a person reads them.
type arrow[S ~string] struct {
	from S
	by   settlement.Cause
	to   S
}

var (
	phases   = []settlement.Phase{settlement.Closed, settlement.InReview, settlement.Approved, settlement.Paying, settlement.Settled}
	statuses = []settlement.Status{
		settlement.Due, settlement.PartPaid, settlement.Paid, settlement.Defaulted, settlement.Payable, settlement.Sent,
		settlement.Confirmed, settlement.Returned, settlement.Carried,
	}
	causes = []settlement.Cause{
		settlement.ReviewBegins, settlement.Consent, settlement.MoneyMoves, settlement.AllDone, settlement.PartArrives, settlement.AllArrives,
		settlement.GraceEnds, settlement.TakenBack, settlement.PutInRun, settlement.BankDid, settlement.BankDidPart, settlement.BankCouldnt,
		settlement.ReadyAgain,
	}
	phaseArrows = []arrow[settlement.Phase]{
		{settlement.Closed, settlement.ReviewBegins, settlement.InReview},
		{settlement.InReview, settlement.Consent, settlement.Approved},
		{settlement.Approved, settlement.MoneyMoves, settlement.Paying},
		{settlement.Approved, settlement.AllDone, settlement.Settled},
		{settlement.Paying, settlement.MoneyMoves, settlement.Paying},
		{settlement.Paying, settlement.AllDone, settlement.Settled},
		{settlement.Paying, settlement.BankCouldnt, settlement.Paying},
		{settlement.Settled, settlement.BankCouldnt, settlement.Paying},
		{settlement.Settled, settlement.MoneyMoves, settlement.Settled},
	}
	statusArrows = []arrow[settlement.Status]{
		{settlement.Due, settlement.PartArrives, settlement.PartPaid},
		{settlement.Due, settlement.AllArrives, settlement.Paid},
		{settlement.Due, settlement.GraceEnds, settlement.Defaulted},
		{settlement.Due, settlement.TakenBack, settlement.Carried},
		{settlement.PartPaid, settlement.PartArrives, settlement.PartPaid},
		{settlement.PartPaid, settlement.AllArrives, settlement.Paid},
		{settlement.PartPaid, settlement.GraceEnds, settlement.Defaulted},
		{settlement.Defaulted, settlement.PartArrives, settlement.Defaulted},
		{settlement.Defaulted, settlement.AllArrives, settlement.Paid},
		{settlement.Payable, settlement.PutInRun, settlement.Sent},
		{settlement.Payable, settlement.PartArrives, settlement.Payable},
		{settlement.Payable, settlement.AllArrives, settlement.Confirmed},
		{settlement.Payable, settlement.TakenBack, settlement.Carried},
		{settlement.Payable, settlement.BankCouldnt, settlement.Returned},
		{settlement.Sent, settlement.BankDid, settlement.Confirmed},
		{settlement.Sent, settlement.BankDidPart, settlement.Payable},
		{settlement.Sent, settlement.BankCouldnt, settlement.Returned},
		{settlement.Confirmed, settlement.BankCouldnt, settlement.Returned},
		{settlement.Returned, settlement.ReadyAgain, settlement.Payable},
	}
)

func TestASettlementMovesAsItsPictureSays(t *testing.T) {
	t.Parallel()
	machine(t, settlement.NextPhase, phases, phaseArrows, []settlement.Phase{settlement.Closed}, []settlement.Phase{settlement.Settled})
}

func TestAnObligationMovesAsItsPictureSays(t *testing.T) {
	t.Parallel()
	machine(t, settlement.NextStatus, statuses, statusArrows, []settlement.Status{settlement.Due, settlement.Payable},
		[]settlement.Status{settlement.Paid, settlement.Carried})
}

// machine compares a machine with its arrows, for every state and cause, and the
// arrows against what a life needs: every state is reached from a first one, and
// every state but a last one has a way on to another.
func machine[S ~string](t *testing.T, next func(S, settlement.Cause) (S, error), states []S, arrows []arrow[S], first, last []S) {
	t.Helper()
	for _, from := range states {
		for _, by := range append(slices.Clone(causes), "nothing of the kind") {
			i := slices.IndexFunc(arrows, func(a arrow[S]) bool { return a.from == from && a.by == by })
			to, err := next(from, by)
			if i < 0 {
				require.ErrorContains(t, err, fmt.Sprintf("%q is no way on from %q", by, from))
				require.Equal(t, from, to, "%s by %s", from, by)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, arrows[i].to, to, "%s by %s", from, by)
		}
	}
	reached := slices.Clone(first)
	for i := 0; i < len(reached); i++ {
		for _, a := range arrows {
			if a.from == reached[i] && !slices.Contains(reached, a.to) {
				reached = append(reached, a.to)
			}
		}
	}
	require.ElementsMatch(t, states, reached)
	for _, from := range states {
		on := slices.ContainsFunc(arrows, func(a arrow[S]) bool { return a.from == from && a.to != from })
		require.True(t, on || slices.Contains(last, from), "there is no way on from %s", from)
	}
}

func TestThePicturesNameEachState(t *testing.T) {
	t.Parallel()
	parsed, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	_, lives, found := strings.Cut(parsed.Doc.Text(), "# The life of a settlement")
	require.True(t, found)
	lives, _, found = strings.Cut(lives, "# What is booked where")
	require.True(t, found)
	pictures := regexp.MustCompile(`(?m)^\t.*$`).FindAllString(lives, -1)
	require.NotEmpty(t, pictures)
	drawn := make(map[string]bool)
	for _, line := range pictures {
		for _, word := range regexp.MustCompile(`[a-z_]+`).FindAllString(line, -1) {
			drawn[word] = true
		}
	}
	for _, s := range phases {
		require.True(t, drawn[string(s)], "no picture in doc.go has %q", s)
	}
	for _, s := range statuses {
		require.True(t, drawn[string(s)], "no picture in doc.go has %q", s)
	}
}
