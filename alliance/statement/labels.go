package statement

import (
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// label says what a type of transaction is: the rule book's types by its registry, the
// clearing house's by their own tables. One that has no label yet goes by its name.
func (s *Statement) label(t ledger.Type) ledger.Label {
	if label, ok := s.Registry.Label(t); ok {
		return label
	}
	if label, ok := clearingLabels[t]; ok {
		return label
	}
	return ledger.Label{English: string(t)}
}

var clearingLabels = map[ledger.Type]ledger.Label{
	"dispute.adjusted":  {Chinese: "异议调账", English: "dispute.adjusted"},
	"dispute.refused":   {Chinese: "异议转入", English: "dispute.refused"},
	"dispute.withdrawn": {Chinese: "异议转入", English: "dispute.withdrawn"},
	"position.adjusted": {Chinese: "调账", English: "position.adjusted"},
	"payment.defaulted": {Chinese: "违约损失分摊", English: "payment.defaulted"},
	"payment.received":  {Chinese: "损失收回", English: "payment.received"},
	"payout.sent":       {Chinese: "损失收回", English: "payout.sent"},
	"pool.paid_in":      {Chinese: "卡池缴存", English: "pool.paid_in"},
	"deposit.released":  {Chinese: "保证金转入", English: "deposit.released"},
}

func groupLabel(g Group) ledger.Label {
	switch g {
	case MyMembersElsewhere:
		return ledger.Label{Chinese: "本方会员在他店", English: "My members elsewhere"}
	case OthersMembersHere:
		return ledger.Label{Chinese: "他方会员在本店", English: "Others' members here"}
	}
	return ledger.Label{Chinese: "其他", English: "Own and other"}
}

// partyName returns what a party is called in print: a shop by its name, or by its
// code if it has none.
func (s *Statement) partyName(code string) string {
	switch code {
	case clearing.Organiser:
		return ledger.Label{Chinese: "盟主", English: "Organiser"}.String()
	case clearing.Custody:
		return ledger.Label{Chinese: "存管", English: "Custody"}.String()
	case "":
		return ledger.Label{Chinese: "线上", English: "Online"}.String()
	}
	if name := s.Shops[code]; name != "" {
		return name
	}
	return code
}

// groups returns the three groups with their names.
func (s *Statement) groups() []struct {
	Group Group
	Shops []Counterparty
} {
	return []struct {
		Group Group
		Shops []Counterparty
	}{
		{MyMembersElsewhere, s.MyMembersElsewhere}, {OthersMembersHere, s.OthersMembersHere}, {Own, s.Own},
	}
}
