package demo

import (
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// product is a kind of card.
type product struct {
	code, name string
	price      fen // 0: it is free
	validDays  int // 0: it never expires
	benefits   []benefit
}

// benefit is a pass at one shop or, if it has a discount, a coupon.
type benefit struct {
	code      string
	merchants []string
	uses      int

	reimbursement fen // of a pass: what the shop is paid for a use
	listPrice     fen // of a pass: what a use costs without a card

	threshold fen // of a coupon
	discount  fen
	fundedBy  string
}

func pass(code, merchant string, uses int, reimbursement, listPrice fen) benefit {
	return benefit{code: code, merchants: []string{merchant}, uses: uses, reimbursement: reimbursement, listPrice: listPrice}
}

func coupon(code string, uses int, threshold, discount fen, fundedBy string, merchants ...string) benefit {
	return benefit{code: code, merchants: merchants, uses: uses, threshold: threshold, discount: discount, fundedBy: fundedBy}
}

func (b *benefit) isPass() bool { return b.discount == 0 }

func (b *benefit) honouredAt(s *merchant) bool { return slices.Contains(b.merchants, s.code) }

// The cards that the circle sells.
var (
	explorer = &product{code: "explorer", name: "滨江探店卡", price: 199 * yuan, validDays: 365, benefits: []benefit{
		pass("coffee", "cafe", 3, 12*yuan, 18*yuan), pass("class", "gym", 2, 18*yuan, 49*yuan), pass("haircut", "salon", 1, 25*yuan, 58*yuan),
		pass("bread", "bakery", 2, 8*yuan, 12*yuan), pass("cleaning", "dental", 1, 30*yuan, 120*yuan),
		coupon("hotpot20", 2, 200*yuan, 20*yuan, "organiser", "hotpot"),
		coupon("petwash", 1, 30*yuan, 5*yuan, "seller", "pets"),
	}}
	family = &product{code: "family", name: "滨江亲子年卡", price: 599 * yuan, validDays: 365, benefits: []benefit{
		pass("play", "kids", 6, 35*yuan, 60*yuan), pass("story", "books", 4, 20*yuan, 30*yuan), pass("bouquet", "florist", 2, 2990, 39*yuan),
		coupon("hotpot20", 3, 200*yuan, 20*yuan, "organiser", "hotpot"),
	}}
	taster = &product{code: "taster", name: "三十天尝鲜卡", price: 39 * yuan, validDays: 30, benefits: []benefit{
		pass("coffee", "cafe", 1, 12*yuan, 18*yuan), pass("bread", "bakery", 1, 8*yuan, 12*yuan),
		coupon("browse10", 1, 80*yuan, 10*yuan, "seller", "books", "florist"),
	}}
	guest = &product{code: "guest", name: "来宾卡"}
)

func products() []*product { return []*product{explorer, family, taster, guest} }

// document returns the product as the API takes it.
func (p *product) document() spec.Product {
	d := spec.Product{Code: p.code, Name: &p.name, Kind: "free"}
	if p.price > 0 {
		d.Kind, d.Price = "paid", ptr(p.price.String())
	}
	if p.validDays > 0 {
		d.ValidDays = &p.validDays
	}
	benefits := make([]spec.Benefit, 0, len(p.benefits))
	for i := range p.benefits {
		b := &p.benefits[i]
		if b.isPass() {
			benefits = append(benefits, spec.Benefit{
				Code: b.code, Kind: "pass", Uses: &b.uses, Merchant: &b.merchants[0], Reimbursement: ptr(b.reimbursement.String()), ListPrice: ptr(b.listPrice.String()),
			})
			continue
		}
		benefits = append(benefits, spec.Benefit{
			Code: b.code, Kind: "coupon", Uses: &b.uses, Merchants: &b.merchants, Threshold: ptr(b.threshold.String()),
			Discount: ptr(b.discount.String()), FundedBy: &b.fundedBy,
		})
	}
	d.Benefits = &benefits
	return d
}

// The rules that the demo needs to predict refusals.
const (
	valueLimit = 5000 * yuan
	pointWorth = 1 // fen
	perUnit    = 1 // points for a yuan
)

// terms returns the terms that the circle has agreed.
func terms() spec.Terms {
	return spec.Terms{
		Funding:     ptr("at_issue"),
		Sale:        spec.SaleTerms{Seller: "0.10", Organiser: "0.05"},
		Referral:    spec.ReferralTerms{Levels: []string{"0.08", "0.02"}, HoldDays: 7, MinimumPayout: "10.00", Withholding: ptr("cn_labour")},
		Redemption:  spec.RedemptionTerms{ClearingFee: "0.02"},
		Traffic:     spec.TrafficTerms{HomeMerchant: "0.03", Organiser: "0.005"},
		Points:      spec.PointsTerms{PerUnit: "1", Cost: "0.01", Value: "0.01"},
		StoredValue: spec.StoredValueTerms{SpendOrder: "principal_first", Limit: ptr(valueLimit.String())},
		Tiers:       tierTerms(),
		Settlement:  spec.SettlementTerms{MinimumTransfer: "300.00", Transfers: ptr("custody")},
	}
}
