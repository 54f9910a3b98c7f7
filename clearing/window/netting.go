package window

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Position is what the circle owes a party in a window; below zero, the party owes the
// circle. Opening + Movement = Transfer + Carried, and Transfer or Carried is zero.
type Position struct {
	Party    string
	Opening  money.Amount
	Movement money.Amount
	Transfer money.Amount
	Carried  money.Amount

	Movements ledger.Turnover // what made up Movement, by type of transaction
	Final     bool            // the party has left: it is settled however small the position is
}

// Transfer is a payment between two parties; Amount is above zero.
type Transfer struct {
	From   string
	To     string
	Amount money.Amount
}

// Net decides which positions are settled at a month-end, and by which transfers. Given
// positions with Opening and Movement, it returns them with Transfer and Carried, sorted by
// party. A position is settled if it is not zero and is at least Policy.MinimumTransfer or
// final.
//
// Through custody, each settled party pays custody or is paid by it. Directly, the party
// that still owes most pays the one that is still owed most, until nothing is left; ties go
// to the lower code, and custody takes part with what balances the rest.
func Net(positions []Position, policy Policy) ([]Position, []Transfer, error) {
	settled := slices.Clone(positions)
	slices.SortFunc(settled, func(a, b Position) int { return cmp.Compare(a.Party, b.Party) })
	for i := range settled {
		p := &settled[i]
		position, err := p.Opening.Add(p.Movement)
		if err != nil {
			return nil, nil, fmt.Errorf("position of %s: %w", p.Party, err)
		}
		p.Transfer, p.Carried = position.Currency().Zero(), position
		if !position.IsZero() && (p.Final || position.Abs().Cmp(policy.MinimumTransfer) >= 0) {
			p.Transfer, p.Carried = p.Carried, p.Transfer
		}
	}
	if policy.Direct {
		transfers, err := match(settled)
		return settled, transfers, err
	}
	return settled, throughCustody(settled), nil
}

func throughCustody(positions []Position) []Transfer {
	var transfers []Transfer
	for _, p := range positions {
		switch p.Transfer.Sign() {
		case 1:
			transfers = append(transfers, Transfer{From: clearing.Custody, To: p.Party, Amount: p.Transfer})
		case -1:
			transfers = append(transfers, Transfer{From: p.Party, To: clearing.Custody, Amount: p.Transfer.Neg()})
		}
	}
	return transfers
}

func match(positions []Position) ([]Transfer, error) {
	type side struct {
		party string
		left  money.Amount
	}
	var debtors, creditors []side
	add := func(party string, net money.Amount) {
		switch net.Sign() {
		case 1:
			creditors = append(creditors, side{party, net})
		case -1:
			debtors = append(debtors, side{party, net.Neg()})
		}
	}
	if len(positions) == 0 {
		return nil, nil
	}
	balance := positions[0].Transfer.Currency().Zero()
	for _, p := range positions {
		add(p.Party, p.Transfer)
		var err error
		if balance, err = balance.Sub(p.Transfer); err != nil {
			return nil, fmt.Errorf("custody's part: %w", err)
		}
	}
	add(clearing.Custody, balance)

	largest := func(sides []side) *side {
		most := &sides[0]
		for i := range sides {
			s := &sides[i]
			if c := s.left.Cmp(most.left); c > 0 || (c == 0 && s.party < most.party) {
				most = s
			}
		}
		return most
	}
	var transfers []Transfer
	for len(debtors) > 0 && len(creditors) > 0 {
		from, to := largest(debtors), largest(creditors)
		if from.left.IsZero() {
			break
		}
		amount := money.Min(from.left, to.left)
		transfers = append(transfers, Transfer{From: from.party, To: to.party, Amount: amount})
		for _, s := range []*side{from, to} {
			var err error
			if s.left, err = s.left.Sub(amount); err != nil {
				return nil, err
			}
		}
	}
	return transfers, nil
}

// ClosingEntries returns the entries that settle the positions. They are the same whether
// parties pay custody or each other. The other side is the party's account of payables or
// receivables, until the payment has been made. If everything counts as paid at once, as in
// a replay, it is custody.
func ClosingEntries(positions []Position, atOnce bool) ([]ledger.Entry, error) {
	var entries []ledger.Entry
	if len(positions) == 0 {
		return nil, nil
	}
	custody := positions[0].Transfer.Currency().Zero()
	for _, p := range positions {
		if p.Transfer.IsZero() {
			continue
		}
		entries = append(entries, ledger.Entry{Account: clearing.PartyAccount(p.Party), Amount: p.Transfer})
		if !atOnce {
			entries = append(entries, ledger.Entry{Account: unpaid(p), Amount: p.Transfer.Neg()})
			continue
		}
		var err error
		if custody, err = custody.Sub(p.Transfer); err != nil {
			return nil, err
		}
	}
	if !custody.IsZero() {
		entries = append(entries, ledger.Entry{Account: clearing.PartyAccount(clearing.Custody), Amount: custody})
	}
	return entries, nil
}

// unpaid returns the account of what a party is to be paid, or is to pay, for a closed month.
func unpaid(p Position) ledger.Account {
	if p.Transfer.Sign() > 0 {
		return ledger.Account{Kind: ledger.Payables, Owner: p.Party}
	}
	return ledger.Account{Kind: ledger.Receivables, Owner: p.Party}
}

// Netting says how much money a month's netting saved from being moved.
type Netting struct {
	Gross      money.Amount // what the parties owed the circle or each other by single transactions, each amount once
	GrossCount int64        // how many payments that would have been: a transaction counts once for each party that it moves
	Netted     money.Amount // the sum of the transfers
	Saved      money.Amount // Gross less Netted: money that need not move; below zero if custody stands between parties that netting saves nothing
}

// givenAndTaken are the types of transactions by which a party owes the circle the whole and
// is owed its share, or the other way round, as when a card is given back, and those that undo
// any type, in either direction.
var givenAndTaken = map[ledger.Type]bool{"card.sold": true, "card.topped_up": true, "card.refunded": true, "reversed": true}

// Netting compares what a month moved between the parties and the circle with the transfers
// that settle it. What one party owes another is a debit of the one and a credit of the
// other, and counts once: of each type of transactions the larger of both sums counts. What
// both have in common went from party to party, and the rest to or from the circle. Only
// the types of givenAndTaken are the circle's affair on both sides.
func (s *Snapshot) Netting() Netting {
	var n Netting
	debits, credits := make(map[ledger.Type]int64), make(map[ledger.Type]int64)
	for _, p := range s.Positions {
		for _, m := range p.Movements {
			debits[m.Type] += m.Debits
			credits[m.Type] += m.Credits
			n.GrossCount += m.Count
		}
	}
	gross, netted := int64(0), int64(0)
	for kind := range debits {
		if givenAndTaken[kind] {
			gross += debits[kind] + credits[kind]
		} else {
			gross += max(debits[kind], credits[kind])
		}
	}
	for _, t := range s.Transfers {
		netted += t.Amount.Minor()
	}
	n.Gross, n.Netted, n.Saved = s.Currency.Minor(gross), s.Currency.Minor(netted), s.Currency.Minor(gross-netted)
	return n
}
