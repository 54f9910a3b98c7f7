package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// statement is the result of a closed month.
type statement struct {
	period       string
	opens        time.Time
	transactions int

	lines   []line // the shops in the circle's order, then the organiser
	custody line
	members line

	paying, receiving fen // by transfers, over all parties
	payers, receivers int

	commissions []commission // the best paid first
	paid        fen
	paidMembers int

	log []spec.Transaction

	cover map[spec.AccountKind]fen // what the circle holds (negative) and owes after the settlement
}

// line is a party's result of a month.
type line struct {
	party, name string
	opening     fen
	why         byReason
	movement    fen
	transfer    fen // positive: to the party
	carried     fen
}

// commission is what a member was paid.
type commission struct {
	member          string
	paid, stillHeld fen
}

// close advances the clock to the end of a month, reads its log and settlement, and
// checks them.
func (s *story) close(ctx context.Context, opens time.Time) (*statement, error) {
	if err := s.advance(ctx, opens.AddDate(0, 1, 0)); err != nil {
		return nil, err
	}
	st := &statement{period: opens.Format("2006-01"), opens: opens}
	log, err := s.readLog(ctx, st.period)
	if err != nil {
		return nil, err
	}
	st.log, st.transactions = log, len(log)
	if err := s.checkReceipts(log); err != nil {
		return nil, err
	}
	reasons := make(reasons)
	for i := range log {
		if err := reasons.add(&log[i]); err != nil {
			return nil, err
		}
	}
	answer, err := s.org.GetSettlementWithResponse(ctx, st.period)
	if err != nil {
		return nil, err
	}
	settled, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return nil, err
	}
	if err := st.addLines(s.merchants, settled, reasons); err != nil {
		return nil, err
	}
	if err := s.readPayouts(ctx, st); err != nil {
		return nil, err
	}
	s.online -= st.custody.movement - st.custody.why[adjusted]
	st.cover, err = s.readCover(ctx)
	return st, err
}

// addLines adds the lines of a settlement, with the reasons for each, and checks that
// they add up.
func (st *statement) addLines(merchants []*merchant, settled *spec.Settlement, reasons reasons) error {
	carried := make(map[string]spec.SettledPosition, len(settled.Positions))
	for _, p := range settled.Positions {
		carried[p.Party] = p
	}
	parties := []line{}
	for _, p := range merchants {
		parties = append(parties, line{party: p.code, name: p.name})
	}
	parties = append(parties, line{party: organiser, name: "盟主"})
	if len(carried) != len(parties) {
		return fmt.Errorf("the settlement has %d parties, not %d", len(carried), len(parties))
	}
	for _, l := range parties {
		position, ok := carried[l.party]
		if !ok {
			return fmt.Errorf("%s is not in the settlement", l.party)
		}
		if err := l.readPosition(position); err != nil {
			return err
		}
		l.why = *reasons.of(l.party)
		if l.why.sum() != l.movement {
			return fmt.Errorf("%s: the log adds up to %s, the settlement says that %s moved", l.party, l.why.sum(), l.movement)
		}
		if l.opening+l.movement != l.transfer+l.carried {
			return fmt.Errorf("%s: opening %s and movement %s are not transfer %s and carried %s", l.party, l.opening, l.movement, l.transfer, l.carried)
		}
		st.lines = append(st.lines, l)
	}
	st.custody = line{party: custody, name: "存管", why: *reasons.of(custody)}
	st.custody.movement = st.custody.why.sum()
	st.members = line{party: holders, name: "会员", why: *reasons.of(holders)}
	st.members.movement = st.members.why.sum()
	return st.checkTransfers(settled.Transfers)
}

// readPosition reads the figures of a settled position.
func (l *line) readPosition(p spec.SettledPosition) error {
	for text, into := range map[*string]*fen{&p.Opening: &l.opening, &p.Movement: &l.movement, &p.Transfer: &l.transfer, &p.Carried: &l.carried} {
		var err error
		if *into, err = parseFen(*text); err != nil {
			return fmt.Errorf("%s: %w", l.party, err)
		}
	}
	return nil
}

// checkTransfers adds up the transfers of each party and checks them against the lines.
// Custody's line takes its transfer from them, because custody has no position.
func (st *statement) checkTransfers(transfers []spec.Transfer) error {
	net := make(map[string]fen)
	for _, t := range transfers {
		amount, err := parseFen(t.Amount)
		if err != nil {
			return err
		}
		net[t.From] -= amount
		net[t.To] += amount
	}
	st.custody.transfer = net[custody]
	total := st.custody.transfer
	for i := range st.lines {
		l := &st.lines[i]
		if net[l.party] != l.transfer {
			return fmt.Errorf("%s: the transfers come to %s, the position to %s", l.party, net[l.party], l.transfer)
		}
		total += l.transfer
		switch {
		case l.transfer > 0:
			st.receiving += l.transfer
			st.receivers++
		case l.transfer < 0:
			st.paying -= l.transfer
			st.payers++
		}
	}
	if total != 0 {
		return fmt.Errorf("the transfers add up to %s, not to zero", total)
	}
	for c := range columns {
		sum := st.custody.why[c] + st.members.why[c]
		for i := range st.lines {
			sum += st.lines[i].why[c]
		}
		if sum != 0 {
			return fmt.Errorf("column %d adds up to %s, not to zero", c, sum)
		}
	}
	return nil
}

// readPayouts reads what members were paid.
func (s *story) readPayouts(ctx context.Context, st *statement) error {
	statements, err := s.readCommissions(ctx, st.period)
	if err != nil {
		return err
	}
	for _, c := range statements {
		paid, err := parseFen(c.Paid)
		if err != nil {
			return err
		}
		pending, err := parseFen(c.Pending)
		if err != nil {
			return err
		}
		payable, err := parseFen(c.Payable)
		if err != nil {
			return err
		}
		st.paid += paid
		if paid > 0 {
			st.paidMembers++
		}
		st.commissions = append(st.commissions, commission{c.Member, paid, pending + payable})
	}
	slices.SortStableFunc(st.commissions, func(a, b commission) int { return cmp.Compare(b.paid, a.paid) })
	return nil
}

// readCover reads what the circle holds and owes now. It checks that these are equal, and
// that custody holds what was paid online and through the bank.
func (s *story) readCover(ctx context.Context) (map[spec.AccountKind]fen, error) {
	answer, err := s.org.GetTrialBalanceWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	balance, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return nil, err
	}
	cover := make(map[spec.AccountKind]fen)
	var total fen
	for _, l := range balance.Items {
		debit, err := parseFen(l.Balance)
		if err != nil {
			return nil, err
		}
		cover[l.Account] = -debit
		total += debit
	}
	if total != 0 {
		return nil, fmt.Errorf("the trial balance adds up to %s, not to zero", total)
	}
	held := s.online
	if s.bank != nil {
		held += s.bank.balance - s.bank.unclaimed
	}
	if booked := -cover[spec.AccountKindCustody]; booked != held {
		return nil, fmt.Errorf("custody holds %s by the books, and %s was paid online and came through the bank", booked, held)
	}
	return cover, nil
}
