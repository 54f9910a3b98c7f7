package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// The bank accounts of the demo. Their numbers and the bank are fictitious.
const (
	bankName       = "滨江示范银行"
	merchantNumber = "8066 0120 %04d 0017"
	memberNumber   = "8088 8800 5710 %04d"
	closedNumber   = "8066 0120 %04d 0009" // a closed account
	custodyNumber  = 9000
)

func bankAccount(holder, format string, number int) spec.BankAccount {
	return spec.BankAccount{Holder: holder, Number: fmt.Sprintf(format, number), Bank: ptr(bankName)}
}

// membersWithAccount is how many members have registered a bank account before the
// first payment run: those who are paid most.
const membersWithAccount = 12

// setAccounts registers bank accounts: at first those of all parties and of some
// members, later those of the other members.
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
		return m.setMemberAccounts(ctx, membersWithAccount)
	}
	return m.setMemberAccounts(ctx, len(m.st.commissions))
}

// setMemberAccounts registers accounts for the best paid members of the month, at most
// so many.
func (m *monthEnd) setMemberAccounts(ctx context.Context, most int) error {
	for i := range m.st.commissions[:min(most, len(m.st.commissions))] {
		c := &m.st.commissions[i]
		if c.paid == 0 || m.memberAccounts[c.member] {
			continue
		}
		m.memberAccounts[c.member] = true
		if err := m.setAccount(ctx, spec.SetBankAccountParamsHolderKindMember, c.member, bankAccount("会员 "+c.member, memberNumber, len(m.memberAccounts))); err != nil {
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
	_, err = expect200(answer.JSON200, answer.Body)
	return err
}

func (m *monthEnd) setMerchantAccount(ctx context.Context, code, format string) error {
	s := m.merchant(code)
	account := bankAccount(s.name+"有限公司", format, slices.Index(m.merchants, s)+1)
	return m.setAccount(ctx, spec.SetBankAccountParamsHolderKindParty, code, account)
}
