package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// CardSold is a sale of a card.
const CardSold ledger.Type = "card.sold"

// SellCard sells a card to a member. Without Merchant it is sold online and
// paid to custody.
type SellCard struct {
	Card     string
	Member   string
	Product  string
	Merchant *string
	Referrer *string
}

// Event returns CardSold.
func (SellCard) Event() ledger.Type { return CardSold }

func cardSold() *Kind {
	return &Kind{
		Type:  CardSold,
		Label: ledger.Label{Chinese: "售卡", English: "Card sold"},
		Command: command(
			[]Field{cardField(), memberField("member"), codeField("product"), codeField("merchant").optional(), memberField("referrer").optional()},
			func(v Values) SellCard {
				return SellCard{
					Card: v.Text("card"), Member: v.Text("member"), Product: v.Text("product"),
					Merchant: v.Optional("merchant"), Referrer: v.Optional("referrer"),
				}
			},
			func(c SellCard, l Loader) {
				l.Card(c.Card)
				l.GiftsTo(c.Member)
				if c.Referrer != nil {
					l.Referrer(*c.Referrer)
				}
				if c.Merchant != nil {
					l.Position(*c.Merchant)
				}
			},
			(*State).decideSale),
		Create: (*State).createCard,
		Apply: func(s *State, card *Card, r *Record) error {
			if r.Facts.Joined && len(s.Setup.Campaigns) > 0 {
				s.causeJoined(card, r)
			}
			return nil
		},
		Schedules:  dueOfSale,
		Commission: CommissionEarned,
		Reversal: &Reversal{
			Check: func(_ *Original, card *Card) error {
				if card.Holds > 0 {
					return refuse(CodeCardInUse, "card %q has open holds, %d of them; void those first", card.Code, card.Holds)
				}
				if card.Unreversed > 0 {
					return refuse(CodeCardInUse, "card %q has transactions that still stand, %d of them; reverse those first", card.Code, card.Unreversed)
				}
				return card.unexpired()
			},
			Mirror: func(_ *State, b *entryBuilder, sale *Original, _ int64) (int64, error) {
				b.mirror(withReleased(sale))
				return 0, nil
			},
			Apply: func(s *State, card *Card, sale *Original) {
				card.Cancelled = true
				s.endCoupons(card)
				for _, work := range dueOfSale(&sale.Record) {
					s.Unschedule(work)
				}
			},
		},
	}
}

// decideSale decides the sale of a card. The seller owes the price; if the card is
// sold online, the price is in custody. The seller, the organiser and the two members
// above the buyer take their shares. The rest backs the card.
func (s *State) decideSale(c SellCard, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	home := ""
	if c.Merchant != nil {
		home = *c.Merchant
		if err := s.merchantSells(home); err != nil {
			return Record{}, err
		}
	}
	product := s.Setup.Products[c.Product]
	if product == nil || product.Retired {
		return Record{}, refuse(CodeUnknownProduct, "no product %q is on sale in this circle", c.Product)
	}
	referrer, link := s.broughtBy(c)
	if referrer != "" && s.Members[referrer] == nil {
		return Record{}, refuse(CodeUnknownMember, "the referrer %q has bought no card in this circle", referrer)
	}
	if s.Cards[c.Card] != nil {
		return Record{}, refuse(CodeCardExists, "card %q was sold before; a card's code is used once", c.Card)
	}

	facts := Facts{Product: product.Code, Amount: product.Price.Minor(), DebitCap: s.capOf(home)}
	if member := s.Members[c.Member]; member != nil {
		facts.Referrer, facts.Second = member.Referrer, member.Second
	} else {
		facts.Joined, facts.Referrer, facts.Link = true, referrer, link
		if referrer != "" {
			facts.Second = s.Members[referrer].Referrer
		}
	}
	if product.ValidDays > 0 {
		expires := days(at, product.ValidDays)
		facts.ExpiresAt = &expires
	}

	b := newEntries(s.Setup.Currency)
	price := product.Price
	if home == "" {
		b.debit(custody(), price)
	} else {
		b.debit(clearingOf(home), price)
		b.credit(clearingOf(home), price.Share(terms.SellerShare))
	}
	b.credit(organiser(), price.Share(terms.OrganiserShare))
	for i, upline := range []string{facts.Referrer, facts.Second} {
		if upline == "" || i >= len(terms.ReferralLevels) {
			break
		}
		commission := price.Share(terms.ReferralLevels[i])
		if commission.IsZero() {
			continue
		}
		b.credit(pendingOf(upline), commission)
		facts.Commissions = append(facts.Commissions, Commission{Level: i + 1, Member: upline, Amount: commission.Minor()})
	}
	if len(facts.Commissions) > 0 {
		release := days(at, terms.ReleaseDays)
		facts.ReleaseAt = &release
	}
	pool := b.sum
	b.rest(poolOf(c.Card))
	if sellerOwes(terms, home) {
		b.credit(clearingOf(home), pool)
		b.debit(issuer(home), pool)
	}
	if home != "" {
		if err := s.withinCap(home, b.entries); err != nil {
			return Record{}, err
		}
	}
	return b.post(Record{
		Transaction: ledger.Transaction{Card: c.Card, Merchant: home, Home: home, Member: c.Member},
		Facts:       facts,
	}, CardSold, at, terms)
}

