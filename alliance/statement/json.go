package statement

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

type jsonHead struct {
	Alliance           jsonParty      `json:"circle"`
	Party              jsonParty      `json:"party"`
	Period             string         `json:"period"`
	Window             jsonWindow     `json:"window"`
	Currency           string         `json:"currency"`
	State              string         `json:"state"`
	ReviewUntil        time.Time      `json:"review_until"`
	Opening            money.Amount   `json:"opening"`
	Movement           money.Amount   `json:"movement"`
	Transfer           money.Amount   `json:"transfer"`
	Carried            money.Amount   `json:"carried"`
	Transfers          []jsonTransfer `json:"transfers"`
	Payments           []jsonPayment  `json:"payments"`
	Movements          []jsonMovement `json:"movements"`
	MyMembersElsewhere []jsonMerchant `json:"my_members_elsewhere"`
	OthersMembersHere  []jsonMerchant `json:"others_members_here"`
	Own                []jsonMerchant `json:"own"`
	Headings           []jsonHeading  `json:"headings,omitempty"`
	LineCount          int64          `json:"line_count"`
}

type jsonParty struct {
	Code      string `json:"code"`
	Name      string `json:"name,omitempty"`
	LegalName string `json:"legal_name,omitempty"`
	TaxNumber string `json:"tax_number,omitempty"`
}

type jsonWindow struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Timezone string    `json:"timezone"`
	First    string    `json:"first_transaction"`
	Last     string    `json:"last_transaction"`
}

type jsonTransfer struct {
	With   string       `json:"with"`
	Name   string       `json:"name,omitempty"`
	Amount money.Amount `json:"amount"`
}

type jsonPayment struct {
	Reference   string              `json:"reference"`
	With        string              `json:"with"`
	Name        string              `json:"name,omitempty"`
	Amount      money.Amount        `json:"amount"`
	Outstanding money.Amount        `json:"outstanding"`
	Disputed    money.Amount        `json:"held"`
	Carried     money.Amount        `json:"carried"`
	Paid        money.Amount        `json:"paid"`
	Sent        money.Amount        `json:"sent"`
	State       string              `json:"state"`
	DueAt       time.Time           `json:"due_at,omitzero"`
	Covers      string              `json:"covers,omitempty"`
	Account     *settlement.Account `json:"pay_to,omitempty"`
}

type jsonMovement struct {
	Type   ledger.Type  `json:"type"`
	Count  int64        `json:"count"`
	Amount money.Amount `json:"amount"`
}

type jsonHeading struct {
	Heading Heading      `json:"heading"`
	Count   int64        `json:"count"`
	Amount  money.Amount `json:"amount"`
}

type jsonMerchant struct {
	Merchant string       `json:"shop"`
	Name     string       `json:"name,omitempty"`
	Count    int64        `json:"count"`
	Gross    money.Amount `json:"gross"`
	Amount   money.Amount `json:"amount"`
}

type jsonLine struct {
	Transaction  string       `json:"transaction"`
	BookedAt     time.Time    `json:"booked_at"`
	OccurredAt   time.Time    `json:"occurred_at,omitzero"`
	Type         ledger.Type  `json:"type"`
	Group        Group        `json:"group"`
	Counterparty string       `json:"counterparty,omitempty"`
	Card         string       `json:"card,omitempty"`
	Merchant     string       `json:"merchant,omitempty"`
	Home         string       `json:"home,omitempty"`
	Corrects     string       `json:"corrects,omitempty"`
	Gross        money.Amount `json:"gross"`
	Effect       money.Amount `json:"effect"`
	Balance      money.Amount `json:"balance"`

	Heading  Heading       `json:"heading,omitempty"`
	Headed   *money.Amount `json:"headed,omitempty"`
	Campaign string        `json:"campaign,omitempty"`
	Item     string        `json:"item,omitempty"`
	Hold     string        `json:"hold,omitempty"`
}

