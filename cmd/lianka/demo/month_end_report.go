package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// print writes the diary of the month-end. Unless the month-end went smoothly, a table of
// transfers, a payout slip and the documents follow.
func (m *monthEnd) print(ctx context.Context) error {
	p := &printer{story: m.story}
	p.line(bold, "The month-end of %s  %d月结算的收付", m.st.opens.Format("January"), m.st.opens.Month())
	p.line(plain, "")
	for _, e := range m.diary {
		for i, text := range e.lines {
			when, what := "", ""
			if i == 0 {
				when, what = e.at.Format("_2 Jan"), e.what
			}
			p.text(plain, 27, "  %6s  %s %s", when, pad(what, 16), text)
		}
	}
	p.line(plain, "")
	if m.quiet {
		return p.err
	}
	if err := m.printTransfers(ctx, p); err != nil {
		return err
	}
	if err := m.printSlip(ctx, p); err != nil {
		return err
	}
	if err := m.printDocuments(ctx, p); err != nil {
		return err
	}
	p.line(plain, "")
	return p.err
}

// printTransfers prints how each shop's transfer ended, and checks that the amounts
// carried over and paid add up to what was settled.
func (m *monthEnd) printTransfers(ctx context.Context, p *printer) error {
	all, err := m.obligations(ctx)
	if err != nil {
		return err
	}
	of := make(map[string]*spec.Obligation)
	for i := range all {
		switch o := &all[i]; o.Kind {
		case collection:
			of[o.Payer] = o
		case payout:
			of[o.Payee] = o
		}
	}
	codes := 0
	var remarks []string
	for i := range m.st.lines {
		codes = max(codes, len(m.st.lines[i].party))
	}
	t := &table{}
	t.add(bold, "", "net", "disputed", "carried", "paid", "  state")
	t.add(bold, "", "净额", "争议", "结转", "收付", "  状态")
	t.rule()
	for i := range m.st.lines[:len(m.st.lines)-1] {
		l := &m.st.lines[i]
		carried, paid, state := l.carried, fen(0), "carried over 结转"
		if o := of[l.party]; o != nil {
			if carried, paid, err = carriedAndPaid(o); err != nil {
				return err
			}
			state = stateOf(o)
			if said := remarkOn(o); said != "" {
				remarks = append(remarks, pad(l.party, codes)+gap+said)
			}
		} else if l.carried == 0 {
			state = "-"
		}
		if l.transfer+l.carried != carried+paid {
			return fmt.Errorf("%s: of %s, %s was carried over and %s paid, which is not all", l.party, (l.transfer + l.carried), carried, paid)
		}
		t.add(plain, pad(l.party, codes)+gap+l.name, (l.transfer + l.carried).cell(), m.disputed(l.party).cell(), carried.cell(), paid.cell(), "  "+state)
	}
	t.left = 5
	p.table(t)
	if remarks != nil {
		p.line(plain, "")
	}
	for _, said := range remarks {
		p.text(dim, 4, "  %s", said)
	}
	p.line(plain, "")
	return p.err
}

// disputed returns how much of a shop's transfer was held.
func (m *monthEnd) disputed(party string) (held fen) {
	for i := range m.disputes {
		if m.disputes[i].merchant.code == party {
			held -= m.disputes[i].held
		}
	}
	return held
}

// carriedAndPaid returns how much of an obligation was carried over and how much was
// paid, from the shop's side: negative if the shop was to pay.
func carriedAndPaid(o *spec.Obligation) (carried, paid fen, err error) {
	if carried, err = parseFen(o.Carried); err != nil {
		return 0, 0, err
	}
	if paid, err = parseFen(o.Paid); err != nil {
		return 0, 0, err
	}
	if o.Kind == collection {
		return -carried, -paid, nil
	}
	return carried, paid, nil
}

