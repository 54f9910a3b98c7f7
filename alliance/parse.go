package alliance

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/clearing/withholding"
	"github.com/lianka/lianka/merchant"
)

// FieldError says which field of a document is wrong, and what would be right.
// Path is written like rules.referral.levels[1].
type FieldError struct {
	Path    string
	Reason  string
	Message *message.Message // Reason, to be said in other languages
}

// NewFieldError returns the error of a field.
func NewFieldError(path, format string, args ...any) *FieldError {
	m := message.New(format, args...)
	return &FieldError{path, m.English(), &m}
}

// Error returns the path and the reason.
func (e *FieldError) Error() string { return e.Path + ": " + e.Reason }

// Limits of a document.
const (
	maxDays         = 36_500
	maxSettlingDays = 366
	maxUses         = 1_000_000
	maxBenefits     = 1_000
	maxCode         = 128
)

// reader collects what is wrong with a document; it keeps the first error, in
// the order in which the document is read.
type reader struct {
	currency money.Currency
	err      error
}

func (r *reader) fail(path, format string, args ...any) {
	if r.err == nil {
		r.err = NewFieldError(path, format, args...)
	}
}

func (r *reader) amount(path, text string) money.Amount {
	if text == "" {
		r.fail(path, "is missing; write an amount such as %q", "12.00")
		return r.currency.Zero()
	}
	amount, err := money.Parse(text, r.currency)
	if err != nil {
		r.fail(path, "%v", err)
		return r.currency.Zero()
	}
	return amount
}

func (r *reader) rate(path, text string) decimal.Decimal {
	if text == "" {
		r.fail(path, "is missing; write a rate such as %q", "0.05")
		return decimal.Zero
	}
	rate, err := money.ParseRate(text)
	if err != nil {
		r.fail(path, "%v", err)
	}
	return rate
}

// share reads a rate that is at most 1.
func (r *reader) share(path, text string) decimal.Decimal {
	rate := r.rate(path, text)
	if rate.GreaterThan(decimal.New(1, 0)) {
		r.fail(path, "%s is more than the whole; a share is at most 1", text)
	}
	return rate
}

// code reads a code, and returns it as it is stored and compared.
func (r *reader) code(path, text string) string {
	code, err := identifier.Read(text)
	switch {
	case err != nil:
		r.fail(path, "%v", err)
	case code == "":
		r.fail(path, "is missing; every merchant, product and benefit has a code")
	case len(code) > maxCode:
		r.fail(path, "is longer than %d bytes", maxCode)
	}
	return code
}

// foreign refuses a key that belongs to the other kind of benefit.
func (r *reader) foreign(path string, kind BenefitKind, key string, given bool) {
	if given {
		r.fail(path+"."+key, "belongs to a %s; this is none", kind)
	}
}

