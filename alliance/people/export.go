package people

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Export is all that is known of a person.
type Export struct {
	Circle     string           `json:"circle"`
	CircleName string           `json:"circle_name"`
	Currency   string           `json:"currency"`
	Member     string           `json:"member"`
	ExportedAt time.Time        `json:"exported_at"`
	Person     ExportPerson     `json:"person"`
	Consents   []ExportConsent  `json:"consents"` // all that was decided, the newest first
	KnownBy    []ExportKnower   `json:"known_by"`
	Reads      []ExportRead     `json:"reads"` // the newest first
	Cards      []ExportCard     `json:"cards"`
	Commission ExportCommission `json:"commission"`
}

// ExportPerson is who the person is.
type ExportPerson struct {
	Details
	PayoutEnd    string    `json:"payout_account_ends,omitempty"`
	TaxNumberEnd string    `json:"tax_number_ends,omitempty"`
	RegisteredBy string    `json:"registered_by"`
	RegisteredAt time.Time `json:"registered_at"`
	AmendedAt    time.Time `json:"amended_at"`
}

// ExportConsent is a decision of the person.
type ExportConsent struct {
	Purpose Purpose   `json:"purpose"`
	Party   string    `json:"party"`
	Choice  Choice    `json:"decision"`
	Version int       `json:"version"`
	Place   string    `json:"place"`
	At      time.Time `json:"decided_at"`
}

// ExportKnower is who may know the person.
type ExportKnower struct {
	Party    string     `json:"party"`
	Grounds  []Ground   `json:"grounds"`
	Reads    int        `json:"reads"`
	LastRead *time.Time `json:"last_read,omitempty"`
}

// ExportRead is who read what of the person.
type ExportRead struct {
	At        time.Time `json:"read_at"`
	Role      string    `json:"role"`
	Party     string    `json:"party"`
	Operation string    `json:"operation"`
	Fields    []string  `json:"fields"`
}

// ExportCard is a card that the person holds, with its lines since it holds it.
type ExportCard struct {
	Card      string       `json:"card"`
	Product   string       `json:"product"`
	Home      string       `json:"home,omitempty"`
	Status    string       `json:"status"`
	SoldAt    time.Time    `json:"sold_at"`
	ExpiresAt *time.Time   `json:"expires_at,omitempty"`
	Value     string       `json:"value"`
	Bonus     string       `json:"bonus"`
	Points    int64        `json:"points"`
	Lines     []ExportLine `json:"lines"` // the newest first
}

// ExportLine is a transaction of a card, as far as it is about the card.
type ExportLine struct {
	Transaction string     `json:"transaction"`
	Type        string     `json:"type"`
	Chinese     string     `json:"chinese"`
	English     string     `json:"english"`
	BookedAt    time.Time  `json:"booked_at"`
	OccurredAt  *time.Time `json:"occurred_at,omitempty"`
	Merchant    string     `json:"merchant,omitempty"`
	Amount      string     `json:"amount,omitempty"`
	Value       string     `json:"value,omitempty"` // what came on the card; negative: what left it
	Bonus       string     `json:"bonus,omitempty"`
	Points      int64      `json:"points,omitempty"`
}

// ExportCommission is what the person earned by bringing others in.
type ExportCommission struct {
	Referrer   string         `json:"referrer,omitempty"`
	Pending    string         `json:"pending"`
	Payable    string         `json:"payable"`
	Earned     string         `json:"earned"`
	ClawedBack string         `json:"clawed_back"`
	Paid       string         `json:"paid"`
	Earnings   []ExportEarned `json:"earnings"`
}

// ExportEarned is what the person earned by one sale.
type ExportEarned struct {
	Sale      string    `json:"sale"`
	Level     int       `json:"level"`
	Amount    string    `json:"amount"`
	ReleaseAt time.Time `json:"release_at"`
	State     string    `json:"state"`
}

// exportAtOnce is how many rows an export reads at a time.
const exportAtOnce = 500

