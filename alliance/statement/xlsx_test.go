package statement_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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
	require.Len(t, lines, int(s.Count)+2, "a header, the lines, and their sum")
	require.Equal(t, s.Movement.Minor(), minor(t, lines[s.Count+1][11]))
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
		1_000_000_000_000_001: excelize.CellTypeInlineString,
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
	require.Len(t, rows, len(nasty)+2)
	for i, row := range rows[1 : len(rows)-1] {
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

// formula returns the formula of the cell in the first column's row of a name, and what
// the file says it comes to.
func formula(t *testing.T, f *excelize.File, sheet, name string, column int) (text, value string) {
	t.Helper()
	for i, row := range raw(t, f, sheet) {
		if len(row) == 0 || row[0] != name {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(column, i+1)
		require.NoError(t, err)
		text, err = f.GetCellFormula(sheet, cell)
		require.NoError(t, err)
		value, err = f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		kind, err := f.GetCellType(sheet, cell)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeUnset, kind, "the value that is kept is a number, not a text")
		worked, err := f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		want, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err)
		got, err := strconv.ParseFloat(worked, 64)
		require.NoError(t, err)
		require.InDelta(t, want, got, 0.0001, "%s %s: what the formula comes to", sheet, name)
		return text, value
	}
	t.Fatalf("%s has no row %q", sheet, name)
	return "", ""
}

func TestSumsAreFormulasThatHoldTheirResults(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool, al := played(t, "riverside")
	s := load(t, pool, al, "2026-10", "hotpot")
	f := workbook(t, s)
	for _, c := range []struct {
		sheet, name string
		column      int
		formula     string
		value       string
	}{
		{"Summary 汇总", "本期变动 Movement", 2, "SUM(B16:B22)", "306"},
		{"Summary 汇总", "本期变动 Movement", 3, "ROUND(SUM(C16:C22),2)", "-8490.22"},
		{"Summary 汇总", "结算 Transfer", 3, "ROUND(SUM(C24:C24),2)", "-8490.22"},
		{"Summary 汇总", "结转下期 Carried", 3, "ROUND(C15+C23-C25,2)", "0"},
		{"Counterparties 往来", "合计 Total", 4, "SUM(D2:D20)", "306"},
		{"Counterparties 往来", "合计 Total", 6, "ROUND(SUM(F2:F20),2)", "-8490.22"},
		{"Lines 明细", "合计 Total", 12, "ROUND(SUM(L2:L307),2)", "-8490.22"},
	} {
		text, value := formula(t, f, c.sheet, c.name, c.column)
		require.Equal(t, c.formula, text)
		require.Equal(t, c.value, value)
	}
}

// A sum of texts would be zero, so it is written out.
func TestASumOfWhatASpreadsheetWouldRoundIsNoFormula(t *testing.T) {
	t.Parallel()
	s := madeUp(t, "店")
	const large = 1_000_000_000_000_001
	s.Movements = []statement.Movement{{Type: "value.spent", Count: 13, Amount: yuan(large)}}
	s.Movement, s.Count = yuan(large), 13
	f := workbook(t, s)
	for i, row := range raw(t, f, "Summary 汇总") {
		if len(row) == 0 || row[0] != "本期变动 Movement" {
			continue
		}
		text, err := f.GetCellFormula("Summary 汇总", fmt.Sprintf("C%d", i+1))
		require.NoError(t, err)
		require.Empty(t, text)
		require.Equal(t, yuan(large).String(), row[2])
		return
	}
	t.Fatal("there is no movement")
}

func TestCountsHaveNoDecimals(t *testing.T) {
	t.Parallel()
	s := madeUp(t, "店", strings.Split("abcdefghijklm", "")...)
	f := workbook(t, s)
	shown, err := f.GetRows("Summary 汇总")
	require.NoError(t, err)
	require.Contains(t, shown, []string{"储值消费 Stored value spent", "13", "13.00"})
	require.Contains(t, shown, []string{"本期变动 Movement", "13", "13.00"})
	shown, err = f.GetRows("Counterparties 往来")
	require.NoError(t, err)
	require.Equal(t, []string{"其他 Own and other", "店", "shop", "13", "13.00", "13.00"}, shown[1])
	require.Equal(t, []string{"合计 Total", "", "", "13", "", "13.00"}, shown[2])
}

