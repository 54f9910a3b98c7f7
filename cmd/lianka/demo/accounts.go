package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// The bank accounts of the story. Their numbers are made up, and so is the bank.
const (
	homeBank       = "滨江示范银行"
	merchantNumber = "8066 0120 %04d 0017"
	memberNumber   = "6288 8800 5710 %04d"
	closedNumber   = "8066 0120 %04d 0009" // of an account that was closed
	custodyNumber  = 9000
)

func bankAccount(holder, format string, number int) spec.BankAccount {
	return spec.BankAccount{Holder: holder, Number: fmt.Sprintf(format, number), Bank: ptr(homeBank)}
}

// banked is how many members have a bank account at first: those who are paid most.
const banked = 12

// setAccounts tells the server where money comes from and goes to. At first only
// some members have said where they want it.
func (m *monthEnd) setAccounts(ctx context.Context) error {
	if m.bank == nil {
		m.bank = newBank(m.alliance.Name)
		if err := m.setAccount(ctx, spec.SetBankAccountParamsHolderKindParty, custody, m.bank.account); err != nil {
			return err
		}
		if err := m.setAccount(ctx, spec.SetBankAccountParamsHolderKindParty, organiser, bankAccount(m.alliance.Name, merchantNumber, custodyNumber+1)); err != nil {
			return err
		}
		for i, s := range m.merchants {
			if err := m.setAccount(ctx, spec.SetBankAccountParamsHolderKindParty, s.code, bankAccount(s.name+"有限公司", merchantNumber, i+1)); err != nil {
				return err
			}
		}
		return m.setMembers(ctx, banked)
	}
	return m.setMembers(ctx, len(m.st.commissions))
}

// setMembers tells the server where the first so many members of the month are
// paid.
func (m *monthEnd) setMembers(ctx context.Context, most int) error {
	for i := range m.st.commissions[:min(most, len(m.st.commissions))] {
		c := &m.st.commissions[i]
		if c.paid == 0 || m.known[c.member] {
			continue
		}
		m.known[c.member] = true
		if err := m.setAccount(ctx, spec.SetBankAccountParamsHolderKindMember, c.member, bankAccount("会员 "+c.member, memberNumber, len(m.known))); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) setAccount(ctx context.Context, kind spec.SetBankAccountParamsHolderKind, holder string, account spec.BankAccount) error {
	answer, err := s.org.SetBankAccountWithResponse(ctx, kind, holder, account)
	if err != nil {
		return err
	}
	_, err = said200(answer.JSON200, answer.Body)
	return err
}

func (m *monthEnd) setMerchantAccount(ctx context.Context, code, format string) error {
	s := m.merchant(code)
	account := bankAccount(s.name+"有限公司", format, slices.Index(m.merchants, s)+1)
	return m.setAccount(ctx, spec.SetBankAccountParamsHolderKindParty, code, account)
}
