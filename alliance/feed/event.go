package feed

import (
	"strconv"
	"strings"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/ledger"
)

// Event is something that has happened in a circle. What does not apply is empty.
type Event struct {
	Number      int64             `json:"number"`
	At          time.Time         `json:"at"`
	Type        string            `json:"type"`
	Transaction string            `json:"transaction"` // of a change of the setup: the newest before it
	Period      string            `json:"period,omitempty"`
	Card        string            `json:"card,omitempty"`
	Merchant    string            `json:"merchant,omitempty"` // where it was done
	Party       string            `json:"party,omitempty"`    // whom it concerns; all, if it is empty
	Member      string            `json:"member,omitempty"`
	Reference   string            `json:"reference,omitempty"` // of an obligation
	Data        map[string]string `json:"data,omitempty"`      // the figures; amounts in major units
}

// Subject is what an event may be about, such as card:8801.
type Subject struct{ Kind, Code string }

// The kinds of subjects.
const (
	OfCard        = "card"
	OfMerchant    = "shop"
	OfMember      = "member"
	OfSettlement  = "settlement"
	OfReference   = "reference"
	OfTransaction = "transaction"
	OfKey         = "key"
)

// SubjectKinds lists the kinds of subjects.
func SubjectKinds() []string {
	return []string{OfCard, OfMerchant, OfMember, OfSettlement, OfReference, OfTransaction, OfKey}
}

// ParseSubject reads a subject. It reports false if it is none.
func ParseSubject(text string) (Subject, bool) {
	kind, code, ok := strings.Cut(text, ":")
	code, err := identifier.Read(code)
	if !ok || err != nil || code == "" {
		return Subject{}, false
	}
	for _, known := range SubjectKinds() {
		if kind == known {
			return Subject{kind, code}, true
		}
	}
	return Subject{}, false
}

// about reports whether the event is about a subject.
func (e *Event) about(s Subject) bool {
	switch s.Kind {
	case OfCard:
		return e.Card == s.Code
	case OfMerchant:
		return e.Merchant == s.Code || e.Party == s.Code
	case OfMember:
		return e.Member == s.Code
	case OfSettlement:
		return e.Period == s.Code && strings.HasPrefix(e.Type, "settlement.")
	case OfReference:
		return e.Reference == s.Code
	case OfTransaction:
		return e.Transaction == s.Code || e.Data["corrects"] == s.Code
	case OfKey:
		return e.Data["key"] == s.Code
	}
	return false
}

// eventOf returns the event that a transaction is.
func eventOf(t *ledger.Transaction, al clearing.Alliance) (Event, error) {
	r, err := alliance.DecodeRecord(*t)
	if err != nil {
		return Event{}, err
	}
	e := Event{
		Number: ledger.EventNumber(t.Seq, 0), At: t.BookedAt, Type: string(t.Type), Transaction: ledger.ID(t.Seq), Period: t.Period,
		Card: t.Card, Merchant: t.Merchant, Member: t.Member, Data: make(map[string]string),
	}
	f := &r.Facts
	amount := f.Amount
	if amount == 0 {
		amount = commissionOf(t)
	}
	for name, minor := range map[string]int64{"amount": amount, "bonus": f.Bonus} {
		if minor != 0 {
			e.Data[name] = al.Currency.Minor(minor).String()
		}
	}
	for name, n := range map[string]int64{"points": f.Points, "uses": f.Uses, "level": int64(f.Level)} {
		if n != 0 {
			e.Data[name] = strconv.FormatInt(n, 10)
		}
	}
	for name, seq := range map[string]int64{"corrects": t.Corrects, "sale": f.SaleSeq} {
		if seq != 0 {
			e.Data[name] = ledger.ID(seq)
		}
	}
	for name, text := range map[string]string{"product": f.Product, "benefit": f.Benefit, "home": t.Home, "presented": string(f.Presented)} {
		if text != "" {
			e.Data[name] = text
		}
	}
	if f.InFull {
		e.Data["in_full"] = "true"
	}
	if f.OccurredAt != nil {
		e.Data["occurred_at"] = f.OccurredAt.Format(time.RFC3339Nano)
	}
	if len(e.Data) == 0 {
		e.Data = nil
	}
	return e, nil
}

// commissionOf returns what a transaction moves out of a member's commission accounts
// without touching a card: what is released, or paid.
func commissionOf(t *ledger.Transaction) int64 {
	if t.Card != "" {
		return 0
	}
	for _, e := range t.Entries {
		if (e.Account.Kind == ledger.CommissionPending || e.Account.Kind == ledger.CommissionPayable) && e.Amount.Sign() > 0 {
			return e.Amount.Minor()
		}
	}
	return 0
}
