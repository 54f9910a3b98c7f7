package statement

import (
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// word is a text in both languages of a printed statement.
type word struct{ chinese, english string }

func (w word) String() string {
	if w.chinese == "" {
		return w.english
	}
	return w.chinese + " " + w.english
}

// short returns the text in Chinese, or in English if there is no other.
func (w word) short() string {
	if w.chinese == "" {
		return w.english
	}
	return w.chinese
}

// kindWord says what a type of transaction is. One that has no word yet goes by
// its own name.
func kindWord(t ledger.Type) word {
	switch t {
	case "card.sold":
		return word{"售卡", "card.sold"}
	case "card.topped_up":
		return word{"充值", "card.topped_up"}
	case "value.spent":
		return word{"储值消费", "value.spent"}
	case "pass.used":
		return word{"次卡核销", "pass.used"}
	case "coupon.used":
		return word{"优惠券", "coupon.used"}
	case "purchase.recorded":
		return word{"消费引流", "purchase.recorded"}
	case "points.spent":
		return word{"积分抵扣", "points.spent"}
	case "card.expired":
		return word{"卡到期", "card.expired"}
	case "reversed":
		return word{"冲正", "reversed"}
	case "dispute.adjusted":
		return word{"异议调账", "dispute.adjusted"}
	case "dispute.refused", "dispute.withdrawn":
		return word{"异议转入", string(t)}
	case "position.adjusted":
		return word{"调账", "position.adjusted"}
	case "payment.defaulted":
		return word{"违约损失分摊", "payment.defaulted"}
	case "payment.received", "payout.sent":
		return word{"损失收回", string(t)}
	case "pool.paid_in":
		return word{"卡池缴存", "pool.paid_in"}
	case "deposit.released":
		return word{"保证金转入", "deposit.released"}
	}
	return word{"", string(t)}
}

func groupWord(g Group) word {
	switch g {
	case MyMembersElsewhere:
		return word{"本方会员在他店", "My members elsewhere"}
	case OthersMembersHere:
		return word{"他方会员在本店", "Others' members here"}
	}
	return word{"其他", "Own and other"}
}

// partyName returns what a party is called in print: a shop by its name, or by its
// code if it has none.
func (s *Statement) partyName(code string) string {
	switch code {
	case clearing.Organiser:
		return word{"盟主", "Organiser"}.String()
	case clearing.Custody:
		return word{"存管", "Custody"}.String()
	case "":
		return word{"线上", "Online"}.String()
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
