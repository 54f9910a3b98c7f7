package bankfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
)

// A date or an amount that goes on for megabytes is none, and takes no longer to refuse than to read.
func TestAValueOfMegabytesIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 15<<20)
	row := "id,date,amount\n1,2026-11-02,+1.00\n2,%s,%s\n"
	for name, c := range map[string]struct {
		content string
		problem string
	}{
		"a date":            {fmt.Sprintf(row, long, "+1.00"), bankfile.BadDate},
		"a date and a time": {fmt.Sprintf(row, "2026-11-02 "+long, "+1.00"), bankfile.BadDate},
		"an amount":         {fmt.Sprintf(row, "2026-11-02", "+"+long), bankfile.BadAmount},
		"decimals":          {fmt.Sprintf(row, "2026-11-02", "+1."+long), bankfile.BadAmount},
		"a camt date":       {camt(entry(one, "<BookgDt><Dt>2026-11-02"+long+"</Dt></BookgDt>")), bankfile.BadDate},
		"a camt amount":     {camt(entry(strings.Replace(one, "1.00", long, 1), "")), bankfile.BadAmount},
	} {
		begun := time.Now()
		file, err := bankfile.Read([]byte(c.content), bankfile.Options{Currency: cny})
		require.NoError(t, err, name)
		require.Less(t, time.Since(begun), 10*time.Second, name)
		lines := file.Statements[0].Lines
		broken := lines[len(lines)-1]
		require.NotNil(t, broken.Problem, name)
		require.Equal(t, c.problem, broken.Problem.Code, name)
		require.Less(t, len(broken.Problem.Reason), 600, name)
		t.Log(name, time.Since(begun))
	}
}
