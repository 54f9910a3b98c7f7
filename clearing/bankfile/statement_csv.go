package bankfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/lianka/lianka/clearing/money"
)

// ReadStatementCSV reads a statement as a bank's website exports it: a header line
// that names the columns in English or Chinese, then a line a movement, in UTF-8 with
// or without a byte order mark, or in GB18030 (GBK), which Chinese banks write. All
// amounts are in currency. The error is a [*FileError], or what r returned.
//
// Required are the columns date, id, and either amount (with a minus for what went out, or
// with a column direction) or credit and debit, of which each line fills one. Optional are
// reference, text, counterparty, returned, reason_code and reason. Others are ignored,
// because banks export many.
func ReadStatementCSV(r io.Reader, currency money.Currency) (Statement, error) {
	content, err := readFile(r)
	if err != nil {
		return Statement{}, err
	}
	if content, err = decodeChinese(content); err != nil {
		return Statement{}, err
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return Statement{}, csvError(err, "the file is empty; a header line was expected")
	}
	columns, err := statementColumns(header)
	if err != nil {
		return Statement{}, err
	}
	s := csvStatement{Statement: Statement{Currency: currency}, taken: map[string]int{}}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return s.Statement, nil
		}
		if err != nil {
			return Statement{}, csvError(err, "")
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		line, _ := reader.FieldPos(0)
		if len(s.Lines) == MaxStatementLines {
			return Statement{}, place{line: line}.errorf("the file has more than %d lines; ask the bank for a shorter period", MaxStatementLines)
		}
		if err := s.take(csvRow{line, cells, columns}); err != nil {
			return Statement{}, err
		}
	}
}

// decodeChinese returns the content as UTF-8. Content that is not UTF-8 is read as GB18030,
// of which GBK and GB2312 are subsets. Text that is valid in both is ASCII, or its column
// names are garbled and refused.
func decodeChinese(content []byte) ([]byte, error) {
	if utf8.Valid(content) {
		return bytes.TrimPrefix(content, []byte(byteOrderMark)), nil
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return nil, &FileError{Reason: "the file is neither UTF-8 nor GB18030; save it as CSV UTF-8"}
	}
	return decoded, nil
}

// csvError turns an error of the CSV reader into a FileError.
func csvError(err error, empty string) error {
	if errors.Is(err, io.EOF) {
		return &FileError{Reason: empty}
	}
	var wrong *csv.ParseError
	if !errors.As(err, &wrong) {
		return &FileError{Reason: err.Error()}
	}
	if errors.Is(wrong.Err, csv.ErrFieldCount) {
		return &FileError{Line: wrong.Line, Reason: "has another number of cells than the header; an amount with a comma in it must stand in quotes"}
	}
	return &FileError{Line: wrong.Line, Reason: wrong.Err.Error()}
}

// csvStatement is a statement that is being read.
type csvStatement struct {
	Statement
	taken map[string]int // lines by their IDs
}

func (s *csvStatement) take(row csvRow) error {
	on, err := row.date("date")
	if err != nil {
		return err
	}
	id := row.text("id")
	if id == "" {
		return row.at("id").errorf("is empty; each line has the bank's own number")
	}
	amount, credit, err := row.movement(s.Currency)
	if err != nil {
		return err
	}
	returned, err := row.yes("returned")
	if err != nil {
		return err
	}
	if s.From.IsZero() || on.Before(s.From) {
		s.From = on
	}
	if on.After(s.To) {
		s.To = on
	}
	return s.add(Line{
		ID: id, BookedOn: on, Credit: credit, Amount: amount, Reference: row.text("reference"), Text: row.text("text"),
		Counterparty: row.text("counterparty"), Returned: returned, ReasonCode: row.text("reason_code"), Reason: row.text("reason"),
	}, s.taken, row.at("id"))
}

// csvRow is a line of the file with its columns by name.
type csvRow struct {
	line    int
	cells   []string
	columns map[string][]int
}

func (r csvRow) at(column string) place { return place{r.line, column} }

// text returns what stands in a column, or in those of the same meaning.
func (r csvRow) text(column string) string {
	var texts []string
	for _, n := range r.columns[column] {
		texts = append(texts, r.cells[n])
	}
	return oneLine(texts...)
}

var (
	dateLayouts = [...]string{"2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日"}
	timeLayouts = [...]string{"", " 15:04", " 15:04:05", " 150405", "T15:04:05"}
	thousands   = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)
)

func (r csvRow) date(column string) (time.Time, error) {
	text := r.text(column)
	for _, date := range dateLayouts {
		for _, clock := range timeLayouts {
			if on, err := time.Parse(date+clock, text); err == nil {
				return midnight(on), nil
			}
		}
	}
	return time.Time{}, r.at(column).errorf("%q is no date such as 2026-10-31, 2026/10/31, 20261031 or 2026年10月31日", clip(text))
}

// movement returns the amount of a line and whether it came in.
func (r csvRow) movement(c money.Currency) (amount money.Amount, credit bool, err error) {
	if r.columns["credit"] != nil {
		return r.eitherColumn(c)
	}
	text := r.text("amount")
	sign := ""
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		sign, text = text[:1], text[1:]
	}
	if amount, err = r.amount("amount", text, c); err != nil {
		return amount, false, err
	}
	if amount.IsZero() {
		return amount, false, r.at("amount").errorf("is 0; a line moves money")
	}
	if r.columns["direction"] == nil {
		return amount, sign != "-", nil
	}
	if sign != "" {
		return amount, false, r.at("amount").errorf("has a sign beside a column that says the direction; only one of them can be right")
	}
	switch direction := strings.ToLower(r.text("direction")); direction {
	case "credit", "crdt", "cr", "c", "in", "贷", "贷方", "收", "收入", "转入", "入账":
		return amount, true, nil
	case "debit", "dbit", "dr", "d", "out", "借", "借方", "支", "付", "支出", "转出", "出账":
		return amount, false, nil
	default:
		return amount, false, r.at("direction").errorf("%q is neither credit (贷) nor debit (借)", clip(direction))
	}
}

// eitherColumn reads a line with its amount in one of two columns.
func (r csvRow) eitherColumn(c money.Currency) (money.Amount, bool, error) {
	amounts := map[string]money.Amount{}
	for _, column := range []string{"credit", "debit"} {
		amount, text := c.Zero(), r.text(column)
		if text != "" && text != "-" {
			var err error
			if amount, err = r.amount(column, text, c); err != nil {
				return amount, false, err
			}
		}
		amounts[column] = amount
	}
	if amounts["credit"].IsZero() == amounts["debit"].IsZero() {
		return c.Zero(), false, place{line: r.line}.errorf("one of credit (收入) and debit (支出) has an amount, not both and not neither")
	}
	if amounts["debit"].IsZero() {
		return amounts["credit"], true, nil
	}
	return amounts["debit"], false, nil
}

func (r csvRow) amount(column, text string, c money.Currency) (money.Amount, error) {
	if thousands.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	return r.at(column).amount(text, c)
}

func (r csvRow) yes(column string) (bool, error) {
	switch text := strings.ToLower(r.text(column)); text {
	case "", "0", "n", "no", "false", "否", "正常":
		return false, nil
	case "1", "y", "yes", "true", "是", "退票", "已退票":
		return true, nil
	default:
		return false, r.at(column).errorf("%q is neither yes (是) nor no (否)", clip(text))
	}
}
