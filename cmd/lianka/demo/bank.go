package demo

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// bank is where custody has its account: it executes payment files, takes payments in,
// and issues statements. It has no access to the circle's books, so its balance is an
// independent check of them.
type bank struct {
	account    spec.BankAccount
	balance    fen        // excludes what is paid online
	unclaimed  fen        // the part of the balance that matches nothing the circle expects
	pending    []movement // for the next statement
	lines      int        // booked so far
	statements int        // issued so far
}

// movement is a line of a statement.
type movement struct {
	id, on          string
	credit          bool
	amount          fen
	reference, text string
	party           string
	returned        string // why a payment was returned; "": it is not a return
}

func newBank(alliance string) *bank {
	return &bank{account: bankAccount(alliance+"存管专户", merchantNumber, custodyNumber)}
}

func (b *bank) book(m movement, at time.Time) {
	b.lines++
	m.id, m.on = fmt.Sprintf("HZ%06d", b.lines), at.Format(time.DateOnly)
	if m.credit {
		b.balance += m.amount
	} else {
		b.balance -= m.amount
	}
	b.pending = append(b.pending, m)
}

// execute executes a payment file.
func (b *bank) execute(orders *paymentFile, at time.Time) error {
	for i := range orders.Payments {
		p := &orders.Payments[i]
		amount, err := parseFen(p.Amount)
		if err != nil {
			return err
		}
		b.book(movement{amount: amount, reference: p.Reference, party: p.Payee}, at)
	}
	return nil
}

// paymentFile is the part of a pain.001 message that the bank reads.
type paymentFile struct {
	Message  string `xml:"CstmrCdtTrfInitn>GrpHdr>MsgId"`
	Count    int    `xml:"CstmrCdtTrfInitn>GrpHdr>NbOfTxs"`
	Total    string `xml:"CstmrCdtTrfInitn>GrpHdr>CtrlSum"`
	Payments []struct {
		Reference string `xml:"PmtId>EndToEndId"`
		Amount    string `xml:"Amt>InstdAmt"`
		Payee     string `xml:"Cdtr>Nm"`
	} `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
}

// camt053 issues a statement of what was booked since the last one, as a camt.053
// message.
func (b *bank) camt053() string {
	b.statements++
	var s strings.Builder
	s.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	s.WriteString(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>`)
	fmt.Fprintf(&s, "<Id>%d</Id><Acct><Id><Othr><Id>%s</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n", b.statements, strings.ReplaceAll(b.account.Number, " ", ""))
	for i := range b.pending {
		m := &b.pending[i]
		direction, side := "DBIT", "Cdtr"
		if m.credit {
			direction = "CRDT"
		}
		if m.credit && m.returned == "" { // a return names the parties of the original payment
			side = "Dbtr"
		}
		amount := fmt.Sprintf(`<Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd>`, m.amount, direction)
		fmt.Fprintf(&s, "<Ntry><NtryRef>%s</NtryRef>%s<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><NtryDtls><TxDtls>", m.id, amount, m.on)
		fmt.Fprintf(&s, "<Refs><EndToEndId>%s</EndToEndId></Refs>%s", xmlEscaped(m.reference), amount)
		fmt.Fprintf(&s, "<RltdPties><%[1]s><Pty><Nm>%[2]s</Nm></Pty></%[1]s></RltdPties>", side, xmlEscaped(m.party))
		if m.text != "" {
			fmt.Fprintf(&s, "<RmtInf><Ustrd>%s</Ustrd></RmtInf>", xmlEscaped(m.text))
		}
		if m.returned != "" {
			fmt.Fprintf(&s, "<RtrInf><AddtlInf>%s</AddtlInf></RtrInf>", xmlEscaped(m.returned))
		}
		s.WriteString("</TxDtls></NtryDtls></Ntry>\n")
	}
	s.WriteString("</Stmt></BkToCstmrStmt></Document>\n")
	b.pending = nil
	return s.String()
}

// xmlEscaped escapes a text for XML.
func xmlEscaped(text string) string {
	var s strings.Builder
	_ = xml.EscapeText(&s, []byte(text)) // a strings.Builder returns no error
	return s.String()
}

// csv issues a statement of what was booked since the last one, as the bank's website
// would export it.
func (b *bank) csv() (string, error) {
	b.statements++
	var s strings.Builder
	w := csv.NewWriter(&s)
	rows := [][]string{{"记账日期", "流水号", "收入", "支出", "对方户名", "附言", "参考号"}}
	for i := range b.pending {
		m := &b.pending[i]
		in, out := m.amount.grouped(), ""
		if !m.credit {
			in, out = out, in
		}
		rows = append(rows, []string{m.on, m.id, in, out, m.party, m.text, m.reference})
	}
	b.pending = nil
	err := w.WriteAll(rows)
	return s.String(), err
}
