package bankfile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// entry adds the lines of a Ntry.
func (s *camtStatement) entry(e *element) {
	line := Line{Place: e.place()}
	booked, known := s.booked(e, &line)
	if !booked && known {
		return
	}
	var transactions []*element
	for _, details := range e.all("NtryDtls") {
		transactions = append(transactions, details.all("TxDtls")...)
	}
	line.ID = named(e, transactions)
	line.Amount = s.amount(e.child("Amt"), &line)
	line.Credit = s.direction(e, &line)
	line.Returned = reversal(e, &line)
	on, reason := bookedOn(e)
	if line.BookedOn = on; reason != "" {
		line.fail(BadDate, "%s", reason)
	}
	parts := s.parts(e, &line, transactions)
	for n := range parts {
		parts[n].describe(e, transactions[n:n+1], len(transactions) > 1)
		s.add(parts[n])
	}
	if parts == nil {
		line.describe(e, transactions, false)
		s.add(line)
	}
}

// add appends a line.
func (s *camtStatement) add(l Line) {
	l.bound()
	s.Lines = append(s.Lines, l)
}

// booked reports whether an entry is booked, and counts pending ones. The status is plain
// text in version .02, and inside Cd in later ones. A status that isn't known is a problem of the line.
func (s *camtStatement) booked(e *element, l *Line) (booked, known bool) {
	status := e.child("Sts")
	code := e.value("Sts", "Cd")
	if code == "" && status != nil {
		code = status.text
	}
	switch code {
	case "BOOK":
		return true, true
	case "PDNG", "FUTR":
		s.Pending++
		return false, true
	case "INFO":
		return false, true
	}
	if status == nil {
		l.fail(BadLine, "the entry has no Sts, so it can't be told whether it is booked")
	} else {
		l.fail(BadLine, "Sts %q is no status of an entry: BOOK, PDNG, FUTR or INFO", clip(code))
	}
	return false, false
}

// amount reads an amount. What is wrong with it is a problem of the line, whose text then has it as it is.
func (s *camtStatement) amount(e *element, l *Line) money.Amount {
	if e == nil {
		l.fail(BadAmount, "Amt is missing")
		s.settleCurrency()
		return s.Currency.Zero()
	}
	s.settleCurrency()
	s.keptIn(e.currency)
	if e.currency != s.Currency.Code() {
		l.fail(OtherCurrency, "is %s, and the account is kept in %s", clip(oneLine(e.currency, e.text)), s.Currency.Code())
		return s.Currency.Zero()
	}
	amount, wrong := parseAmount(xmlDecimal(e.text), s.Currency)
	if wrong != "" {
		l.fail(BadAmount, "Amt %q %s", clip(e.text), wrong)
	}
	return amount
}

// xmlDecimal returns an xs:decimal without what that may leave out or add.
func xmlDecimal(text string) string {
	text = strings.TrimPrefix(text, "+")
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	return strings.TrimSuffix(text, ".")
}

// direction reads CdtDbtInd.
func (s *camtStatement) direction(e *element, l *Line) bool {
	credit, ok := direction(e)
	if !ok {
		l.fail(DirectionUnknown, "CdtDbtInd %q is neither CRDT nor DBIT", clip(e.value("CdtDbtInd")))
	}
	return credit
}

func direction(e *element) (credit, ok bool) {
	switch e.value("CdtDbtInd") {
	case "CRDT":
		return true, true
	case "DBIT":
		return false, true
	}
	return false, false
}

