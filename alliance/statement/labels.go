package statement

import (
	"maps"
	"sync"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// label returns the label of a type of transaction, from the registry or from the package
// of the clearing house that makes it. A type without a label is called by its name.
func (s *Statement) label(t ledger.Type) ledger.Label {
	if label, ok := s.Registry.Label(t); ok {
		return label
	}
	if label, ok := clearingLabels()[t]; ok {
		return label
	}
	return ledger.Label{English: string(t)}
}

// clearingLabels are what the transactions of the clearing house are called.
var clearingLabels = sync.OnceValue(func() map[ledger.Type]ledger.Label {
	all := window.Labels()
	maps.Copy(all, settlement.Labels())
	return all
})

func groupLabel(g Group) ledger.Label {
	switch g {
	case MyMembersElsewhere:
		return ledger.Label{Chinese: "本方会员在他店", English: "My members elsewhere"}
	case OthersMembersHere:
		return ledger.Label{Chinese: "他方会员在本店", English: "Others' members here"}
	}
	return ledger.Label{Chinese: "其他", English: "Own and other"}
}

// partyName returns a party's name for print; a shop without a name is called by its code.
func (s *Statement) partyName(code string) string {
	switch code {
	case clearing.Organiser:
		return ledger.Label{Chinese: "盟主", English: "Organiser"}.String()
	case clearing.Custody:
		return ledger.Label{Chinese: "存管", English: "Custody"}.String()
	case "":
		return ledger.Label{Chinese: "线上", English: "Online"}.String()
	}
	if name := s.Merchants[code]; name != "" {
		return name
	}
	return code
}

// groups returns the three groups with their names.
func (s *Statement) groups() []struct {
	Group     Group
	Merchants []Counterparty
} {
	return []struct {
		Group     Group
		Merchants []Counterparty
	}{
		{MyMembersElsewhere, s.MyMembersElsewhere}, {OthersMembersHere, s.OthersMembersHere}, {Own, s.Own},
	}
}
