package bankfile

import (
	"slices"
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// entry adds the lines of a Ntry.
func (s *camtStatement) entry(e *element) error {
	booked, err := s.booked(e)
	if err != nil || !booked {
		return err
	}
	amount, err := s.amount(e)
	if err != nil {
		return err
	}
	credit, err := direction(e)
	if err != nil {
		return err
	}
	reversed, err := reversal(e)
	if err != nil {
		return err
	}
	on, err := bookedOn(e)
	if err != nil {
		return err
	}
	var transactions []*element
	for _, details := range e.all("NtryDtls") {
		transactions = append(transactions, details.all("TxDtls")...)
	}
	line := Line{ID: s.named(e, transactions), BookedOn: on, Credit: credit, Amount: amount, Returned: reversed}
	parts, err := s.parts(line, transactions)
	if err != nil {
		return err
	}
	if parts != nil {
		for n, part := range parts {
			part.describe(e, transactions[n:n+1])
			if err := s.add(part, s.taken, transactions[n].at()); err != nil {
				return err
			}
		}
		return nil
	}
	line.describe(e, transactions)
	return s.add(line, s.taken, e.at())
}

// booked reports whether an entry is booked, and counts pending ones. The status is plain
// text in version .02, and inside Cd in later ones.
func (s *camtStatement) booked(e *element) (bool, error) {
	status, err := e.required("Sts")
	if err != nil {
		return false, err
	}
	code := status.text
	if inside := status.child("Cd"); inside != nil {
		code = inside.text
	}
	switch code {
	case "BOOK":
		return true, nil
	case "PDNG", "FUTR":
		s.Pending++
		return false, nil
	case "INFO":
		return false, nil
	}
	return false, status.errorf("%q is no status of an entry: BOOK, PDNG, FUTR or INFO", clip(code))
}

func (s *camtStatement) amount(e *element) (money.Amount, error) {
	amount, err := e.required("Amt")
	if err != nil {
		return money.Amount{}, err
	}
	if err := s.inCurrency(amount.at(), amount.currency); err != nil {
		return money.Amount{}, err
	}
	return amount.at().amount(amount.text, s.Currency)
}

func direction(e *element) (credit bool, err error) {
	indicator, err := e.required("CdtDbtInd")
	if err != nil {
		return false, err
	}
	switch indicator.text {
	case "CRDT":
		return true, nil
	case "DBIT":
		return false, nil
	}
	return false, indicator.errorf("%q is neither CRDT nor DBIT", clip(indicator.text))
}

func reversal(e *element) (bool, error) {
	indicator := e.child("RvslInd")
	if indicator == nil {
		return false, nil
	}
	switch indicator.text {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, indicator.errorf("%q is neither true nor false", clip(indicator.text))
}

// bookedOn returns the booking date as the bank writes it, whatever its offset, or the value
// date if there is none.
func bookedOn(e *element) (time.Time, error) {
	date := e.child("BookgDt")
	if date == nil {
		date = e.child("ValDt")
	}
	if date == nil {
		return time.Time{}, e.errorf("BookgDt is missing")
	}
	text := date.value("Dt")
	if text == "" {
		text = date.value("DtTm")
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02Z07:00"} {
		if on, err := time.Parse(layout, text); err == nil {
			return midnight(on), nil
		}
	}
	if on, err := xmlInstant(text); err == nil {
		return midnight(on), nil
	}
	return time.Time{}, date.errorf("%q is no date such as 2026-10-31, in Dt or DtTm", clip(text))
}

// midnight returns the date of an instant in its own offset, as midnight UTC.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// named returns the bank's ID of an entry, or one made of its position.
func (s *camtStatement) named(e *element, transactions []*element) string {
	for _, name := range []string{"NtryRef", "AcctSvcrRef"} {
		if id := e.value(name); id != "" {
			return id
		}
	}
	if len(transactions) == 1 {
		if id := transactions[0].value("Refs", "AcctSvcrRef"); id != "" {
			return id
		}
	}
	return "#" + strconv.Itoa(s.entries)
}

// parts splits the line of an entry into one for each of its transactions. It returns nil if
// there is only one, or if their amounts do not add up to the entry's.
func (s *camtStatement) parts(whole Line, transactions []*element) ([]Line, error) {
	if len(transactions) < 2 {
		return nil, nil
	}
	parts := make([]Line, len(transactions))
	moved := s.Currency.Zero()
	for n, t := range transactions {
		part := whole
		part.ID = whole.ID + "/" + strconv.Itoa(n+1)
		amount := t.child("Amt")
		if amount == nil { // version .02
			amount = t.child("AmtDtls", "TxAmt", "Amt")
		}
		if amount == nil || amount.currency != s.Currency.Code() {
			return nil, nil
		}
		var err error
		if part.Amount, err = amount.at().amount(amount.text, s.Currency); err != nil {
			return nil, err
		}
		if t.child("CdtDbtInd") != nil {
			if part.Credit, err = direction(t); err != nil {
				return nil, err
			}
		}
		change := part.Amount
		if part.Credit != whole.Credit {
			change = change.Neg()
		}
		if moved, err = moved.Add(change); err != nil {
			return nil, amount.errorf("%v", err)
		}
		parts[n] = part
	}
	if moved != whole.Amount {
		return nil, nil
	}
	return parts, nil
}

// describe fills in what the entry and its transactions say about a line: the other party,
// the purpose, and why a payment came back.
func (l *Line) describe(e *element, transactions []*element) {
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
			l.Counterparty = counterparty(t, *l)
			l.ReasonCode = oneLine(t.value("RtrInf", "Rsn", "Cd"), t.value("RtrInf", "Rsn", "Prtry"))
			var reasons []string
			for _, information := range t.child("RtrInf").all("AddtlInf") {
				reasons = append(reasons, information.text)
			}
			l.Reason = oneLine(reasons...)
		}
		for _, r := range creditor {
			if r != l.Reference {
				texts = append(texts, r)
			}
		}
		texts = append(texts, remittanceTexts(t)...)
	}
	l.Text = oneLine(texts...)
	if l.Text == "" && len(transactions) == 1 {
		l.Text = oneLine(transactions[0].value("AddtlTxInf"))
	}
	if l.Text == "" {
		l.Text = oneLine(e.value("AddtlNtryInf"))
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