// Export returns all that is known of a person, as of one instant, or ErrNoPerson. Account and
// tax number show their last digits: the person knows them, and an export gets into mail.
func (s *Store) Export(ctx context.Context, al clearing.Alliance, registry *alliance.Registry, member string, now time.Time) (*Export, error) {
	var e *Export
	err := s.withRing(func(ring *keyring.Ring) error {
		return clearing.ReadConsistent(ctx, s.db, func(db ledger.Querier) error {
			e = &Export{Circle: al.Code, CircleName: al.Name, Currency: al.Currency.Code(), Member: member, ExportedAt: now.UTC().Truncate(time.Second)}
			x := exporter{db, al, registry, member, e}
			if err := x.person(ctx, s, ring); err != nil {
				return err
			}
			for _, part := range []func(context.Context) error{x.consents, x.knowers, x.reads, x.cards, x.commission} {
				if err := part(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return e, err
}

type exporter struct {
	db       ledger.Querier
	al       clearing.Alliance
	registry *alliance.Registry
	member   string
	e        *Export
}

func (x *exporter) person(ctx context.Context, s *Store, ring *keyring.Ring) error {
	p, _, err := find(ctx, x.db, ring, x.al.ID, x.member, false)
	if err != nil {
		return err
	}
	x.e.Person = ExportPerson{Details: p.Details, RegisteredBy: p.RegisteredBy, RegisteredAt: p.RegisteredAt, AmendedAt: p.AmendedAt}
	payouts, err := s.payouts(ctx, x.db, x.al.ID, []string{x.member})
	if payout, ok := payouts[x.member]; ok {
		ends := payout.ends()
		x.e.Person.PayoutEnd, x.e.Person.TaxNumberEnd = ends.AccountEnd, ends.TaxNumberEnd
	}
	return err
}

func (x *exporter) consents(ctx context.Context) error {
	decisions, err := Decisions(ctx, x.db, x.al.ID, x.member)
	x.e.Consents = []ExportConsent{}
	for _, d := range decisions {
		x.e.Consents = append(x.e.Consents, ExportConsent(d))
	}
	return err
}

func (x *exporter) knowers(ctx context.Context) error {
	knowers, err := knowersOf(ctx, x.db, x.al.ID, x.member)
	x.e.KnownBy = []ExportKnower{}
	for _, k := range knowers {
		x.e.KnownBy = append(x.e.KnownBy, ExportKnower{k.Party, k.Grounds, k.Reads, instant(k.LastRead)})
	}
	return err
}

func (x *exporter) reads(ctx context.Context) error {
	x.e.Reads = []ExportRead{}
	for before := int64(math.MaxInt64); ; {
		page, err := Reads(ctx, x.db, x.al.ID, x.member, before, exportAtOnce)
		if err != nil {
			return err
		}
		for _, r := range page {
			before = r.Number
			x.e.Reads = append(x.e.Reads, ExportRead{r.At, r.Role, r.Party, r.Operation, r.Fields})
		}
		if len(page) < exportAtOnce {
			return nil
		}
	}
}

func (x *exporter) cards(ctx context.Context) error {
	x.e.Cards = []ExportCard{}
	for after := ""; ; {
		page, err := store.Cards(ctx, x.db, x.al, store.CardFilter{Member: x.member, After: after, Limit: exportAtOnce})
		if err != nil {
			return err
		}
		for _, c := range page {
			after = c.Code
			card := ExportCard{
				Card: c.Code, Product: c.Product, Home: c.Home, Status: string(c.Status()), SoldAt: c.SoldAt, ExpiresAt: instant(c.ExpiresAt),
				Value: c.Value.String(), Bonus: c.Bonus.String(), Points: c.Points,
			}
			if card.Lines, err = x.lines(ctx, &c); err != nil {
				return err
			}
			x.e.Cards = append(x.e.Cards, card)
		}
		if len(page) < exportAtOnce {
			return nil
		}
	}
}

// lines returns the transactions of a card since its member has it: what was before is another
// person's.
func (x *exporter) lines(ctx context.Context, card *alliance.Card) ([]ExportLine, error) {
	lines := []ExportLine{}
	for before := int64(0); ; {
		page, err := ledger.Page(ctx, x.db, x.al.ID, x.al.Currency, ledger.Filter{Card: card.Code, Before: before, Limit: exportAtOnce})
		if err != nil {
			return nil, err
		}
		for i := range page {
			before = page[i].Seq
			if before < card.HeldSince {
				return lines, nil
			}
			line, err := x.line(&page[i])
			if err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
		if len(page) < exportAtOnce {
			return lines, nil
		}
	}
}

func (x *exporter) line(t *ledger.Transaction) (ExportLine, error) {
	record, err := alliance.DecodeRecord(*t)
	if err != nil {
		return ExportLine{}, err
	}
	label, _ := x.registry.Label(t.Type)
	line := ExportLine{
		Transaction: ledger.ID(t.Seq), Type: string(t.Type), Chinese: label.Chinese, English: label.English, BookedAt: t.BookedAt,
		OccurredAt: record.Facts.OccurredAt, Merchant: t.Merchant, Points: record.Facts.Points,
	}
	if record.Facts.Amount != 0 {
		line.Amount = x.al.Currency.Minor(record.Facts.Amount).String()
	}
	for _, entry := range t.Entries {
		switch entry.Account.Kind { // what a card holds is owed to its member: a credit adds to it
		case ledger.CardValue:
			line.Value = entry.Amount.Neg().String()
		case ledger.CardBonus:
			line.Bonus = entry.Amount.Neg().String()
		}
	}
	return line, nil
}

func (x *exporter) commission(ctx context.Context) error {
	m, err := store.FindMember(ctx, x.db, x.al, x.member)
	if err != nil && !errors.Is(err, alliance.ErrMemberUnknown) { // who has bought nothing yet is unknown to the books
		return err
	}
	zero := x.al.Currency.Minor(0)
	if err != nil {
		m = store.MemberAccount{Pending: zero, Payable: zero, Earned: zero, ClawedBack: zero, Paid: zero}
	}
	c := ExportCommission{
		Referrer: m.Referrer, Pending: m.Pending.String(), Payable: m.Payable.String(), Earned: m.Earned.String(),
		ClawedBack: m.ClawedBack.String(), Paid: m.Paid.String(), Earnings: []ExportEarned{},
	}
	for before := int64(0); ; {
		page, err := store.EarnedCommissions(ctx, x.db, x.al, x.member, before, exportAtOnce)
		if err != nil {
			return err
		}
		for _, earned := range page {
			before = earned.SaleSeq
			c.Earnings = append(c.Earnings, ExportEarned{ledger.ID(earned.SaleSeq), earned.Level, earned.Amount.String(), earned.ReleaseAt, earned.State})
		}
		if len(page) < exportAtOnce {
			x.e.Commission = c
			return nil
		}
	}
}

func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