// reversal reports whether the bank marks an entry as a booking that was undone, or a payment
// that came back: by RvslInd, or by the code of the kind of the entry.
func reversal(e *element, l *Line) bool {
	switch e.value("BkTxCd", "Domn", "Fmly", "SubFmlyCd") {
	case "RRTN", "RPCR": // undone because the payment was returned, or called back
		return true
	}
	indicator := e.child("RvslInd")
	if indicator == nil {
		return false
	}
	switch indicator.text {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	l.fail(BadLine, "RvslInd %q is neither true nor false", clip(indicator.text))
	return false
}

// bookedOn returns the booking date as the bank writes it, whatever its offset, or the value
// date if there is none; or what is wrong with it.
func bookedOn(e *element) (time.Time, string) {
	name := "BookgDt"
	date := e.child(name)
	if date == nil {
		name = "ValDt"
		date = e.child(name)
	}
	if date == nil {
		return time.Time{}, "BookgDt is missing"
	}
	on, ok := dateIn(date)
	if !ok {
		return time.Time{}, fmt.Sprintf("%s %q is no date such as 2026-10-31, in Dt or DtTm, from %d to %d",
			name, clip(oneLine(date.value("Dt"), date.value("DtTm"))), firstYear, lastYear)
	}
	return on, ""
}

// dateIn reads Dt or DtTm in an element.
func dateIn(date *element) (time.Time, bool) {
	text := date.value("Dt")
	if text == "" {
		text = date.value("DtTm")
	}
	if len(text) > longestValue {
		return time.Time{}, false
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02Z07:00"} {
		on, err := time.Parse(layout, text)
		switch {
		case err != nil:
		case !plausible(on):
			return time.Time{}, false
		default:
			return midnight(on), true
		}
	}
	on, err := xmlInstant(text)
	if err != nil || !plausible(on) {
		return time.Time{}, false
	}
	return midnight(on), true
}

// midnight returns the date of an instant in its own offset, as midnight UTC.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// named returns the bank's ID of an entry, or "".
func named(e *element, transactions []*element) string {
	for _, name := range []string{"NtryRef", "AcctSvcrRef"} {
		if id := e.value(name); id != "" {
			return oneLine(visible(id))
		}
	}
	if len(transactions) == 1 {
		return oneLine(visible(transactions[0].value("Refs", "AcctSvcrRef")))
	}
	return ""
}

// parts splits the line of an entry into one for each of its transactions. It returns nil if
// there is only one. If their amounts do not add up to the entry's, that is a problem of the line.
func (s *camtStatement) parts(e *element, whole *Line, transactions []*element) []Line {
	if announced := announced(e); len(transactions) > 0 && announced > len(transactions) {
		whole.fail(BatchDiffers, "the entry is a batch of %d payments, and tells of %d", announced, len(transactions))
	}
	if len(transactions) < 2 || whole.Problem != nil {
		return nil
	}
	parts := make([]Line, len(transactions))
	moved := s.Currency.Zero()
	for n, t := range transactions {
		part := *whole
		part.Place = t.place()
		if id := oneLine(visible(t.value("Refs", "AcctSvcrRef"))); id != "" {
			part.ID = id
		}
		amount := t.child("Amt")
		if amount == nil { // version .02
			amount = t.child("AmtDtls", "TxAmt", "Amt")
		}
		part.Amount = s.amount(amount, &part)
		if t.child("CdtDbtInd") != nil {
			part.Credit = s.direction(t, &part)
		}
		if part.Problem != nil {
			whole.fail(BatchDiffers, "the payment at %s: %s", part.Place, part.Problem.Reason)
			return nil
		}
		change := part.Amount
		if part.Credit != whole.Credit {
			change = change.Neg()
		}
		sum, err := moved.Add(change)
		if err != nil {
			whole.fail(BatchDiffers, "the payments are together larger than an amount can be")
			return nil
		}
		moved, parts[n] = sum, part
	}
	if moved != whole.Amount {
		whole.fail(BatchDiffers, "its %d payments are together %s, and the entry is %s", len(transactions), moved, whole.Amount)
		return nil
	}
	return parts
}

// announced returns how many payments an entry says that it is of.
func announced(e *element) int {
	total := 0
	for _, details := range e.all("NtryDtls") {
		if n, err := strconv.Atoi(details.value("Btch", "NbOfTxs")); err == nil && n > 0 && n <= MaxStatementLines {
			total += n
		}
	}
	return total
}