// writeJSON writes one object: the head, indented, and the lines last, each on
// a line of the file, so that they can be read one by one.
func writeJSON(ctx context.Context, w io.Writer, s *Statement) error {
	head, err := json.MarshalIndent(s.jsonHead(), "", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	_, _ = out.Write(bytes.TrimSuffix(head, []byte("\n}")))
	_, _ = out.WriteString(",\n  \"lines\": [")
	separator := "\n    "
	for line, err := range s.Lines(ctx) {
		if err != nil {
			return err
		}
		text, err := json.Marshal(s.jsonLine(&line))
		if err != nil {
			return err
		}
		_, _ = out.WriteString(separator)
		if _, err := out.Write(text); err != nil {
			return err
		}
		separator = ",\n    "
	}
	if s.Count > 0 {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.WriteString("]\n}\n")
	return out.Flush() // which also tells of the errors before it
}

func (s *Statement) jsonHead() jsonHead {
	h := jsonHead{
		Alliance: s.jsonParty(s.Alliance.Code, s.Alliance.Name, clearing.Organiser), Party: s.jsonParty(s.Party, s.PartyName(), s.Party),
		State: string(s.Phase), ReviewUntil: s.local(s.ReviewUntil),
		Period: s.Window.Period, Currency: s.Alliance.Currency.Code(),
		Window: jsonWindow{
			From: s.local(s.Window.OpensAt), To: s.local(s.Window.CutoffAt), Timezone: s.Alliance.Location.String(),
			First: ledger.ID(s.FirstSeq), Last: ledger.ID(s.LastSeq),
		},
		Opening: s.Opening, Movement: s.Movement, Transfer: s.Transfer, Carried: s.Carried,
		Transfers: []jsonTransfer{}, Payments: []jsonPayment{}, Movements: []jsonMovement{},
		MyMembersElsewhere: s.jsonMerchants(s.MyMembersElsewhere), OthersMembersHere: s.jsonMerchants(s.OthersMembersHere), Own: s.jsonMerchants(s.Own),
		LineCount: s.Count,
	}
	for _, t := range s.Transfers {
		h.Transfers = append(h.Transfers, jsonTransfer{t.With, s.Merchants[t.With], t.Amount})
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		payment := jsonPayment{
			Reference: p.Reference, With: p.With, Name: s.Merchants[p.With], Amount: p.Amount, Outstanding: p.Outstanding, Disputed: p.Disputed,
			Carried: p.Carried, Paid: p.Paid, Sent: p.Sent, State: string(p.Status), Covers: p.Covers, Account: p.Account,
		}
		if !p.DueAt.IsZero() {
			payment.DueAt = s.local(p.DueAt)
		}
		h.Payments = append(h.Payments, payment)
	}
	for _, m := range s.Movements {
		h.Movements = append(h.Movements, jsonMovement(m))
	}
	for _, sum := range s.Headings {
		h.Headings = append(h.Headings, jsonHeading(sum))
	}
	return h
}

// jsonParty returns a party, or the circle, which in law is its organiser.
func (s *Statement) jsonParty(code, name, entity string) jsonParty {
	return jsonParty{code, name, s.Entities[entity].Name, s.Entities[entity].TaxNumber}
}

func (s *Statement) jsonMerchants(with []Counterparty) []jsonMerchant {
	merchants := make([]jsonMerchant, 0, len(with))
	for _, c := range with {
		merchants = append(merchants, jsonMerchant{c.Merchant, s.Merchants[c.Merchant], c.Count, c.Gross, c.Amount})
	}
	return merchants
}

func (s *Statement) jsonLine(l *Line) jsonLine {
	line := jsonLine{
		Transaction: ledger.ID(l.Seq), BookedAt: s.local(l.BookedAt), Type: l.Type, Group: l.Group, Counterparty: l.Counterparty,
		Card: l.Card, Merchant: l.Merchant, Home: l.Home, Corrects: transactionID(l.Corrects),
		Gross: l.Gross, Effect: l.Effect, Balance: l.Balance,
		Heading: l.Heading, Campaign: l.Campaign, Item: l.Item, Hold: transactionID(l.Hold),
	}
	if l.Heading != "" {
		line.Headed = &l.Headed
	}
	if !l.OccurredAt.IsZero() {
		line.OccurredAt = s.local(l.OccurredAt)
	}
	return line
}

// local returns an instant in the circle's timezone.
func (s *Statement) local(at time.Time) time.Time { return at.In(s.Alliance.Location) }
