package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// A payment that was meant for somebody else and can't be matched.
const (
	strayAmount    = 78 * yuan
	strayReference = "RF18 5390 0754 7034"
	strayPayer     = "江边书画社"
)

// firstStatement has the parties pay, one of them only a part, and the bank return a
// payment that it couldn't make. The server imports this as a camt.053 message.
func (m *monthEnd) firstStatement(ctx context.Context) error {
	owing, err := m.owing(ctx)
	if err != nil {
		return err
	}
	expected := map[string]int{"confirmed": len(m.bank.pending)}
	for i := range owing {
		amount, err := parseFen(owing[i].Outstanding)
		if err != nil {
			return err
		}
		outcome := "received"
		if m.partPayer != nil && owing[i].Reference == m.partPayer.Reference {
			if part := amount * 6 / 10 / (100 * yuan) * (100 * yuan); part > 0 { // less than a hundred yuan is paid in full
				m.partPaid, amount, outcome = part, part, "amount_differs"
			}
		}
		m.payIn(&owing[i], amount)
		expected[outcome]++
	}
	stray := strayAmount
	m.bank.book(movement{credit: true, amount: stray, text: "会费 " + strayReference, party: strayPayer}, m.at)
	m.bank.unclaimed += stray
	expected["no_reference"]++
	if m.toClosedAccount != nil {
		sent, err := parseFen(m.toClosedAccount.Outstanding)
		if err != nil {
			return err
		}
		m.bank.book(movement{credit: true, amount: sent, reference: m.toClosedAccount.Reference, party: m.merchant(m.toClosedAccount.Payee).name, returned: "账户已销户"}, m.at)
		expected["returned"]++
	}
	lines := len(m.bank.pending)
	if err := m.importStatement(ctx, m.bank.camt053(), expected); err != nil {
		return err
	}
	m.note("Bank 银行", "camt.053, %d lines, by reference and amount: %s.", lines, outcomes(expected))
	if m.toClosedAccount != nil {
		m.note("Bank 银行", "returned 退票: %s to %s, “账户已销户”; it goes into the next run.", regroup(m.toClosedAccount.Outstanding), m.toClosedAccount.Payee)
	}
	return m.reviewUnmatched(ctx)
}

// owing returns what parties still owe for the month.
func (m *monthEnd) owing(ctx context.Context) ([]spec.Obligation, error) {
	all, err := m.obligations(ctx)
	if err != nil {
		return nil, err
	}
	return largest(all, isOwing)
}

// payIn has a party pay through the bank, quoting the reference.
func (m *monthEnd) payIn(o *spec.Obligation, amount fen) {
	name := m.alliance.Name
	if o.Payer != organiser {
		name = m.merchant(o.Payer).name
	}
	m.bank.book(movement{credit: true, amount: amount, text: "联盟卡结算 " + o.Reference, party: name}, m.at)
}

// importStatement has the server import a statement, and checks the outcomes of its
// lines.
func (m *monthEnd) importStatement(ctx context.Context, file string, expected map[string]int) error {
	receipt, err := book(ctx, m.office, importStatement(m.bank.account.Number, file))
	if err != nil {
		return err
	}
	got := make(map[string]int)
	if n := len(receipt.Events); n > 0 && receipt.Events[n-1].Data != nil {
		for outcome, text := range *receipt.Events[n-1].Data {
			if outcome != "statement" && outcome != "lines" {
				if got[outcome], err = strconv.Atoi(text); err != nil {
					return err
				}
			}
		}
	}
	maps.DeleteFunc(expected, func(_ string, n int) bool { return n == 0 })
	if !maps.Equal(got, expected) {
		return fmt.Errorf("the bank booked %v, and the server took its statement for %v", expected, got)
	}
	return nil
}

