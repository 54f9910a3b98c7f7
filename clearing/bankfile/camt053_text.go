package bankfile

import (
	"slices"

	"github.com/lianka/lianka/clearing/reference"
)

// describe fills in what the entry and its transactions say about a line: the other party,
// the purpose, and why a payment came back. A line that is one part of an entry is not described by what
// is said of all of it.
func (l *Line) describe(e *element, transactions []*element, part bool) {
	if len(transactions) > 0 && !slices.ContainsFunc(transactions, func(t *element) bool { return t.child("RtrInf") == nil }) {
		l.Returned = true
	}
	var texts []string
	for _, t := range transactions {
		endToEnd, creditor := t.value("Refs", "EndToEndId"), creditorReferences(t)
		if endToEnd == "NOTPROVIDED" {
			endToEnd = ""
		}
		if len(transactions) == 1 { // the reference of one of many is not the line's
			l.Reference = endToEnd
			if endToEnd == "" && len(creditor) > 0 {
				l.Reference = creditor[0]
			}
			l.Counterparty = oneLine(visible(counterparty(t, *l)))
			l.ReasonCode = oneLine(t.value("RtrInf", "Rsn", "Cd"), t.value("RtrInf", "Rsn", "Prtry"))
			var reasons []string
			for _, information := range t.child("RtrInf").all("AddtlInf") {
				reasons = append(reasons, information.text)
			}
			l.Reason = oneLine(visible(oneLine(reasons...)))
		} else if endToEnd != "" {
			texts = append(texts, endToEnd)
		}
		for _, r := range creditor {
			if r != l.Reference {
				texts = append(texts, r)
			}
		}
		texts = append(texts, remittanceTexts(t)...)
	}
	l.Reference = oneLine(visible(l.Reference))
	l.Text = oneLine(visible(oneLine(texts...)))
	if l.Text == "" && len(transactions) == 1 {
		l.Text = oneLine(visible(transactions[0].value("AddtlTxInf")))
	}
	if l.Text == "" {
		l.Text = oneLine(visible(e.value("AddtlNtryInf")))
	}
	l.addReferences(e, transactions, part)
	if amount := e.child("Amt"); l.Problem != nil && amount != nil { // as it is in the file
		l.Text = oneLine(visible(amount.currency), visible(amount.text), l.Text)
	}
}

// addReferences adds to the text what has a reference of this clearing house and was not used
// so far: banks put it where they like. What is said of a whole entry does not tell for which
// of its parts the reference is.
func (l *Line) addReferences(e *element, transactions []*element, part bool) {
	var elsewhere []string
	for _, t := range transactions {
		elsewhere = append(elsewhere, t.texts()...)
	}
	if !part {
		for _, c := range e.children {
			if c.name != "NtryDtls" {
				elsewhere = append(elsewhere, c.texts()...)
			}
		}
	}
	for _, text := range elsewhere {
		for _, found := range reference.Find(text) {
			if !l.names(found) {
				l.Text = oneLine(l.Text, oneLine(visible(text)))
			}
		}
	}
	if !part {
		return
	}
	// A reference in the text of the whole entry would count for every part.
	if info := oneLine(visible(e.value("AddtlNtryInf"))); info != "" && l.Text == info && len(reference.Find(info)) > 0 {
		l.Text = ""
	}
}

func creditorReferences(transaction *element) []string {
	var found []string
	for _, structured := range transaction.child("RmtInf").all("Strd") {
		if r := structured.value("CdtrRefInf", "Ref"); r != "" {
			found = append(found, r)
		}
	}
	return found
}

func remittanceTexts(transaction *element) []string {
	var found []string
	information := transaction.child("RmtInf")
	for _, text := range information.all("Ustrd") {
		found = append(found, text.text)
	}
	for _, structured := range information.all("Strd") {
		for _, text := range structured.all("AddtlRmtInf") {
			found = append(found, text.text)
		}
	}
	return found
}

// counterparty returns the name of the other side: the payer of what came in, the payee of
// what went out. In a return banks keep the parties of the original payment, so the other
// side is its payee.
func counterparty(transaction *element, l Line) string {
	sides := []string{"Cdtr", "UltmtCdtr"}
	if l.Credit {
		sides = []string{"Dbtr", "UltmtDbtr"}
	}
	if l.Returned && l.Credit {
		sides = []string{"Cdtr", "UltmtCdtr", "Dbtr", "UltmtDbtr"}
	} else if l.Returned {
		sides = []string{"Dbtr", "UltmtDbtr", "Cdtr", "UltmtCdtr"}
	}
	for _, side := range sides {
		party := transaction.child("RltdPties", side)
		for _, path := range [][]string{{"Pty", "Nm"}, {"Nm"}, {"Agt", "FinInstnId", "Nm"}} {
			if name := party.value(path...); name != "" {
				return oneLine(name)
			}
		}
	}
	return ""
}