func TestInstantsAreDatesOfASpreadsheet(t *testing.T) {
	t.Parallel()
	f := workbook(t, madeUp(t, "店", "A"))
	for cell, want := range map[string]string{"Lines 明细!B2": "2026-10-01 00:00:00", "Summary 汇总!B7": "2026-10-01 00:00:00", "Summary 汇总!B8": "2026-11-01 00:00:00"} {
		sheet, at, _ := strings.Cut(cell, "!")
		shown, err := f.GetCellValue(sheet, at)
		require.NoError(t, err)
		require.Equal(t, want, shown, cell)
		number, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		_, err = strconv.ParseFloat(number, 64)
		require.NoError(t, err, "%s is %q: days since 1900", cell, number)
	}
}

func TestAWorkbookIsSetUpToBePrinted(t *testing.T) {
	t.Parallel()
	f := workbook(t, madeUp(t, "店", "A", "B"))
	for _, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		require.NoError(t, err)
		require.Equal(t, "landscape", *layout.Orientation, sheet)
		require.Equal(t, 9, *layout.Size, "A4")
		require.Equal(t, 1, *layout.FitToWidth)
		require.Zero(t, *layout.FitToHeight, "as many pages as it takes")
		properties, err := f.GetSheetProps(sheet)
		require.NoError(t, err)
		require.True(t, *properties.FitToPage)
	}
	titles := make(map[string]string)
	for _, name := range f.GetDefinedName() {
		titles[name.Name+" "+name.Scope] = name.RefersTo
	}
	require.Equal(t, map[string]string{
		"_xlnm.Print_Titles Counterparties 往来": "'Counterparties 往来'!$1:$1", "_xlnm.Print_Titles Lines 明细": "'Lines 明细'!$1:$1",
		"_xlnm._FilterDatabase Counterparties 往来": "'Counterparties 往来'!$A$1:$F$2", "_xlnm._FilterDatabase Lines 明细": "'Lines 明细'!$A$1:$M$3",
	}, titles)
	for path, filter := range map[string]string{"xl/worksheets/sheet2.xml": "$A$1:$F$2", "xl/worksheets/sheet3.xml": "$A$1:$M$3"} {
		require.Contains(t, string(file(t, written(t, "xlsx", madeUp(t, "店", "A", "B")), path)), `<autoFilter ref="`+filter+`">`)
	}
}

// Spreadsheets want columns in their order, and some refuse a file that has them in another.
func TestColumnsAreInTheirOrder(t *testing.T) {
	t.Parallel()
	text := string(file(t, written(t, "xlsx", madeUp(t, "店", "A")), "xl/worksheets/sheet3.xml"))
	last := 0
	for _, found := range regexp.MustCompile(`<col min="(\d+)"`).FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		require.Equal(t, last+1, n)
		last = n
	}
	require.Equal(t, 13, last)
}

func file(t *testing.T, workbook []byte, path string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	require.NoError(t, err)
	f, err := archive.Open(path)
	require.NoError(t, err)
	defer f.Close()
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return text
}

// A shop's October is printed on few pages: it went on more than four times as many when
// each column that didn't fit had pages of its own.
func TestAPrintedWorkbookTakesFewPages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("LibreOffice takes its time")
	}
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed, so a workbook can't be printed; Debian has it in libreoffice-calc-nogui")
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed; Debian has it in poppler-utils")
	}
	pool, al := played(t, "riverside")
	s := load(t, pool, al, "2026-10", "hotpot")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "hotpot.xlsx"), written(t, "xlsx", s), 0o600))
	out, err := exec.Command(program, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir,
		filepath.Join(dir, "hotpot.xlsx")).CombinedOutput()
	require.NoError(t, err, string(out))
	text, err := exec.Command(reader, "-layout", "-enc", "UTF-8", filepath.Join(dir, "hotpot.pdf"), "-").CombinedOutput()
	require.NoError(t, err, string(text))
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	require.LessOrEqual(t, len(pages), 8, "306 lines")
	headers := 0
	for _, page := range pages {
		if strings.Contains(page, "入账时间 Booked") {
			headers++
		}
	}
	require.Equal(t, len(pages)-2, headers, "each page of the lines has their header; two are of the other sheets")
}
