package bankfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
)

// A date or an amount that goes on for megabytes is none, and takes no longer to refuse than to read.
func TestALongValueIsRefusedUnread(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 1<<20)
	row := "id,date,amount\n1,2026-11-02,+1.00\n2,%s,%s\n"
	for name, c := range map[string]struct {
		content string
		problem string
	}{
		"a date":                        {fmt.Sprintf(row, long, "+1.00"), bankfile.BadDate},
		"a date and a time":             {fmt.Sprintf(row, "2026-11-02 "+long, "+1.00"), bankfile.BadDate},
		"an amount":                     {fmt.Sprintf(row, "2026-11-02", "+"+long), bankfile.BadAmount},
		"decimals":                      {fmt.Sprintf(row, "2026-11-02", "+1."+long), bankfile.BadAmount},
		"a number that zeros make long": {fmt.Sprintf(row, "2026-11-02", "+"+strings.Repeat("0", 300)+"1.00"), bankfile.BadAmount}, // not read at all
		"a camt date":                   {camt(entry(one, "<BookgDt><Dt>2026-11-02"+long+"</Dt></BookgDt>")), bankfile.BadDate},
		"a camt amount":                 {camt(entry(strings.Replace(one, "1.00", long, 1), "")), bankfile.BadAmount},
	} {
		file, err := bankfile.Read([]byte(c.content), bankfile.Options{Currency: cny})
		require.NoError(t, err, name)
		lines := file.Statements[0].Lines
		broken := lines[len(lines)-1]
		require.NotNil(t, broken.Problem, name)
		require.Equal(t, c.problem, broken.Problem.Code, name)
		require.Less(t, len(broken.Problem.Reason), 600, name)
	}
}