// Terms reads the document. The error is a *FieldError with a path below
// "rules".
func (d *TermsDocument) Terms(currency money.Currency) (Terms, error) {
	r := &reader{currency: currency}
	t := Terms{Currency: currency}
	switch d.Funding {
	case "", string(AtIssue):
		t.Funding = AtIssue
	case string(AtUse):
		t.Funding = AtUse
	default:
		r.fail("rules.funding", "%q is neither at_issue nor at_use", d.Funding)
	}
	t.SellerShare = r.share("rules.sale.seller", d.Sale.Seller)
	t.OrganiserShare = r.share("rules.sale.organiser", d.Sale.Organiser)
	whole := t.SellerShare.Add(t.OrganiserShare)
	for i, level := range d.Referral.Levels {
		path := "rules.referral.levels[" + strconv.Itoa(i) + "]"
		if i == 2 {
			r.fail(path, "a circle pays one or two levels of referral, never more: the law on multi-level selling forbids it")
			break
		}
		rate := r.share(path, level)
		t.ReferralLevels = append(t.ReferralLevels, rate)
		whole = whole.Add(rate)
	}
	if whole.GreaterThan(decimal.New(1, 0)) {
		r.fail("rules.sale", "the shares of a card's price (seller, organiser and the referral levels) add up to %s, more than the whole", whole)
	}
	t.ReleaseDays = d.Referral.ReleaseDays
	if t.ReleaseDays < 0 || t.ReleaseDays > maxDays {
		r.fail("rules.referral.hold_days", "%d is not between 0 and %d", t.ReleaseDays, maxDays)
	}
	t.MinimumPayout = r.amount("rules.referral.minimum_payout", d.Referral.MinimumPayout)
	t.ClearingFee = r.share("rules.redemption.clearing_fee", d.Redemption.ClearingFee)
	t.HomeTraffic = r.share("rules.traffic.home_merchant", d.Traffic.HomeMerchant)
	t.OrganiserTraffic = r.share("rules.traffic.organiser", d.Traffic.Organiser)
	if sum := t.HomeTraffic.Add(t.OrganiserTraffic); sum.GreaterThan(decimal.New(1, 0)) {
		r.fail("rules.traffic", "the shares of a bill (home_merchant and organiser) add up to %s, more than the whole", sum)
	}
	t.PointsPerUnit = r.rate("rules.points.per_unit", d.Points.PerUnit)
	t.PointCost = r.amount("rules.points.cost", d.Points.Cost)
	t.PointValue = r.amount("rules.points.value", d.Points.Value)
	if r.err == nil && t.PointValue.Cmp(t.PointCost) > 0 {
		r.fail("rules.points.value", "a point is worth %s, more than the %s that is set aside for it", t.PointValue, t.PointCost)
	}
	d.StoredValue.read(r, &t)
	t.MinimumTransfer = r.amount("rules.settlement.minimum_transfer", d.Settlement.MinimumTransfer)
	switch d.Settlement.Transfers {
	case "", "custody":
	case "direct":
		t.DirectTransfers = true
	default:
		r.fail("rules.settlement.transfers", "%q is neither custody nor direct", d.Settlement.Transfers)
	}
	if d.Referral.Withholding != "" {
		var err error
		if t.Withholding, err = withholding.Named(d.Referral.Withholding, currency); err != nil {
			r.fail("rules.referral.withholding", "%v", err)
		}
	}
	d.Settlement.read(r, &t)
	t.CoolingOffDays = 7
	if d.Refunds != nil {
		t.CoolingOffDays = r.between("rules.refunds.cooling_off_days", d.Refunds.CoolingOffDays, 7, 0, maxCoolingOffDays)
	}
	if d.Tiers != nil {
		t.Tiers = d.Tiers.read(r)
	}
	if d.Offline != nil {
		t.Offline = &Offline{
			MaxHours:  r.between("rules.offline.max_hours", &d.Offline.MaxHours, 0, 1, 24*maxDays),
			MaxCount:  r.between("rules.offline.max_count", &d.Offline.MaxCount, 0, 1, maxUses),
			MaxAmount: r.amount("rules.offline.max_amount", d.Offline.MaxAmount),
		}
	}
	return t, r.err
}

