package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// monthEnd is the settlement of a closed month, which happens during the next one: shops
// review it and dispute lines, money moves through the bank, and one shop pays late.
type monthEnd struct {
	*story
	st     *statement
	agenda []task
	quiet  bool // all goes smoothly, so the diary is report enough
	diary  []entry
	at     time.Time // the instant of the current task

	disputes        []dispute
	partPayer       *spec.Obligation // the obligation that is paid in two parts; nil: none is
	partPaid        fen              // the first part
	toClosedAccount *spec.Obligation // the obligation to a payee whose account is closed; nil: none is
}

// task is something that is done on a day of the next month, before the shops open.
type task struct {
	day int
	do  func(*monthEnd, context.Context) error
}

// agendaWithProblems is for a month-end at which much goes wrong,
// agendaWithoutProblems for one at which nothing does.
var (
	agendaWithProblems = []task{
		{1, (*monthEnd).prepare}, {2, (*monthEnd).openDisputes}, {3, (*monthEnd).answerDisputes}, {4, (*monthEnd).checkApproved}, {5, (*monthEnd).firstRun},
		{6, (*monthEnd).firstStatement}, {7, (*monthEnd).secondRun}, {11, (*monthEnd).checkReminder}, {12, (*monthEnd).lastStatement},
	}
	agendaWithoutProblems = []task{{1, (*monthEnd).setAccounts}, {4, (*monthEnd).checkApproved}, {5, (*monthEnd).onlyRun}, {6, (*monthEnd).lastStatement}}
)

// entry is a task and its results, in the diary.
type entry struct {
	at    time.Time
	what  string
	lines []string
}

// note adds a line to the diary.
func (m *monthEnd) note(what, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if n := len(m.diary); n > 0 && m.diary[n-1].what == what {
		m.diary[n-1].lines = append(m.diary[n-1].lines, text)
		return
	}
	m.diary = append(m.diary, entry{m.at, what, []string{text}})
}

// opensAt is the time of day of all tasks.
const opensAt = 8 * time.Hour

// runTasks does the tasks of a day.
func (m *monthEnd) runTasks(ctx context.Context, date time.Time) error {
	for len(m.agenda) > 0 && m.agenda[0].day == date.Day() {
		m.at = date.Add(opensAt)
		if err := m.advance(ctx, m.at); err != nil {
			return err
		}
		if err := m.agenda[0].do(m, ctx); err != nil {
			return fmt.Errorf("the month-end of %s, on %s: %w", m.st.period, date.Format("2 January"), err)
		}
		m.agenda = m.agenda[1:]
	}
	return nil
}

// runRemaining does all tasks that are left, from a day on.
func (m *monthEnd) runRemaining(ctx context.Context, from time.Time) error {
	for date := from; len(m.agenda) > 0; date = date.AddDate(0, 0, 1) {
		if err := m.runTasks(ctx, date); err != nil {
			return err
		}
	}
	return nil
}

// obligations reads the month's obligations.
func (m *monthEnd) obligations(ctx context.Context) ([]spec.Obligation, error) {
	var all []spec.Obligation
	limit := pageSize
	params := spec.ListObligationsParams{Limit: &limit}
	for {
		answer, err := m.org.ListObligationsWithResponse(ctx, m.st.period, &params)
		if err != nil {
			return nil, err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all, nil
		}
		params.Cursor = page.NextCursor
	}
}

// The kinds of obligations in the API.
const (
	collection = "collection"
	payout     = "payout"
)

// isOwedByMerchant reports whether an obligation is a shop's.
func isOwedByMerchant(o *spec.Obligation) bool { return o.Kind == collection && o.Payer != organiser }

// isOwing reports whether a party has an obligation still to pay, at least in part.
func isOwing(o *spec.Obligation) bool { return o.Kind == collection && o.Outstanding != "0.00" }

// largest returns the obligations that satisfy a condition, the largest first.
func largest(all []spec.Obligation, wanted func(*spec.Obligation) bool) ([]spec.Obligation, error) {
	var some []spec.Obligation
	size := make(map[string]fen)
	for i := range all {
		if o := &all[i]; wanted(o) {
			amount, err := parseFen(o.Amount)
			if err != nil {
				return nil, err
			}
			size[o.Reference] = amount
			some = append(some, *o)
		}
	}
	slices.SortStableFunc(some, func(a, b spec.Obligation) int { return cmp.Compare(size[b.Reference], size[a.Reference]) })
	return some, nil
}

