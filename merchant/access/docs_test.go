package access_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
)

// shown are the roles that may do something, in the order of the page's columns.
var shown = []access.Role{access.Organiser, access.Owner, access.Cashier, access.Leaver, access.Member}

// TestThePageListsWhoMayDoWhat compares docs/access.md with the tables.
func TestThePageListsWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/access.md")
	require.NoError(t, err)
	var may, sees strings.Builder
	may.WriteString("| operation | organiser | owner | cashier | leaver | member |\n|---|---|---|---|---|---|\n")
	for _, p := range access.Permissions() {
		may.WriteString("| `" + p.Operation + "` |")
		for _, role := range shown {
			may.WriteString(" " + cell(string(p.Reach[role])) + " |")
		}
		may.WriteString("\n")
	}
	sees.WriteString("| what | organiser | owner | cashier | leaver | member | own means |\n|---|---|---|---|---|---|---|\n")
	for _, v := range access.Visibilities() {
		sees.WriteString("| " + v.What + " |")
		for _, role := range shown {
			sees.WriteString(" " + cell(string(v.Sight[role])) + " |")
		}
		sees.WriteString(" " + v.Own + " |\n")
	}
	require.Contains(t, string(page), may.String()+"\n", "in docs/access.md")
	require.Contains(t, string(page), sees.String(), "in docs/access.md")
}

func cell(word string) string {
	if word == "" {
		return "–"
	}
	return word
}
