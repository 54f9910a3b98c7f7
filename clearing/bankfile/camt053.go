package bankfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// readCamt053 reads the statements of an ISO 20022 BankToCustomerStatement: any version of
// camt.053 from .02 on, in whatever envelope.
//
// Booked entries become lines, pending ones are counted, and those for information only are
// left out. A line's ID is the entry's NtryRef, its AcctSvcrRef, or that of its only
// transaction. An entry with several transactions becomes one line each, if their amounts are in
// the account's currency and add up to the entry's; otherwise it is one line that can't be
// booked, because the entry says what was moved, and not for whom.
//
// A line's reference is the EndToEndId, or the creditor reference if that is NOTPROVIDED. A
// reference of this clearing house that stands anywhere else in the entry is added to the text.
func readCamt053(content []byte, o Options) (*File, error) {
	d, err := newDocument(content)
	if err != nil {
		return nil, err
	}
	c := camt053{document: d, options: o}
	if err := c.read(); err != nil {
		return nil, err
	}
	return &File{Format: Camt053, Statements: c.statements}, nil
}

// camt053 reads one file.
type camt053 struct {
	*document
	options    Options
	statements []Statement
	lines      int // of all statements
}

// read reads every BkToCstmrStmt, wherever it stands: banks put messages into envelopes of their
// own, beside a header.
func (c *camt053) read() error {
	const message = "BkToCstmrStmt"
	messages := 0
	root := place{}
	for {
		token, err := c.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root.path == "" {
			root = c.here()
		}
		if start.Name.Local != message {
			continue
		}
		messages++
		err = c.each(func(start xml.StartElement) error {
			if start.Name.Local == "Stmt" {
				return c.statement()
			}
			return c.skip()
		})
		if err != nil {
			return err
		}
	}
	switch {
	case root.path == "":
		return c.here().errorf("the file has no elements; it should be a camt.053 message")
	case messages == 0:
		return root.errorf("the file has no %s; it should be a camt.053 message", message)
	case len(c.statements) == 0:
		return c.here().errorf("%s has no Stmt; a statement was expected", message)
	}
	return nil
}

// each calls f at the start of every child of the current element, and reads the element's
// end.
func (c *camt053) each(f func(xml.StartElement) error) error {
	for {
		token, err := c.next()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// statement reads the current Stmt, one entry at a time, so that a long statement is never
// in memory as elements.
func (c *camt053) statement() error {
	s := camtStatement{circle: c.options.Currency, Statement: Statement{Account: CompactAccount(c.options.Account)}}
	err := c.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "Id", "FrToDt", "Acct", "Bal", "Ntry":
		default:
			return c.skip()
		}
		e, err := c.keep(start)
		if err != nil {
			return err
		}
		before := len(s.Lines)
		s.take(e)
		if c.lines += len(s.Lines) - before; c.lines > MaxStatementLines {
			return e.errorf("the file has more than %d lines; ask the bank for a shorter period", MaxStatementLines)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.settleCurrency()
	c.statements = append(c.statements, s.Statement)
	return nil
}

// camtStatement is a statement that is being read.
type camtStatement struct {
	Statement
	circle money.Currency
	// openingIsOwn: the opening balance is this statement's, not that of the one before.
	openingIsOwn bool
}

func (s *camtStatement) take(e *element) {
	switch e.name {
	case "Id":
		s.ID = oneLine(visible(e.text))
	case "FrToDt":
		s.From, s.To = instantIn(e, "FrDtTm"), instantIn(e, "ToDtTm")
	case "Acct":
		for _, path := range [][]string{{"Id", "IBAN"}, {"Id", "Othr", "Id"}} {
			if account := CompactAccount(e.value(path...)); account != "" {
				s.Account = account
				break
			}
		}
		s.keptIn(e.value("Ccy"))
	case "Bal":
		s.balance(e)
	case "Ntry":
		s.entry(e)
	}
}

// keptIn sets the currency of the account, unless it is known already.
func (s *camtStatement) keptIn(code string) {
	if !s.Currency.IsZero() {
		return
	}
	if c, err := money.ParseCurrency(code); err == nil {
		s.Currency = c
	}
}

// settleCurrency takes the circle's currency for one that the statement never said.
func (s *camtStatement) settleCurrency() {
	if s.Currency.IsZero() {
		s.Currency = s.circle
	}
}

// balance takes the opening or closing balance. One that isn't understood is as one that the
// bank doesn't state: balances only confirm what the lines say.
func (s *camtStatement) balance(e *element) {
	amount := e.child("Amt")
	if amount == nil {
		return
	}
	s.keptIn(amount.currency)
	value, wrong := parseAmount(xmlDecimal(amount.text), s.Currency)
	credit, ok := direction(e)
	if s.Currency.IsZero() || amount.currency != s.Currency.Code() || wrong != "" || !ok {
		return
	}
	if !credit {
		value = value.Neg()
	}
	on, _ := dateIn(e.child("Dt"))
	b := &Balance{Amount: value, On: on}
	switch e.value("Tp", "CdOrPrtry", "Cd") {
	case "OPBD":
		s.Opening, s.openingIsOwn = b, true
	case "PRCD": // the closing balance of the statement before
		if !s.openingIsOwn {
			s.Opening = b
		}
	case "CLBD":
		s.Closing = b
	}
}

func instantIn(e *element, name string) time.Time {
	instant, err := xmlInstant(e.value(name))
	if err != nil || !plausible(instant) {
		return time.Time{}
	}
	return instant
}

func plausible(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }

// xmlInstant parses an xs:dateTime. Without an offset it is UTC.
func xmlInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if len(text) > longestValue {
			break
		}
		if instant, err := time.Parse(layout, text); err == nil {
			return instant, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no instant such as 2026-10-31T23:59:59+08:00", clip(text))
}
