package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// The types of what a default makes: the first is that of its transaction too.
const (
	PaymentDefaulted  = "payment.defaulted"
	DepositDrawn      = "deposit.drawn"
	LossShared        = "loss.shared"
	MerchantSuspended = "shop.suspended"
)

// never marks an instant that does not come.
var never time.Time

// defaults: the grace of an obligation is over.
var defaults = deadline{
	labels: labels{PaymentDefaulted: {Chinese: "违约损失分摊", English: "Loss from a default"}},
	each: func(s *State, each func(time.Time)) {
		s.eachOutstanding(func(_ *Lifecycle, o *Obligation) { each(o.DefaultAt) })
	},
	run: func(s *State, at time.Time) (*posting, error) {
		for _, x := range s.Settlements {
			for _, o := range x.Obligations {
				if reached(o.DefaultAt, at) && o.Outstanding().Sign() > 0 {
					return s.bookDefault(x, o, at)
				}
			}
		}
		return nil, nil
	},
}

// bookDefault books that a party did not pay an obligation until its grace was over.
func (s *State) bookDefault(x *Lifecycle, o *Obligation, at time.Time) (*posting, error) {
	p := newPosting(PaymentDefaulted)
	p.Merchant = merchantOf(o.Payer)
	if err := x.move(o, GraceEnds); err != nil {
		return nil, err
	}
	o.RemindAt, o.DefaultAt, o.DefaultedAt = never, never, at
	return p, s.coverDefault(p, x, o, o.Outstanding())
}

// coverDefault draws the payer's deposit for what is unpaid of an obligation that
// defaulted; what is left is a loss, which is shared as the terms say, in the open
// window; and the merchant is suspended. Where the money should have gone to another
// party, custody pays in its place.
func (s *State) coverDefault(p *posting, x *Lifecycle, o *Obligation, unpaid money.Amount) error {
	p.record(obligationEvent(o, PaymentDefaulted, unpaid))
	if o.Kind == Direct {
		if err := s.payInstead(p, x, o, unpaid); err != nil {
			return err
		}
	}
	drawn := s.zero()
	if lodged := s.Balance(deposit(o.Payer)).Neg(); lodged.Sign() > 0 {
		if drawn = money.Min(unpaid, lodged); drawn.Sign() > 0 {
			if err := p.begin(x); err != nil {
				return err
			}
			p.move(deposit(o.Payer), receivable(o.Payer), drawn)
			o.Drawn, o.Paid = o.Drawn.Plus(drawn), o.Paid.Plus(drawn)
			p.record(obligationEvent(o, DepositDrawn, drawn))
		}
	}
	loss := unpaid.Minus(drawn)
	switch {
	case loss.Sign() > 0:
		s.shareLoss(p, x, o, loss)
	case o.complete():
		if err := x.move(o, AllArrives); err != nil {
			return err
		}
	}
	if merchant := s.Merchants[o.Payer]; merchant != nil && loss.Sign() > 0 && !merchant.Suspended {
		merchant.Suspended, s.merchantsChanged = true, true
		p.record(Event{Type: MerchantSuspended, Party: merchant.Code, Data: map[string]string{"reference": o.Reference}})
	}
	return nil
}

// payInstead makes custody pay what a party did not pay another.
func (s *State) payInstead(p *posting, x *Lifecycle, o *Obligation, amount money.Amount) error {
	instead := newObligation(x, Payout, clearing.Custody, o.Payee, amount)
	instead.Covers, instead.changed = o.Number, true
	if err := x.add(s.Alliance.ID, instead); err != nil {
		return err
	}
	p.record(obligationEvent(instead, PayoutPayable, amount, "covers", o.Reference))
	return nil
}
