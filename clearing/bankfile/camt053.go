package bankfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// ReadCamt053 reads the statements of an ISO 20022 BankToCustomerStatement: any
// version of camt.053 from .02 on. The error is a [*FileError], or what r returned.
//
// Booked entries become lines, pending ones are counted, and those for information only are
// left out. A line's ID is the entry's NtryRef, its AcctSvcrRef, or that of its only
// transaction; without any of them it is "#" and the position in the statement, from 1. An
// entry with several transactions becomes one line each, with "/" and the transaction's
// position after the entry's ID, if their amounts are in the account's currency and add up
// to the entry's. Otherwise it stays one line, because the entry says what was moved.
//
// A line's reference is the EndToEndId, or the creditor reference if that is NOTPROVIDED. A
// creditor reference that is not the line's reference is added to the text, so that it can
// be found there.
func ReadCamt053(r io.Reader) ([]Statement, error) {
	content, err := readFile(r)
	if err != nil {
		return nil, err
	}
	c := camt053{document: newDocument(content)}
	if err := c.read(); err != nil {
		return nil, err
	}
	return c.statements, nil
}

// camt053 reads one message.
type camt053 struct {
	*document
	statements []Statement
	lines      int // of all statements
}

func (c *camt053) read() error {
	if err := c.enter("Document"); err != nil {
		return err
	}
	if err := c.enter("BkToCstmrStmt"); err != nil {
		return err
	}
	err := c.each(func(start xml.StartElement) error {
		if start.Name.Local == "Stmt" {
			return c.statement()
		}
		return c.skip()
	})
	if err != nil {
		return err
	}
	if len(c.statements) == 0 {
		return c.here().errorf("BkToCstmrStmt has no Stmt; a statement was expected")
	}
	for { // what is behind the message must still be well-formed, and nothing else
		token, err := c.next()
		switch _, begins := token.(xml.StartElement); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case begins:
			return c.here().errorf("stands behind the statements, where the file should end")
		}
	}
}

// enter reads the start of the next element, which must have the name.
func (c *camt053) enter(name string) error {
	for {
		token, err := c.next()
		if errors.Is(err, io.EOF) {
			return c.here().errorf("the file has no %s; it should be a camt.053 message", name)
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != name {
				return c.here().errorf("%s was expected here; the file should be a camt.053 message", name)
			}
			return nil
		case xml.EndElement:
			return c.here().errorf("%s is missing; the file should be a camt.053 message", name)
		}
	}
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
	s := camtStatement{taken: map[string]int{}}
	at := c.here()
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
		if err := s.take(e); err != nil {
			return err
		}
		if c.lines += len(s.Lines) - before; c.lines > MaxStatementLines {
			return e.errorf("the file has more than %d lines; ask the bank for a shorter period", MaxStatementLines)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case s.ID == "":
		return at.errorf("Id is missing")
	case s.Account == "":
		return at.errorf("Acct/Id with an IBAN or Othr/Id is missing")
	}
	c.statements = append(c.statements, s.Statement)
	return nil
}

// camtStatement is a statement that is being read.
type camtStatement struct {
	Statement
	entries int            // so far, of any status
	taken   map[string]int // lines by their IDs
}

func (s *camtStatement) take(e *element) error {
	switch e.name {
	case "Id":
		s.ID = e.text
	case "FrToDt":
		return s.period(e)
	case "Acct":
		s.Account = e.value("Id", "IBAN")
		if s.Account == "" {
			s.Account = e.value("Id", "Othr", "Id")
		}
		if currency := e.child("Ccy"); currency != nil {
			return s.inCurrency(currency.at(), currency.text)
		}
	case "Bal":
		if amount := e.child("Amt"); amount != nil {
			return s.inCurrency(amount.at(), amount.currency)
		}
	case "Ntry":
		s.entries++
		return s.entry(e)
	}
	return nil
}

func (s *camtStatement) period(e *element) (err error) {
	if s.From, err = instantIn(e, "FrDtTm"); err != nil {
		return err
	}
	s.To, err = instantIn(e, "ToDtTm")
	return err
}

func instantIn(e *element, name string) (time.Time, error) {
	at := e.child(name)
	if at == nil {
		return time.Time{}, nil
	}
	instant, err := xmlInstant(at.text)
	if err != nil {
		return time.Time{}, at.errorf("%v", err)
	}
	return instant, nil
}

// inCurrency checks that the statement has one currency, which is the first that it names.
func (s *camtStatement) inCurrency(at place, code string) error {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return at.errorf("%v", err)
	}
	if s.Currency.IsZero() {
		s.Currency = currency
	}
	if currency != s.Currency {
		return at.errorf("is in %s, but the account in %s", code, s.Currency.Code())
	}
	return nil
}

// xmlInstant parses an xs:dateTime. Without an offset it is UTC.
func xmlInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if instant, err := time.Parse(layout, text); err == nil {
			return instant, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no instant such as 2026-10-31T23:59:59+08:00", clip(text))
}
