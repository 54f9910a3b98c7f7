// Package banktest plays the bank: it makes the statements that a bank would send,
// for tests and for the demo.
package banktest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/money"
)

// mostText is how many characters a piece of remittance information has.
const mostText = 140

// Camt053 returns a camt.053.001.08 message of one statement, valid by its schema:
// account is the account's number, lines are its booked entries, at least one and
// of one currency. The account is empty before them, and the period is from the earliest to
// the latest day of booking. The same lines make the same bytes.
//
// [bankfile.Read] returns the same lines again, if their texts are single lines, a
// reason comes only with a returned line, and the reference is not NOTPROVIDED. A
// text of more than 140 characters comes back with spaces where it was broken. The
// error says which line a bank could not have sent.
func Camt053(statementID, account string, lines []bankfile.Line) ([]byte, error) {
	if len(lines) == 0 {
		return nil, fmt.Errorf("the statement %q has no lines, so it has no currency", statementID)
	}
	currency := lines[0].Amount.Currency()
	from, to, balance := lines[0].BookedOn, lines[0].BookedOn, currency.Zero()
	entries := make([]entryXML, len(lines))
	for n, l := range lines {
		change := l.Amount
		if !l.Credit {
			change = change.Neg()
		}
		var err error
		if balance, err = balance.Add(change); err != nil {
			return nil, fmt.Errorf("line %d, %q: %w", n, l.ID, err)
		}
		if l.Amount.Sign() < 0 {
			return nil, fmt.Errorf("line %d, %q: %s is below zero; what went out has Credit false", n, l.ID, l.Amount)
		}
		if l.BookedOn.Before(from) {
			from = l.BookedOn
		}
		if l.BookedOn.After(to) {
			to = l.BookedOn
		}
		entries[n] = entry(l)
	}
	const instant = "2006-01-02T15:04:05Z07:00"
	end := to.AddDate(0, 0, 1).Add(-time.Second)
	document := documentXML{
		Namespace: "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
		MessageID: statementID, MessageAt: end.Format(instant),
		Statement: statementXML{
			ID: statementID, From: from.Format(instant), To: end.Format(instant), Account: account, Currency: currency.Code(),
			Balances: []balanceXML{
				balanceOf("OPBD", currency.Zero(), from), balanceOf("CLBD", balance, to),
			},
			Entries: entries,
		},
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("write the statement: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func entry(l bankfile.Line) entryXML {
	e := entryXML{
		ID: l.ID, Amount: amountOf(l.Amount), Direction: directionOf(l.Credit), Status: "BOOK", BookedOn: l.BookedOn.Format(time.DateOnly),
		Kind: "TRANSFER",
	}
	t := transactionXML{Reference: l.Reference, Amount: e.Amount, Direction: e.Direction}
	if l.Reference == "" {
		t.Reference = "NOTPROVIDED"
	}
	if l.Counterparty != "" {
		name := &partyXML{l.Counterparty}
		// In a return the parties are those of the payment that came back.
		if l.Credit != l.Returned {
			t.Parties = &partiesXML{Debtor: name}
		} else {
			t.Parties = &partiesXML{Creditor: name}
		}
	}
	if l.Text != "" {
		t.Remittance = &remittanceXML{pieces(l.Text, mostText)}
	}
	if l.Returned {
		t.Return = &returnXML{}
		if l.ReasonCode != "" {
			t.Return.Code = &codeXML{l.ReasonCode}
		}
		const most = 105
		t.Return.Reasons = pieces(l.Reason, most)
	}
	e.Transaction = t
	return e
}

// pieces breaks a text into pieces of at most so many characters.
func pieces(text string, most int) []string {
	var broken []string
	for runes := []rune(text); len(runes) > 0; {
		n := min(len(runes), most)
		broken = append(broken, string(runes[:n]))
		runes = runes[n:]
	}
	return broken
}

func amountOf(a money.Amount) amountXML {
	return amountXML{Currency: a.Currency().Code(), Value: a.String()}
}

func balanceOf(kind string, a money.Amount, on time.Time) balanceXML {
	return balanceXML{Kind: kind, Amount: amountOf(a.Abs()), Direction: directionOf(a.Sign() >= 0), On: on.Format(time.DateOnly)}
}

func directionOf(credit bool) string {
	if credit {
		return "CRDT"
	}
	return "DBIT"
}

// The fields stand in the order of the schema.
type (
	documentXML struct {
		XMLName   xml.Name     `xml:"Document"`
		Namespace string       `xml:"xmlns,attr"`
		MessageID string       `xml:"BkToCstmrStmt>GrpHdr>MsgId"`
		MessageAt string       `xml:"BkToCstmrStmt>GrpHdr>CreDtTm"`
		Statement statementXML `xml:"BkToCstmrStmt>Stmt"`
	}
	statementXML struct {
		ID       string       `xml:"Id"`
		From     string       `xml:"FrToDt>FrDtTm"`
		To       string       `xml:"FrToDt>ToDtTm"`
		Account  string       `xml:"Acct>Id>Othr>Id"`
		Currency string       `xml:"Acct>Ccy"`
		Balances []balanceXML `xml:"Bal"`
		Entries  []entryXML   `xml:"Ntry"`
	}
	balanceXML struct {
		Kind      string    `xml:"Tp>CdOrPrtry>Cd"`
		Amount    amountXML `xml:"Amt"`
		Direction string    `xml:"CdtDbtInd"`
		On        string    `xml:"Dt>Dt"`
	}
	amountXML struct {
		Currency string `xml:"Ccy,attr"`
		Value    string `xml:",chardata"`
	}
	entryXML struct {
		ID          string         `xml:"NtryRef"`
		Amount      amountXML      `xml:"Amt"`
		Direction   string         `xml:"CdtDbtInd"`
		Status      string         `xml:"Sts>Cd"`
		BookedOn    string         `xml:"BookgDt>Dt"`
		Kind        string         `xml:"BkTxCd>Prtry>Cd"`
		Transaction transactionXML `xml:"NtryDtls>TxDtls"`
	}
	transactionXML struct {
		Reference  string         `xml:"Refs>EndToEndId"`
		Amount     amountXML      `xml:"Amt"`
		Direction  string         `xml:"CdtDbtInd"`
		Parties    *partiesXML    `xml:"RltdPties"`
		Remittance *remittanceXML `xml:"RmtInf"`
		Return     *returnXML     `xml:"RtrInf"`
	}
	partiesXML struct {
		Debtor   *partyXML `xml:"Dbtr"`
		Creditor *partyXML `xml:"Cdtr"`
	}
	partyXML struct {
		Name string `xml:"Pty>Nm"`
	}
	remittanceXML struct {
		Texts []string `xml:"Ustrd"`
	}
	returnXML struct {
		Code    *codeXML `xml:"Rsn"`
		Reasons []string `xml:"AddtlInf"`
	}
	codeXML struct {
		Code string `xml:"Cd"`
	}
)