// stateOf describes an obligation's state.
func stateOf(o *spec.Obligation) string {
	state := string(o.State)
	switch o.State {
	case "paid":
		state = "paid 已付"
	case "confirmed":
		state = "confirmed 已收"
	case "carried":
		state = "carried over 结转"
	}
	return state
}

// remarkOn says what did not go smoothly with an obligation, or nothing.
func remarkOn(o *spec.Obligation) string {
	switch {
	case o.Reminders > 0:
		return "paid in two parts, and was reminded 催款"
	case o.Returns > 0:
		return "was paid again after a return 退票"
	}
	return ""
}

// printSlip prints the payout slip of the member who was paid most, with the tax
// withheld.
func (m *monthEnd) printSlip(ctx context.Context, p *printer) error {
	if len(m.st.commissions) == 0 || m.st.commissions[0].paid == 0 {
		return nil
	}
	answer, err := m.org.GetPayoutSlipWithResponse(ctx, m.st.period, m.st.commissions[0].member)
	if err != nil {
		return err
	}
	slip, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return err
	}
	if slip.State != "confirmed" {
		return fmt.Errorf("the commission of %s should be confirmed, and is %s", slip.Member, slip.State)
	}
	tax := "no tax, which begins above 800.00 a month"
	if slip.Withheld != "0.00" {
		tax = fmt.Sprintf("%s of tax kept back by %s", regroup(slip.Withheld), slip.Withholding.Table)
	}
	p.text(plain, indent, "Payout slip  佣金单 of %s, who gets most: %s earned, %s, %s received.", slip.Member, regroup(slip.Gross), tax, regroup(slip.Net))
	return nil
}

// printDocuments fetches the documents that a shop gets for its own books, with its
// owner's key, and prints their sizes.
func (m *monthEnd) printDocuments(ctx context.Context, p *printer) error {
	at := m.merchant(shownMerchant).office
	api := at.asks()
	var sizes []string
	for _, format := range []spec.GetStatementParamsFormat{spec.GetStatementParamsFormatPdf, spec.GetStatementParamsFormatXlsx, spec.GetStatementParamsFormatCsv} {
		answer, err := api.GetStatementWithResponse(ctx, m.st.period, &spec.GetStatementParams{Format: &format})
		if err != nil {
			return err
		}
		if answer.ApplicationProblemJSONDefault != nil {
			return answer.ApplicationProblemJSONDefault
		}
		sizes = append(sizes, fmt.Sprintf("%s %d KB", strings.ToUpper(string(format)), (len(answer.Body)+1023)/1024))
	}
	books, err := api.GetJournalWithResponse(ctx, &spec.GetJournalParams{Format: spec.GetJournalParamsFormatHledger, Period: &m.st.period})
	if err != nil {
		return err
	}
	if books.ApplicationProblemJSONDefault != nil {
		return books.ApplicationProblemJSONDefault
	}
	p.text(plain, indent, "Documents    %s takes its statement 对账单, down to every line: %s; and its books, %s lines of hledger.", shownMerchant, strings.Join(sizes, ", "),
		grouped(int64(strings.Count(string(books.Body), "\n"))))
	return nil
}

// reconcile checks, when both months are settled, that nothing is owed for them any
// more, and prints what custody holds by the books, online and at the bank.
func (s *story) reconcile(ctx context.Context) error {
	cover, err := s.readCover(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []spec.AccountKind{spec.AccountKindReceivables, spec.AccountKindPayables, spec.AccountKindPayouts} {
		if cover[kind] != 0 {
			return fmt.Errorf("both months are settled, and %s are %s", kind, cover[kind])
		}
	}
	p := &printer{story: s}
	p.text(plain, indent, "Custody      holds %s by the books: %s was paid online 线上收款, %s came through the bank, whose account has %s more that nobody has claimed. "+
		"Both months are settled: nothing is owed for them.", (-cover[spec.AccountKindCustody]).grouped(), s.online.grouped(), (s.bank.balance - s.bank.unclaimed).grouped(),
		s.bank.unclaimed.grouped())
	p.line(plain, "")
	return p.err
}
