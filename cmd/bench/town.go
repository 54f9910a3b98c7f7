package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
)

// town is the shape of a circle that is measured. Shops come in blocks of ten;
// each block has a product, whose passes its shops honour one each and whose
// coupons all of them. Card i is of product i mod the number of products.
type town struct {
	code      string
	cards     int
	merchants int
	// atUse makes a circle in which sellers owe what their cards hold when it is
	// used, and bonus is spent in proportion: the most entries a redemption can
	// have.
	atUse bool
	// ID and the rest are known once it exists.
	alliance clearing.Alliance
}

const (
	blockSize = 10   // shops of a product
	promoters = 200  // members who bring others in
	referred  = 20   // every so many cards were sold through a promoter
	validDays = 3650 // no card expires while it is measured
	holdDays  = 7

	price     = "199.00"
	topUp     = "5000.00"
	bonus     = "500.00"
	hotTopUp  = "1000000000.00" // of card 0, which also bears the load alone
	tooMuch   = "9999999999.00" // more than any card holds
	smallBill = "1.00"          // below the threshold of every coupon
)

func (t *town) products() int { return max(t.merchants/blockSize, 1) }

func merchantCode(i int) string { return fmt.Sprintf("s%04d", i) }
func cardCode(i int) string     { return fmt.Sprintf("c%08d", i) }
func memberCode(i int) string   { return fmt.Sprintf("m%08d", i) }
func productCode(i int) string  { return fmt.Sprintf("p%03d", i) }

// home returns the shop that sold a card.
func (t *town) home(card int) int { return card * 31 % t.merchants }

// referrer returns who brought the buyer of a card in, or "".
func (t *town) referrer(card int) string {
	switch {
	case card >= promoters && card%referred == 0:
		return memberCode(card / referred % promoters)
	case card >= 10 && card < promoters:
		return memberCode(card / 10) // a promoter brought in by another
	}
	return ""
}

// written returns the circle as circle.yaml would state it.
func (t *town) written() (scenario.Alliance, error) {
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return scenario.Alliance{}, err
	}
	c := scenario.Alliance{Code: t.code, Name: t.code, Currency: money.MustCurrency("CNY"), Location: location, Terms: t.terms()}
	limit := "100000000000.00"
	for i := range t.merchants {
		c.Merchants = append(c.Merchants, alliance.MerchantDocument{Code: merchantCode(i), Category: "bench", DebitCap: &limit})
	}
	for p := range t.products() {
		c.Products = append(c.Products, t.product(p))
	}
	return c, nil
}

func (t *town) terms() alliance.TermsDocument {
	patience := 60 // days: nobody defaults while months of history are laid in
	d := alliance.TermsDocument{
		Sale:        alliance.SaleDocument{Seller: "0.10", Organiser: "0.05"},
		Referral:    alliance.ReferralDocument{Levels: []string{"0.08", "0.02"}, HoldDays: holdDays, MinimumPayout: "10.00"},
		Redemption:  alliance.RedemptionDocument{ClearingFee: "0.02"},
		Traffic:     alliance.TrafficDocument{HomeMerchant: "0.03", Organiser: "0.005"},
		Points:      alliance.PointsDocument{PerUnit: "1", Cost: "0.01", Value: "0.01"},
		StoredValue: alliance.StoredValueDocument{SpendOrder: string(alliance.PrincipalFirst)},
		Settlement:  alliance.SettlementDocument{MinimumTransfer: "1.00", PaymentDays: &patience},
	}
	if t.atUse {
		d.Funding, d.StoredValue.SpendOrder = string(alliance.AtUse), string(alliance.Proportional)
	}
	return d
}

func (t *town) product(p int) alliance.ProductDocument {
	uses, valid, reimbursement, threshold, discount, merchant := 1_000_000, validDays, "12.00", "20.00", "5.00", string(alliance.FundedByMerchant)
	d := alliance.ProductDocument{Code: productCode(p), Kind: string(alliance.Paid), Price: price, ValidDays: &valid}
	var block []string
	for i := range blockSize {
		m := merchantCode((p*blockSize + i) % t.merchants)
		block = append(block, m)
		d.Benefits = append(d.Benefits, alliance.BenefitDocument{
			Code: passCode(i), Kind: string(alliance.Pass), Merchant: &m, Uses: &uses, Reimbursement: &reimbursement,
		})
	}
	for _, funder := range []*string{nil, &merchant} {
		d.Benefits = append(d.Benefits, alliance.BenefitDocument{
			Code: "coupon" + strconv.Itoa(len(d.Benefits)-blockSize), Kind: string(alliance.Coupon), Merchants: block,
			Uses: &uses, Threshold: &threshold, Discount: &discount, FundedBy: funder,
		})
	}
	return d
}

func passCode(place int) string { return "pass" + strconv.Itoa(place) }

// found sets the circle up, without cards.
func (t *town) found(ctx context.Context, pool *pgxpool.Pool) error {
	written, err := t.written()
	if err != nil {
		return err
	}
	t.alliance, err = replay.Establish(ctx, pool, written, clearing.Live)
	return err
}

// sale and loading are the first two commands of a card's life.
func (t *town) sale(card int) alliance.SellCard {
	home := merchantCode(t.home(card))
	c := alliance.SellCard{Card: cardCode(card), Member: memberCode(card), Product: productCode(card % t.products()), Merchant: &home}
	if by := t.referrer(card); by != "" {
		c.Referrer = &by
	}
	return c
}

func (t *town) loading(card int) alliance.TopUp {
	home, extra := merchantCode(t.home(card)), bonus
	c := alliance.TopUp{Card: cardCode(card), Amount: topUp, Merchant: &home, Bonus: &extra}
	if card == 0 {
		c.Amount = hotTopUp
	}
	return c
}

// populate sells all cards and loads them, in large batches, at one instant.
func (t *town) populate(ctx context.Context, s *sequencer.Sequencer, at time.Time) error {
	const batch = 4096
	orders := make([]sequencer.Order, 0, batch)
	flush := func() error {
		outcomes, err := s.SubmitAll(ctx, t.alliance.ID, orders)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			if o.Err != nil {
				return fmt.Errorf("%+v: %w", orders[i].Command, o.Err)
			}
			if o.Refusal != nil {
				return fmt.Errorf("%+v: %w", orders[i].Command, o.Refusal)
			}
		}
		orders = orders[:0]
		return nil
	}
	for step, command := range []func(int) alliance.Command{
		func(card int) alliance.Command { return t.sale(card) },
		func(card int) alliance.Command { return t.loading(card) },
	} {
		for card := range t.cards {
			orders = append(orders, sequencer.Order{Caller: clearing.Organiser, Key: fmt.Sprintf("life-%d-%08d", step, card), At: at, Command: command(card)})
			if len(orders) == batch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return nil
}