// read reads what comes after the month-end.
func (d *SettlementDocument) read(r *reader, t *Terms) {
	t.Settling = window.Settling{
		ReviewDays:     r.between("rules.settlement.review_days", d.ReviewDays, 3, 0, maxSettlingDays),
		PaymentDays:    r.between("rules.settlement.payment_days", d.PaymentDays, 7, 0, maxSettlingDays),
		ReminderDays:   r.between("rules.settlement.reminder_days", d.ReminderDays, 3, 1, maxSettlingDays),
		GraceDays:      r.between("rules.settlement.grace_days", d.GraceDays, 14, 0, maxSettlingDays),
		AnswerDays:     r.between("rules.settlement.answer_days", d.AnswerDays, 14, 1, maxSettlingDays),
		OrganiserFirst: true,
	}
	switch d.Unanswered {
	case "", "refused":
	case "adjusted":
		t.Settling.AdjustSilent = true
	default:
		r.fail("rules.settlement.unanswered", "%q is neither refused nor adjusted", d.Unanswered)
	}
	switch d.Loss {
	case "", "organiser_first":
	case "creditors":
		t.Settling.OrganiserFirst = false
	default:
		r.fail("rules.settlement.loss", "%q is neither organiser_first nor creditors", d.Loss)
	}
	if d.OrganiserLossLimit != nil {
		if !t.Settling.OrganiserFirst {
			r.fail("rules.settlement.organiser_loss_limit", "belongs to loss: organiser_first")
		}
		limit := r.amount("rules.settlement.organiser_loss_limit", *d.OrganiserLossLimit).Minor()
		t.Settling.OrganiserLimit = &limit
	}
	switch d.DefaultedCards {
	case "", "honoured":
	case "refused":
		t.RefuseDefaulted = true
	default:
		r.fail("rules.settlement.defaulted_cards", "%q is neither honoured nor refused", d.DefaultedCards)
	}
}

// between reads a whole number; absent is what it is if it was left out.
func (r *reader) between(path string, n *int, absent, least, most int) int {
	if n == nil {
		return absent
	}
	if *n < least || *n > most {
		r.fail(path, "%d is not between %d and %d", *n, least, most)
	}
	return *n
}

// Merchant reads the document; path is where it stands.
func (d *MerchantDocument) Merchant(path string, currency money.Currency) (merchant.Merchant, error) {
	r := &reader{currency: currency}
	s := merchant.Merchant{Code: r.code(path+".code", d.Code), Name: d.Name, Category: d.Category, DebitCap: currency.Zero()}
	if s.Code == clearing.Custody || s.Code == clearing.Organiser {
		r.fail(path+".code", "%q is a party of every circle; no merchant can have that code", s.Code)
	}
	if s.Name == "" {
		s.Name = s.Code
	}
	if d.DebitCap != nil {
		s.Capped = true
		s.DebitCap = r.amount(path+".debit_cap", *d.DebitCap)
	}
	return s, r.err
}

// Product reads the document; path is where it stands, and merchants are those
// who may be named by it.
func (d *ProductDocument) Product(path string, currency money.Currency, merchants map[string]*merchant.Merchant) (Product, error) {
	r := &reader{currency: currency}
	p := Product{Code: r.code(path+".code", d.Code), Name: d.Name, Kind: ProductKind(d.Kind), Price: currency.Zero()}
	if p.Name == "" {
		p.Name = p.Code
	}
	switch p.Kind {
	case Paid:
		p.Price = r.amount(path+".price", d.Price)
		if r.err == nil && p.Price.IsZero() {
			r.fail(path+".price", "a paid card has a price above zero; write kind: free for a free one")
		}
	case Free:
		if d.Price != "" {
			p.Price = r.amount(path+".price", d.Price)
		}
		if !p.Price.IsZero() {
			r.fail(path+".price", "a free card has no price; write kind: paid for one that costs %s", p.Price)
		}
	default:
		r.fail(path+".kind", "%q is neither paid nor free", d.Kind)
	}
	if d.ValidDays != nil {
		p.ValidDays = *d.ValidDays
		if p.ValidDays < 1 || p.ValidDays > maxDays {
			r.fail(path+".valid_days", "%d is not between 1 and %d; leave it out for a card that never expires", p.ValidDays, maxDays)
		}
	}
	if len(d.Benefits) > maxBenefits {
		r.fail(path+".benefits", "has more than %d benefits", maxBenefits)
		return p, r.err
	}
	codes := make(map[string]bool)
	for i := range d.Benefits {
		at := path + ".benefits[" + strconv.Itoa(i) + "]"
		b := d.Benefits[i].benefit(r, at, merchants)
		if codes[b.Code] {
			r.fail(at+".code", "%q is used twice in product %q", b.Code, d.Code)
		}
		codes[b.Code] = true
		p.Benefits = append(p.Benefits, b)
	}
	return p, r.err
}