// broughtBy returns whom a sale names as the referrer, and the link that says so. The link
// by which the buyer has joined comes before what the till names, as the referrer of somebody
// who has bought before does: a cashier can't take over whom a member has brought.
func (s *State) broughtBy(c SellCard) (referrer, link string) {
	if joining, ok := s.Joinings[c.Member]; ok && s.Members[c.Member] == nil {
		return joining.Referrer, joining.Link
	}
	if c.Referrer != nil {
		return *c.Referrer, ""
	}
	return "", ""
}

// createCard creates the card of a sale, binds the buyer to the members above it, and
// notes what they earn.
func (s *State) createCard(r *Record) {
	zero := s.Setup.Currency.Zero()
	card := &Card{
		Code: r.Card, Product: r.Facts.Product, Member: r.Member, Home: r.Home,
		SoldSeq: r.Seq, SoldAt: r.BookedAt, HeldSince: r.Seq, Value: zero, Bonus: zero, Pool: zero,
	}
	if product := s.Setup.Products[r.Facts.Product]; product != nil {
		card.UsesLeft = make([]int, len(product.Benefits))
		for i := range product.Benefits {
			card.UsesLeft[i] = product.Benefits[i].Uses
		}
	}
	if r.Facts.ExpiresAt != nil {
		card.ExpiresAt = *r.Facts.ExpiresAt
	}
	s.Cards[r.Card] = card
	s.noteHolder(r.Member, r.Card)
	if r.Facts.Joined {
		s.Members[r.Member] = &Member{Code: r.Member, Referrer: r.Facts.Referrer, Second: r.Facts.Second}
	}
	if s.Changes == nil {
		return
	}
	s.Changes.NewCards[r.Card] = true
	if r.Facts.Joined {
		s.Changes.NewMembers = append(s.Changes.NewMembers, NewMember{Member: *s.Members[r.Member], JoinedSeq: r.Seq})
	}
	for _, c := range r.Facts.Commissions {
		s.Changes.Earned = append(s.Changes.Earned, SaleCommission{SaleSeq: r.Seq, Commission: c, ReleaseAt: *r.Facts.ReleaseAt})
	}
}

// dueOfSale returns the work that a sale schedules: the release of each commission,
// and the card's expiry.
func dueOfSale(sale *Record) []DueWork {
	var due []DueWork
	for _, c := range sale.Facts.Commissions {
		due = append(due, DueWork{
			At: *sale.Facts.ReleaseAt, Rank: RankRelease, Kind: CommissionReleased, Subject: sale.Seq, Part: c.Level, Member: c.Member, Amount: c.Amount,
		})
	}
	if sale.Facts.ExpiresAt != nil {
		due = append(due, DueWork{At: *sale.Facts.ExpiresAt, Rank: RankExpiry, Kind: CardExpired, Subject: sale.Seq, Card: sale.Card})
	}
	return due
}

// withReleased returns the entries of a sale, with released commission on the payable
// instead of the pending account.
func withReleased(sale *Original) []ledger.Entry {
	entries := make([]ledger.Entry, len(sale.Entries))
	copy(entries, sale.Entries)
	for _, c := range sale.Facts.Commissions {
		if !sale.Released[c.Level] {
			continue
		}
		for i := range entries {
			if entries[i].Account == pendingOf(c.Member) && entries[i].Amount.Minor() == -c.Amount {
				entries[i].Account = payableOf(c.Member)
				break
			}
		}
	}
	return entries
}