// total adds up what is outstanding.
func total(some []spec.Obligation) (sum fen, err error) {
	for i := range some {
		amount, err := parseFen(some[i].Outstanding)
		if err != nil {
			return 0, err
		}
		sum += amount
	}
	return sum, nil
}

// read reads the settlement, and checks its state.
func (m *monthEnd) read(ctx context.Context, state string) (*spec.Settlement, error) {
	answer, err := m.org.GetSettlementWithResponse(ctx, m.st.period)
	if err != nil {
		return nil, err
	}
	settled, err := expect200(answer.JSON200, answer.Body)
	if err == nil && string(settled.State) != state {
		err = fmt.Errorf("the settlement should be %s, and is %s", state, settled.State)
	}
	return settled, err
}

// prepare checks the figures of the netting, registers bank accounts, and has the shop
// that will pay late lodge a deposit.
func (m *monthEnd) prepare(ctx context.Context) error {
	settled, err := m.read(ctx, "in_review")
	if err != nil {
		return err
	}
	n := settled.Netting
	if n == nil {
		return fmt.Errorf("the organiser is not told what the netting saves")
	}
	var amounts [3]fen
	for i, text := range []string{n.Gross, n.Netted, n.Saved} {
		if amounts[i], err = parseFen(text); err != nil {
			return err
		}
	}
	if amounts[1] != m.st.paying+m.st.receiving || amounts[0] != amounts[1]+amounts[2] {
		return fmt.Errorf("netting %s to %s saves %s, it says, and the transfers come to %s", n.Gross, n.Netted, n.Saved, m.st.paying+m.st.receiving)
	}
	m.note("Review 复核", "%s bookings, gross 总额 %s, net to %d transfers, 净额 %s: %s need not move.", grouped(n.GrossCount), amounts[0].grouped(), n.Transfers,
		amounts[1].grouped(), amounts[2].grouped())
	if err := m.setAccounts(ctx); err != nil {
		return err
	}
	all, err := m.obligations(ctx)
	if err != nil {
		return err
	}
	owed, err := largest(all, isOwedByMerchant)
	if err != nil || len(owed) == 0 {
		return err
	}
	m.partPayer = &owed[len(owed)*2/3]
	if _, err := book(ctx, m.office, lodgeDeposit(m.partPayer.Payer, deposit)); err != nil {
		return err
	}
	m.bank.balance += deposit
	m.note("Deposit 保证金", "%s lodges %s, which covers what it may come to owe.", m.partPayer.Payer, deposit.grouped())
	return nil
}

// deposit is the amount of the deposit that a shop lodges.
const deposit = 2000 * yuan

// checkApproved checks that the month is approved, as it is when the review has ended
// without further disputes.
func (m *monthEnd) checkApproved(ctx context.Context) error {
	all, err := m.obligations(ctx)
	if err != nil {
		return err
	}
	state := "approved"
	if !slices.ContainsFunc(all, func(o spec.Obligation) bool { return o.State != "carried" }) {
		state = "settled" // nothing is to be paid
	}
	if _, err := m.read(ctx, state); err != nil {
		return err
	}
	owed, err := largest(all, isOwing)
	if err != nil {
		return err
	}
	const what = "Approved 通过"
	m.note(what, "by silence: the three days of review are over.")
	if len(owed) == 0 {
		return nil
	}
	sum, err := total(owed)
	if err != nil {
		return err
	}
	o := &owed[0]
	m.note(what, "%d payments, %s, are due on %s, such as %s's %s by %s.", len(owed), sum.grouped(), o.DueAt.In(m.at.Location()).Format("2 January"),
		o.Payer, regroup(o.Outstanding), o.Reference)
	return nil
}

// regroup formats an amount of the API for people. Text that is not an amount is
// returned as it is.
func regroup(text string) string {
	amount, err := parseFen(text)
	if err != nil {
		return text
	}
	return amount.grouped()
}
