package alliance

import (
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// CardRefunded is a card that its member has given back.
const CardRefunded ledger.Type = "card.refunded"

// RefundCard pays a member for a card that is given back. Without Merchant the money comes
// from custody.
type RefundCard struct {
	Card     string
	Ground   Ground
	Merchant *string

	// What the member was told, as a quote had it; nil: it is not compared.
	PricePart, ValuePart *string
}

// Event returns CardRefunded.
func (RefundCard) Event() ledger.Type { return CardRefunded }

func cardRefunded() *Kind {
	return &Kind{
		Type:  CardRefunded,
		Label: ledger.Label{Chinese: "退卡", English: "Card refunded"},
		Command: command(
			[]Field{
				cardField(), textField("ground").of(string(GroundCoolingOff), string(GroundMember), string(GroundShop)), codeField("merchant").optional(),
				amountField("price_part").optional(), amountField("value_part").optional(),
			},
			func(v Values) RefundCard {
				return RefundCard{Card: v.Text("card"), Ground: Ground(v.Text("ground")), Merchant: v.Optional("merchant"), PricePart: v.Optional("price_part"), ValuePart: v.Optional("value_part")}
			},
			func(c RefundCard, l Loader) { l.Sale(c.Card) },
			(*State).decideRefund),
		Apply:      (*State).applyRefund,
		Schedules:  dueOfRefund,
		Commission: CommissionClawedBack,
	}
}

// refundable refuses a card that can't be given back on a ground.
func (s *State) refundable(card *Card, ground Ground, at time.Time) error {
	if err := card.usable(); err != nil {
		return err
	}
	if card.Holds > 0 {
		return refuse(CodeCardInUse, "card %q has open holds, %d of them; capture or void those first", card.Code, card.Holds)
	}
	if ground != GroundCoolingOff {
		return nil
	}
	limit := s.Setup.Current().CoolingOffDays
	if at.After(days(card.SoldAt, limit)) {
		return refuse(CodeRefundClosed, "card %q was sold at %s; its cooling-off period (%d days) is over", card.Code, card.SoldAt.Format(time.RFC3339), limit)
	}
	if card.Redeemed > 0 {
		return refuse(CodeRefundClosed, "card %q has been used (%d); a cooling-off refund is for cards with nothing but top-ups and purchases on them", card.Code, card.Redeemed)
	}
	return nil
}

// decideRefund decides what a member gets for a card, and who pays: those who took a share of
// its price give it back in the same part, then the card's pool pays, then the organiser.
func (s *State) decideRefund(c RefundCard, at time.Time) (Record, error) {
	card, err := s.card(c.Card)
	if err != nil {
		return Record{}, err
	}
	payer, merchant := custody(), ""
	if c.Merchant != nil {
		merchant = *c.Merchant
		if err := s.merchantKnown(merchant); err != nil {
			return Record{}, err
		}
		payer = clearingOf(merchant)
	}
	if err := s.refundable(card, c.Ground, at); err != nil {
		return Record{}, err
	}
	sale := s.Log[card.SoldSeq]
	if sale == nil {
		return Record{}, fmt.Errorf("the sale %s of card %q is not loaded", ledger.ID(card.SoldSeq), card.Code)
	}
	price := s.Setup.Currency.Minor(sale.Facts.Amount)
	ofPrice := s.refundOfPrice(card, c.Ground, price, at)
	ofValue := s.refundOfValue(card, c.Ground)

	if err := s.asQuoted(c, ofPrice, ofValue); err != nil {
		return Record{}, err
	}

	r := s.on(card, merchant)
	r.Facts = Facts{
		Amount: ofPrice.Minor() + ofValue.Minor(), Points: -card.Points, SaleSeq: sale.Seq,
		Growth: &GrowthFacts{
			Budgets: s.unusedBudgets(card),
			Ended:   card.couponEnds(),
			Refund:  &RefundFacts{Ground: c.Ground, Price: ofPrice.Minor(), Value: ofValue.Minor()},
		},
	}
	b := newEntries(s.Setup.Currency)
	b.credit(payer, ofPrice)
	b.credit(payer, ofValue)
	b.debit(valueOf(card.Code), card.Value)
	b.debit(bonusOf(card.Code), card.Bonus)
	b.debit(organiser(), ofValue.Minus(card.Value.Plus(card.Bonus)))
	need := ofPrice.Minus(s.takeSharesBack(b, &r, sale, ofPrice, price))
	s.closePool(b, card, need)
	backing, err := s.Setup.Current().PointCost.Times(card.Points)
	if err != nil {
		return Record{}, err
	}
	b.debit(pointsPool(), backing)
	b.credit(organiser(), backing)
	return b.post(r, CardRefunded, at, s.Setup.Current())
}

// asQuoted refuses a refund that differs from what the member was told.
func (s *State) asQuoted(c RefundCard, ofPrice, ofValue money.Amount) error {
	for _, part := range []struct {
		told *string
		is   money.Amount
	}{{c.PricePart, ofPrice}, {c.ValuePart, ofValue}} {
		if part.told == nil {
			continue
		}
		if told, err := money.Parse(*part.told, s.Setup.Currency); err == nil && told == part.is {
			continue
		}
		r := refuse(CodeQuoteChanged, "the member was told %q, and it is %s of the price and %s of stored value now; ask for a new quote", *part.told, ofPrice, ofValue)
		r.Data = map[string]string{"price_part": ofPrice.String(), "value_part": ofValue.String()}
		return r
	}
	return nil
}

// takeSharesBack debits what the sale gave to seller, organiser and members, in the part of the
// price that is refunded, and returns the sum. What is left of commission that was not
// released is noted, to be released at its time.
func (s *State) takeSharesBack(b *entryBuilder, r *Record, sale *Original, refunded, price money.Amount) money.Amount {
	terms := s.Setup.Version(sale.Terms)
	sum := s.Setup.Currency.Zero()
	take := func(account ledger.Account, share money.Amount) money.Amount {
		back := shareOf(share, refunded, price)
		b.debit(account, back)
		sum = sum.Plus(back)
		return back
	}
	if sale.Merchant != "" {
		take(clearingOf(sale.Merchant), price.Share(terms.SellerShare))
	}
	take(organiser(), price.Share(terms.OrganiserShare))
	for _, c := range sale.Facts.Commissions {
		account := pendingOf(c.Member)
		if sale.Released[c.Level] {
			account = payableOf(c.Member)
		}
		back := take(account, s.Setup.Currency.Minor(c.Amount))
		left := c
		left.Amount -= back.Minor()
		if !sale.Released[c.Level] && left.Amount > 0 {
			r.Facts.Commissions = append(r.Facts.Commissions, left)
			r.Facts.ReleaseAt = sale.Facts.ReleaseAt
		}
	}
	return sum
}

// closePool pays what a refund still needs out of the card's pool, and by the organiser beyond.
// What is left goes where it goes when a card expires. A seller who pays only at use brings in
// what the pool pays, and all principal.
func (s *State) closePool(b *entryBuilder, card *Card, need money.Amount) {
	pooled := money.Min(card.Pool, need)
	rest := card.Pool.Minus(pooled)
	b.debit(poolOf(card.Code), card.Pool)
	b.debit(organiser(), need.Minus(pooled))
	home := s.home(card)
	if !sellerOwes(s.Setup.Current(), home) {
		b.credit(organiser(), rest)
		return
	}
	b.credit(issuer(home), rest)
	b.debit(clearingOf(home), pooled.Plus(card.Value))
	b.credit(issuer(home), pooled.Plus(card.Value))
}

// applyRefund ends the card, its gifts and what falls due on it.
func (s *State) applyRefund(card *Card, r *Record) error {
	if card == nil {
		return nil
	}
	s.endCoupons(card)
	card.Refunded = true
	if sale := s.Log[r.Facts.SaleSeq]; sale != nil {
		for _, work := range dueOfSale(&sale.Record) {
			if work.Kind == CardExpired && card.Expired || work.Kind == CommissionReleased && sale.Released[work.Part] {
				continue // it is done
			}
			s.Unschedule(work)
		}
		s.noteTakenCommission(sale, r)
	}
	return nil
}

// noteTakenCommission notes which commissions of a sale a refund has taken back before they
// were released, so that nothing is left of them.
func (s *State) noteTakenCommission(sale *Original, refund *Record) {
	for _, c := range sale.Facts.Commissions {
		left := slices.ContainsFunc(refund.Facts.Commissions, func(l Commission) bool { return l.Level == c.Level })
		if !left && !sale.Released[c.Level] {
			s.noteCommissionState(sale.Seq, c.Level, CommissionStateClawedBack)
		}
	}
}

// dueOfRefund returns when the commission is released that a refund has left.
func dueOfRefund(r *Record) []DueWork {
	due := make([]DueWork, len(r.Facts.Commissions))
	for i, c := range r.Facts.Commissions {
		due[i] = DueWork{
			At: *r.Facts.ReleaseAt, Rank: RankRelease, Kind: CommissionReleased, Subject: r.Seq, Part: c.Level,
			Member: c.Member, Amount: c.Amount, Sale: r.Facts.SaleSeq,
		}
	}
	return due
}
