package statement_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing/money"
)

func workbook(t *testing.T, s statement.Statement) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, "xlsx", s)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func raw(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	return rows
}

// minor reads an amount as the file holds it.
func minor(t *testing.T, text string) int64 {
	t.Helper()
	a, err := money.Parse(strings.TrimPrefix(text, "-"), cny)
	require.NoError(t, err)
	if strings.HasPrefix(text, "-") {
		return -a.Minor()
	}
	return a.Minor()
}

func TestAWorkbookAddsUpToTheCent(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "riverside")
	s := load(t, pool, alliance, "2026-10", "hotpot")
	require.NotZero(t, s.Count)
	f := workbook(t, s)
	require.Equal(t, []string{"Summary 汇总", "Counterparties 往来", "Lines 明细"}, f.GetSheetList())

	lines := raw(t, f, "Lines 明细")
	require.Len(t, lines, int(s.Count)+1)
	sum := int64(0)
	for i, l := range collect(t, s) {
		row := lines[i+1]
		sum += minor(t, row[11])
		require.Equal(t, l.Effect.Minor(), minor(t, row[11]))
		require.Equal(t, l.Balance.Minor(), minor(t, row[12]))
	}
	require.Equal(t, s.Movement.Minor(), sum)

	merchants := raw(t, f, "Counterparties 往来")
	sum = 0
	for _, row := range merchants[1 : len(merchants)-1] {
		sum += minor(t, row[5])
	}
	require.Equal(t, s.Movement.Minor(), sum)
	require.Equal(t, s.Movement.Minor(), minor(t, merchants[len(merchants)-1][5]))

	summary := make(map[string]string)
	for _, row := range raw(t, f, "Summary 汇总") {
		if len(row) > 2 {
			summary[row[0]] = row[2]
		}
	}
	require.Equal(t, s.Opening.Minor(), minor(t, summary["期初 Opening"]))
	require.Equal(t, s.Movement.Minor(), minor(t, summary["本期变动 Movement"]))
	require.Equal(t, s.Transfer.Minor(), minor(t, summary["结算 Transfer"]))
	require.Equal(t, s.Carried.Minor(), minor(t, summary["结转下期 Carried"]))
}

func TestAWorkbookShowsTheCurrencysDecimalsAndKeepsItsHeader(t *testing.T) {
	t.Parallel()
	f := workbook(t, madeUp(t, "店", "A"))
	shown, err := f.GetRows("Lines 明细")
	require.NoError(t, err)
	require.Equal(t, []string{"txn_1", "2026-10-01 00:00:00", "", "储值消费 Stored value spent", "其他 Own and other", "店", "A", "店", "店", "", "1.00", "1.00", "1.00"}, shown[1])
	kind, err := f.GetCellType("Lines 明细", "L2")
	require.NoError(t, err)
	require.Equal(t, excelize.CellTypeUnset, kind, "a number has no type of its own in the file")
	panes, err := f.GetPanes("Lines 明细")
	require.NoError(t, err)
	require.True(t, panes.Freeze)
	require.Equal(t, 1, panes.YSplit)
	width, err := f.GetColWidth("Lines 明细", "D")
	require.NoError(t, err)
	require.InDelta(t, 26, width, 0.01)
}

func TestAnAmountThatASpreadsheetWouldRoundIsAText(t *testing.T) {
	t.Parallel()
	for amount, kind := range map[int64]excelize.CellType{
		999_999_999_999_999:   excelize.CellTypeUnset,
		-999_999_999_999_999:  excelize.CellTypeUnset,
		1_000_000_000_000_001: excelize.CellTypeSharedString,
	} {
		s := madeUp(t, "店")
		s.Opening = yuan(amount)
		f := workbook(t, s)
		found := false
		for i, row := range raw(t, f, "Summary 汇总") {
			if len(row) == 0 || row[0] != "期初 Opening" {
				continue
			}
			found = true
			require.Equal(t, yuan(amount).String(), row[2])
			cell, err := excelize.CoordinatesToCellName(3, i+1)
			require.NoError(t, err)
			got, err := f.GetCellType("Summary 汇总", cell)
			require.NoError(t, err)
			require.Equal(t, kind, got, amount)
			break
		}
		require.True(t, found)
	}
}

func TestTextsInAWorkbookAreNoFormulas(t *testing.T) {
	t.Parallel()
	f := workbook(t, madeUp(t, "=HYPERLINK(\"x\")\x00", nasty...))
	rows := raw(t, f, "Lines 明细")
	require.Len(t, rows, len(nasty)+1)
	for i, row := range rows[1:] {
		cell, err := excelize.CoordinatesToCellName(7, i+2)
		require.NoError(t, err)
		formula, err := f.GetCellFormula("Lines 明细", cell)
		require.NoError(t, err)
		require.Empty(t, formula)
		kind, err := f.GetCellType("Lines 明细", cell)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeInlineString, kind)
		require.Equal(t, tame[i], row[6])
		require.Equal(t, "'=HYPERLINK(\"x\")\ufffd", row[7])
	}
}