// outcomes describes the outcomes of a statement's lines.
func outcomes(counts map[string]int) string {
	var words []string
	unmatched := 0
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		switch outcome {
		case "received", "confirmed", "returned":
			words = append(words, fmt.Sprintf("%d %s", counts[outcome], outcome))
		default:
			unmatched += counts[outcome]
		}
	}
	if unmatched > 0 {
		words = append(words, fmt.Sprintf("%d not matched", unmatched))
	}
	return strings.Join(words, ", ")
}

// reviewUnmatched goes through the lines that the server could not match. The organiser
// says what the part payment is for. The payment meant for somebody else stays unmatched.
func (m *monthEnd) reviewUnmatched(ctx context.Context) error {
	params := spec.ListBankLinesParams{Matched: ptr(spec.ListBankLinesParamsMatchedNo)}
	answer, err := m.org.ListBankLinesWithResponse(ctx, &params)
	if err != nil {
		return err
	}
	page, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return err
	}
	for i := range slices.Backward(page.Items) {
		l := &page.Items[i]
		amount, err := parseFen(l.Amount)
		if err != nil {
			return err
		}
		if l.Outcome != "amount_differs" {
			m.note("Bank 银行", "not matched 未匹配: %s from %s, “%s”: %s; it stays on the list.", amount.grouped(), l.Counterparty, l.Text, l.Outcome)
			continue
		}
		if m.partPayer == nil || amount != m.partPaid {
			return fmt.Errorf("the amount of line %s, %s, differs from what is owed, and should not", l.Line, l.Amount)
		}
		if _, err := book(ctx, m.office, matchLine(l.Transaction, m.partPayer.Reference)); err != nil {
			return err
		}
		m.note("Bank 银行", "not matched 未匹配: %s from %s, a part of what %s owes: %s; matched by hand.", amount.grouped(), l.Counterparty, m.partPayer.Payer, l.Outcome)
	}
	return nil
}

// checkReminder checks that the shop that has paid a part, and nobody else, is reminded
// of the rest.
func (m *monthEnd) checkReminder(ctx context.Context) error {
	owing, err := m.owing(ctx)
	if err != nil {
		return err
	}
	if m.partPayer == nil || m.partPaid == 0 {
		if len(owing) > 0 {
			return fmt.Errorf("%s should have been paid", owing[0].Reference)
		}
		return nil
	}
	if len(owing) != 1 || owing[0].Reference != m.partPayer.Reference || owing[0].State != "part_paid" || owing[0].Reminders != 1 || owing[0].DefaultAt == nil {
		return fmt.Errorf("%s alone should owe, a part, and be reminded once: %+v", m.partPayer.Payer, owing)
	}
	o := &owing[0]
	m.note("Reminder 催款", "%s still owes %s of %s. On %s its deposit would be drawn.", o.Payer, regroup(o.Outstanding), regroup(o.Amount),
		o.DefaultAt.In(m.at.Location()).Format("2 January"))
	return nil
}

// lastStatement has everybody pay the rest, and checks that the month is settled.
func (m *monthEnd) lastStatement(ctx context.Context) error {
	owing, err := m.owing(ctx)
	if err != nil {
		return err
	}
	expected := map[string]int{"confirmed": len(m.bank.pending), "received": len(owing)}
	for i := range owing {
		amount, err := parseFen(owing[i].Outstanding)
		if err != nil {
			return err
		}
		m.payIn(&owing[i], amount)
	}
	if lines := len(m.bank.pending); lines > 0 {
		file, err := m.bank.csv()
		if err != nil {
			return err
		}
		if err := m.importStatement(ctx, file, expected); err != nil {
			return err
		}
		paid := ""
		if m.partPayer != nil && len(owing) == 1 && owing[0].Reference == m.partPayer.Reference {
			paid = fmt.Sprintf(" %s has paid the other %s.", m.partPayer.Payer, regroup(owing[0].Outstanding))
		}
		m.note("Bank 银行", "CSV, %d lines: %s.%s", lines, outcomes(expected), paid)
	}
	if _, err = m.read(ctx, "settled"); err != nil {
		return err
	}
	m.note("Settled 结清", "nothing is left to do.")
	return nil
}