func (d *BenefitDocument) benefit(r *reader, path string, merchants map[string]*merchant.Merchant) Benefit {
	zero := r.currency.Zero()
	b := Benefit{Code: r.code(path+".code", d.Code), Kind: BenefitKind(d.Kind), Uses: 1, Reimbursement: zero, ListPrice: zero, Threshold: zero, Discount: zero}
	if d.Uses != nil {
		b.Uses = *d.Uses
		if b.Uses < 1 || b.Uses > maxUses {
			r.fail(path+".uses", "%d is not between 1 and %d", b.Uses, maxUses)
		}
	}
	switch b.Kind {
	case Pass:
		d.pass(r, path, &b)
	case Coupon:
		d.coupon(r, path, &b)
	default:
		r.fail(path+".kind", "%q is neither pass nor coupon", d.Kind)
	}
	for i := range b.Merchants {
		at := path + ".merchant"
		if b.Kind == Coupon {
			at = path + ".merchants[" + strconv.Itoa(i) + "]"
		}
		if b.Merchants[i] = r.code(at, b.Merchants[i]); merchants[b.Merchants[i]] == nil {
			r.fail(at, "no merchant %q is in this circle", b.Merchants[i])
		}
	}
	return b
}

func (d *BenefitDocument) pass(r *reader, path string, b *Benefit) {
	r.foreign(path, Coupon, "merchants", d.Merchants != nil)
	r.foreign(path, Coupon, "threshold", d.Threshold != nil)
	r.foreign(path, Coupon, "discount", d.Discount != nil)
	r.foreign(path, Coupon, "funded_by", d.FundedBy != nil)
	if d.Merchant == nil {
		r.fail(path+".merchant", "is missing; a pass is honoured by one merchant")
	} else {
		b.Merchants = []string{*d.Merchant}
	}
	if d.Reimbursement == nil {
		r.fail(path+".reimbursement", "is missing; a pass says what the merchant is paid for one use")
		return
	}
	b.Reimbursement = r.amount(path+".reimbursement", *d.Reimbursement)
	b.ListPrice = b.Reimbursement
	if d.ListPrice != nil {
		b.ListPrice = r.amount(path+".list_price", *d.ListPrice)
	}
	whole, err := b.Reimbursement.Times(int64(b.Uses))
	if err != nil || whole.Minor() > money.MaxMinor {
		r.fail(path+".reimbursement", "%s for each of %d uses is more than can be booked", b.Reimbursement, b.Uses)
	}
}

func (d *BenefitDocument) coupon(r *reader, path string, b *Benefit) {
	r.foreign(path, Pass, "merchant", d.Merchant != nil)
	r.foreign(path, Pass, "reimbursement", d.Reimbursement != nil)
	r.foreign(path, Pass, "list_price", d.ListPrice != nil)
	b.Merchants = slices.Clone(d.Merchants)
	if len(b.Merchants) == 0 {
		r.fail(path+".merchants", "is missing; a coupon names the merchants that honour it")
	}
	if d.Threshold != nil {
		b.Threshold = r.amount(path+".threshold", *d.Threshold)
	}
	if d.Discount == nil {
		r.fail(path+".discount", "is missing; a coupon says what it takes off the bill")
	} else {
		b.Discount = r.amount(path+".discount", *d.Discount)
	}
	b.FundedBy = FundedByOrganiser
	if d.FundedBy != nil {
		b.FundedBy = Funder(*d.FundedBy)
		switch b.FundedBy {
		case FundedByOrganiser, FundedBySeller, FundedByMerchant:
		default:
			r.fail(path+".funded_by", "%q is not one of organiser, seller, merchant", *d.FundedBy)
		}
	}
}
