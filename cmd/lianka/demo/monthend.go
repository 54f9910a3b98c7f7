package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// monthEnd is what becomes of a closed month while the next one goes on: shops
// look at it and object, money moves through the bank, and somebody is late.
type monthEnd struct {
	*story
	st     *statement
	agenda []appointment
	quiet  bool // nothing happens that calls for more than the diary
	diary  []entry
	at     time.Time // when the office opened today

	disputes []dispute
	late     *spec.Obligation // whose shop pays a part at first; nil: nobody does
	part     fen              // which it pays
	closed   *spec.Obligation // whose payee's account is closed; nil: none is
}

// appointment is something that is done on a day of the next month, before the
// shops open.
type appointment struct {
	day  int
	keep func(*monthEnd, context.Context) error
}

// eventful is the agenda of a month in which much goes wrong, uneventful that of a
// month in which nothing does.
var (
	eventful = []appointment{
		{1, (*monthEnd).prepare}, {2, (*monthEnd).object}, {3, (*monthEnd).answer}, {4, (*monthEnd).approved}, {5, (*monthEnd).pay},
		{6, (*monthEnd).firstStatement}, {7, (*monthEnd).payAgain}, {11, (*monthEnd).reminded}, {12, (*monthEnd).lastStatement},
	}
	uneventful = []appointment{{1, (*monthEnd).setAccounts}, {4, (*monthEnd).approved}, {5, (*monthEnd).payQuietly}, {6, (*monthEnd).lastStatement}}
)

// entry is what was done on a day, and came of it.
type entry struct {
	at    time.Time
	what  string
	lines []string
}

// note writes a line into the diary.
func (m *monthEnd) note(what, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if n := len(m.diary); n > 0 && m.diary[n-1].what == what {
		m.diary[n-1].lines = append(m.diary[n-1].lines, text)
		return
	}
	m.diary = append(m.diary, entry{m.at, what, []string{text}})
}

// opensAt is when the office opens.
const opensAt = 8 * time.Hour

// keepAppointments does what is due on a day.
func (m *monthEnd) keepAppointments(ctx context.Context, date time.Time) error {
	for len(m.agenda) > 0 && m.agenda[0].day == date.Day() {
		m.at = date.Add(opensAt)
		if err := m.advance(ctx, m.at); err != nil {
			return err
		}
		if err := m.agenda[0].keep(m, ctx); err != nil {
			return fmt.Errorf("the month-end of %s, on %s: %w", m.st.period, date.Format("2 January"), err)
		}
		m.agenda = m.agenda[1:]
	}
	return nil
}

// goThrough does all that is left, on the days that follow.
func (m *monthEnd) goThrough(ctx context.Context, from time.Time) error {
	for date := from; len(m.agenda) > 0; date = date.AddDate(0, 0, 1) {
		if err := m.keepAppointments(ctx, date); err != nil {
			return err
		}
	}
	return nil
}

// obligations reads who is to pay whom for the month.
func (m *monthEnd) obligations(ctx context.Context) ([]spec.Obligation, error) {
	var all []spec.Obligation
	limit := pageSize
	params := spec.ListObligationsParams{Limit: &limit}
	for {
		answer, err := m.org.ListObligationsWithResponse(ctx, m.st.period, &params)
		if err != nil {
			return nil, err
		}
		page, err := said200(answer.JSON200, answer.Body)
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

// The kinds of obligations, as the API calls them.
const (
	collection = "collection"
	payout     = "payout"
)

// isOwedByMerchant reports whether a shop is to pay it.
func isOwedByMerchant(o *spec.Obligation) bool { return o.Kind == collection && o.Payer != organiser }

// isOwing reports whether a party is still to pay it, or a part of it.
func isOwing(o *spec.Obligation) bool { return o.Kind == collection && o.Outstanding != "0.00" }

// largest returns the obligations that are wanted, the largest first.
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

// read reads the settlement, and checks how far it is.
func (m *monthEnd) read(ctx context.Context, state string) (*spec.Settlement, error) {
	answer, err := m.org.GetSettlementWithResponse(ctx, m.st.period)
	if err != nil {
		return nil, err
	}
	settled, err := said200(answer.JSON200, answer.Body)
	if err == nil && string(settled.State) != state {
		err = fmt.Errorf("the settlement should be %s, and is %s", state, settled.State)
	}
	return settled, err
}

// prepare reads what there is to be reviewed, and tells the server where money goes.
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
	m.late = &owed[len(owed)*2/3]
	if _, err := book(ctx, m.office, lodgeDeposit(m.late.Payer, deposit)); err != nil {
		return err
	}
	m.bank.balance += deposit
	m.note("Deposit 保证金", "%s lodges %s, which covers what it may come to owe.", m.late.Payer, deposit.grouped())
	return nil
}

// deposit is what a shop has lodged.
const deposit = 2000 * yuan

// approved sees that the review is over: nobody else has objected in time.
func (m *monthEnd) approved(ctx context.Context) error {
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
