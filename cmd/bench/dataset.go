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

// dataset describes a circle to measure. Its shops come in groups of ten. Each group
// has a product with a pass for each shop, and with coupons that all ten honour.
// Card i is of product i mod the number of products.
type dataset struct {
	code      string
	cards     int
	merchants int
	// earnedAtUse sets the terms under which a redemption has the most entries: the
	// seller owes a card's value when it is used, and bonus is spent in proportion.
	earnedAtUse bool
	campaigns   bool // ten live ones, and tiers
	visited     bool // each card has paid a bill
	// alliance is set by create.
	alliance clearing.Alliance
}

const (
	groupSize        = 10   // shops that share a product
	promoterCount    = 200  // members who refer others
	referralInterval = 20   // every twentieth card is sold through a promoter
	validDays        = 3650 // no card expires while it is measured
	holdDays         = 7

	price           = "199.00"
	topUpAmount     = "5000.00"
	bonusAmount     = "500.00"
	hotCardTopUp    = "1000000000.00" // of card 0, which in one measurement takes all the load
	moreThanAnyCard = "9999999999.00" // more than any card holds
	smallBill       = "1.00"          // below the threshold of every coupon
)

func (d *dataset) products() int { return max(d.merchants/groupSize, 1) }

func merchantCode(i int) string { return fmt.Sprintf("s%04d", i) }
func cardCode(i int) string     { return fmt.Sprintf("c%08d", i) }
func memberCode(i int) string   { return fmt.Sprintf("m%08d", i) }
func productCode(i int) string  { return fmt.Sprintf("p%03d", i) }

// home returns the shop that sold a card.
func (d *dataset) home(card int) int { return card * 31 % d.merchants }

// referrer returns the member who referred the buyer of a card, or "".
func (d *dataset) referrer(card int) string {
	switch {
	case card >= promoterCount && card%referralInterval == 0:
		return memberCode(card / referralInterval % promoterCount)
	case card >= 10 && card < promoterCount:
		return memberCode(card / 10) // a promoter who was referred by another
	}
	return ""
}

// definition returns what circle.yaml would say.
func (d *dataset) definition() (scenario.Alliance, error) {
	location, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return scenario.Alliance{}, err
	}
	definition := scenario.Alliance{Code: d.code, Name: d.code, Currency: money.MustCurrency("CNY"), Location: location, Terms: d.terms()}
	if d.campaigns {
		definition.Campaigns = d.giveAway(&definition.Terms)
	}
	limit := "100000000000.00"
	for i := range d.merchants {
		definition.Merchants = append(definition.Merchants, alliance.MerchantDocument{Code: merchantCode(i), Category: "bench", DebitCap: &limit})
	}
	for p := range d.products() {
		definition.Products = append(definition.Products, d.product(p))
	}
	return definition, nil
}

func (d *dataset) terms() alliance.TermsDocument {
	paymentDays := 60 // long enough that no payment is overdue in months of history
	terms := alliance.TermsDocument{
		Sale:        alliance.SaleDocument{Seller: "0.10", Organiser: "0.05"},
		Referral:    alliance.ReferralDocument{Levels: []string{"0.08", "0.02"}, ReleaseDays: holdDays, MinimumPayout: "10.00"},
		Redemption:  alliance.RedemptionDocument{ClearingFee: "0.02"},
		Traffic:     alliance.TrafficDocument{HomeMerchant: "0.03", Organiser: "0.005"},
		Points:      alliance.PointsDocument{PerUnit: "1", Cost: "0.01", Value: "0.01"},
		StoredValue: alliance.StoredValueDocument{SpendOrder: string(alliance.PrincipalFirst)},
		Settlement:  alliance.SettlementDocument{MinimumTransfer: "1.00", PaymentDays: &paymentDays},
	}
	if d.earnedAtUse {
		terms.Funding, terms.StoredValue.SpendOrder = string(alliance.AtUse), string(alliance.Proportional)
	}
	return terms
}

func (d *dataset) product(number int) alliance.ProductDocument {
	uses, valid, reimbursement, threshold, discount, byMerchant := 1_000_000, validDays, "12.00", "20.00", "5.00", string(alliance.FundedByMerchant)
	product := alliance.ProductDocument{Code: productCode(number), Kind: string(alliance.Paid), Price: price, ValidDays: &valid}
	var group []string
	for i := range groupSize {
		m := merchantCode((number*groupSize + i) % d.merchants)
		group = append(group, m)
		product.Benefits = append(product.Benefits, alliance.BenefitDocument{
			Code: passCode(i), Kind: string(alliance.Pass), Merchant: &m, Uses: &uses, Reimbursement: &reimbursement,
		})
	}
	for _, funder := range []*string{nil, &byMerchant} {
		product.Benefits = append(product.Benefits, alliance.BenefitDocument{
			Code: "coupon" + strconv.Itoa(len(product.Benefits)-groupSize), Kind: string(alliance.Coupon), Merchants: group,
			Uses: &uses, Threshold: &threshold, Discount: &discount, FundedBy: funder,
		})
	}
	return product
}

func passCode(index int) string { return "pass" + strconv.Itoa(index) }

// create sets the circle up, without cards.
func (d *dataset) create(ctx context.Context, pool *pgxpool.Pool) error {
	definition, err := d.definition()
	if err != nil {
		return err
	}
	d.alliance, err = replay.Establish(ctx, pool, definition, clearing.Live)
	return err
}

// sale returns the command that sells a card.
func (d *dataset) sale(card int) alliance.SellCard {
	home := merchantCode(d.home(card))
	c := alliance.SellCard{Card: cardCode(card), Member: memberCode(card), Product: productCode(card % d.products()), Merchant: &home}
	if referrer := d.referrer(card); referrer != "" {
		c.Referrer = &referrer
	}
	return c
}

// topUp returns the command that tops a card up.
func (d *dataset) topUp(card int) alliance.TopUp {
	home, bonus := merchantCode(d.home(card)), bonusAmount
	c := alliance.TopUp{Card: cardCode(card), Amount: topUpAmount, Merchant: &home, Bonus: &bonus}
	if card == 0 {
		c.Amount = hotCardTopUp
	}
	return c
}

// visit returns the command for a card's first bill.
func (d *dataset) visit(card int) alliance.RecordPurchase {
	return alliance.RecordPurchase{Card: cardCode(card), Merchant: merchantCode(d.home(card)), Bill: smallBill}
}

// sellCards sells all cards, tops them up and lets them be used, in large batches, at one
// instant.
func (d *dataset) sellCards(ctx context.Context, s *sequencer.Sequencer, at time.Time) error {
	const batch = 4096
	orders := make([]sequencer.Order, 0, batch)
	flush := func() error {
		outcomes, err := s.SubmitAll(ctx, d.alliance.ID, orders)
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
	steps := []func(int) alliance.Command{
		func(card int) alliance.Command { return d.sale(card) },
		func(card int) alliance.Command { return d.topUp(card) },
	}
	if d.visited {
		steps = append(steps, func(card int) alliance.Command { return d.visit(card) })
	}
	for step, command := range steps {
		for card := range d.cards {
			orders = append(orders, sequencer.Order{Caller: clearing.Organiser, Key: fmt.Sprintf("card-%d-%08d", step, card), At: at, Command: command(card)})
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
