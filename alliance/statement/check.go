package statement

import (
	"context"
	"fmt"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// MismatchError says that a statement does not add up: the books were altered, or this
// package misreads them.
type MismatchError struct {
	Party  string
	Period string
	What   string // what was compared, such as "the movement"
	Stated int64  // what the statement says, in minor units or as a count
	Found  int64  // what the lines come to, likewise
}

// Error says what differs, and by how much.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("statement of %s for %s: %s is stated as %d, and the lines come to %d, a difference of %d (amounts in minor units)",
		e.Party, e.Period, e.What, e.Stated, e.Found, e.Found-e.Stated)
}

// Check reads all lines and returns a *[MismatchError] unless they add up,
// exactly: to the movement that was settled, to every sum by kind and by shop, and
// from the opening through each balance to transfer and carried.
func (s *Statement) Check(ctx context.Context) error {
	sums := newTally(s.Alliance.Currency)
	balance := s.Opening
	for line, err := range s.Lines(ctx) {
		if err != nil {
			return err
		}
		if err := sums.add(&line); err != nil {
			return err
		}
		if balance, err = balance.Add(line.Effect); err != nil {
			return err
		}
		if err := s.same("the balance after "+ledger.ID(line.Seq), line.Balance, balance); err != nil {
			return err
		}
	}
	if err := s.same("the movement", s.Movement, sums.total); err != nil {
		return err
	}
	if err := s.sameCount("the number of lines", s.Count, sums.count); err != nil {
		return err
	}
	out, err := s.Transfer.Add(s.Carried)
	if err != nil {
		return err
	}
	if err := s.same("transfer + carried", out, balance); err != nil {
		return err
	}
	paid := s.Alliance.Currency.Zero()
	for _, t := range s.Transfers {
		if paid, err = paid.Add(t.Amount); err != nil {
			return err
		}
	}
	if err := s.same("the sum of the transfers", s.Transfer, paid); err != nil {
		return err
	}
	var found Statement
	sums.into(&found)
	if err := s.sameMovements(found.Movements); err != nil {
		return err
	}
	if err := s.sameHeadings(found.Headings); err != nil {
		return err
	}
	for _, g := range []struct {
		name          Group
		stated, found []Counterparty
	}{
		{MyMembersElsewhere, s.MyMembersElsewhere, found.MyMembersElsewhere},
		{OthersMembersHere, s.OthersMembersHere, found.OthersMembersHere},
		{Own, s.Own, found.Own},
	} {
		if err := s.sameMerchants(g.name, g.stated, g.found); err != nil {
			return err
		}
	}
	return nil
}

func (s *Statement) sameMovements(found []Movement) error {
	if err := s.sameCount("the number of kinds", int64(len(s.Movements)), int64(len(found))); err != nil {
		return err
	}
	for i, m := range s.Movements {
		if m.Type != found[i].Type {
			return s.sameCount(fmt.Sprintf("whether %s is among the kinds", m.Type), 1, 0)
		}
		if err := s.sameCount(fmt.Sprintf("the number of %s", m.Type), m.Count, found[i].Count); err != nil {
			return err
		}
		if err := s.same(fmt.Sprintf("the sum of %s", m.Type), m.Amount, found[i].Amount); err != nil {
			return err
		}
	}
	return nil
}

func (s *Statement) sameHeadings(found []HeadingSum) error {
	if err := s.sameCount("the number of headings", int64(len(s.Headings)), int64(len(found))); err != nil {
		return err
	}
	for i, h := range s.Headings {
		if h.Heading != found[i].Heading {
			return s.sameCount(fmt.Sprintf("whether %s is among the headings", h.Heading), 1, 0)
		}
		if err := s.sameCount(fmt.Sprintf("the number of lines under %s", h.Heading), h.Count, found[i].Count); err != nil {
			return err
		}
		if err := s.same(fmt.Sprintf("the sum under %s", h.Heading), h.Amount, found[i].Amount); err != nil {
			return err
		}
	}
	return nil
}

func (s *Statement) sameMerchants(g Group, stated, found []Counterparty) error {
	if err := s.sameCount(fmt.Sprintf("the number of shops in %s", g), int64(len(stated)), int64(len(found))); err != nil {
		return err
	}
	for i, c := range stated {
		if c.Merchant != found[i].Merchant {
			return s.sameCount(fmt.Sprintf("whether %q is in %s", c.Merchant, g), 1, 0)
		}
		if err := s.sameCount(fmt.Sprintf("the number of transactions with %q in %s", c.Merchant, g), c.Count, found[i].Count); err != nil {
			return err
		}
		if err := s.same(fmt.Sprintf("the gross sum with %q in %s", c.Merchant, g), c.Gross, found[i].Gross); err != nil {
			return err
		}
		if err := s.same(fmt.Sprintf("the sum with %q in %s", c.Merchant, g), c.Amount, found[i].Amount); err != nil {
			return err
		}
	}
	return nil
}

func (s *Statement) same(what string, stated, found money.Amount) error {
	return s.sameCount(what, stated.Minor(), found.Minor())
}

func (s *Statement) sameCount(what string, stated, found int64) error {
	if stated == found {
		return nil
	}
	return &MismatchError{Party: s.Party, Period: s.Window.Period, What: what, Stated: stated, Found: found}
}
