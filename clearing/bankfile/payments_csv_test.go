package bankfile_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
)

func TestPaymentsCSVIsWhatEBankingTakes(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	require.NoError(t, bankfile.WritePaymentsCSV(&first, instruction(t)))
	golden(t, "payments.csv", first.Bytes())
	require.NoError(t, bankfile.WritePaymentsCSV(&second, instruction(t)))
	require.Equal(t, first.Bytes(), second.Bytes(), "the same instruction makes the same bytes")
	require.True(t, bytes.HasPrefix(first.Bytes(), []byte("\xef\xbb\xbf")), "Excel needs the byte order mark")
	require.Equal(t, strings.Count(first.String(), "\n"), strings.Count(first.String(), "\r\n"), "RFC 4180 ends lines with CR LF")
}

func TestASpreadsheetChangesNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+86": "'+86", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\x20=1": "'\x20=1", "\u3000=1": "'\u3000=1", "＝1": "'＝1",
		"a=1": "a=1", "2026年10月": "2026年10月", "a,\"b\"": "a,\"b\"", "": "",
	} {
		i := instruction(t)
		i.Payments = i.Payments[:1]
		i.Payments[0].Remittance = text
		if text != "" {
			i.Payments[0].Payee.Holder, i.Payments[0].Payee.Bank = text, text
		}
		row := paymentRow(t, i)
		require.Equal(t, want, row[7], text)
		if text != "" {
			require.Equal(t, want, row[1])
			require.Equal(t, want, row[3])
		}
	}
	for number, want := range map[string]string{
		"6222021234567890128": "6222021234567890128\t", "0012345": "0012345\t", "1-2-2026": "1-2-2026\t", "6222 0212 3456": "622202123456\t",
		"AB123": "AB123",
	} {
		i := instruction(t)
		i.Payments = i.Payments[:1]
		i.Payments[0].Payee.Number, i.Payments[0].Reference = number, number
		row := paymentRow(t, i)
		require.Equal(t, want, row[2])
		require.Equal(t, "308584000013\t", row[4])
		require.Equal(t, strings.ReplaceAll(want, " ", ""), strings.ReplaceAll(row[8], " ", ""))
	}
}

// paymentRow returns the first payment's cells as a reader of CSV has them.
func paymentRow(t *testing.T, i bankfile.Instruction) []string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, bankfile.WritePaymentsCSV(&b, i))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2)
	return rows[1]
}
