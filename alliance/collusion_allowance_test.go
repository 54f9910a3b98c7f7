package alliance_test

import (
	"math/big"
	"time"

	"github.com/lianka/lianka/alliance"
)

// allowance is the most that one shop and all members together can have taken out of custody,
// the organiser and the other shops, as docs/rules.md states it. It is worked out from what the
// log says has happened and from the terms; it reads no entry and no balance.
type allowance struct {
	setup *alliance.Setup
	shop  string
	read  int // records of the log

	bonus  int64            // of top-ups that others fund
	gifts  map[string]int64 // by campaign that others fund: points, bonus, and coupons used
	bought int64            // others' purchases: what points cost, and the traffic share of the shop
	costs  int64            // clearing fees and the like that were paid; never above zero
	cards  map[string]*cardTaken
	sold   []*cardTaken
	acts   map[int64]*grant
}

// cardTaken is what colluders have from a card's uses and refund, less what they paid for it.
type cardTaken struct {
	sale        *alliance.Record
	taken       int64
	seller      int64 // the shop's share of the price
	organiser   int64
	commissions []int64
	pool        int64
	used        map[string]int64 // of the product's own benefits

	bought, bonus, gift, spent int64 // as refunds count them
	points                     int64
	expired                    bool
}

// grant is what was noted of a transaction, to take it off again when it is reversed.
type grant struct {
	record *alliance.Record
	add    *int64 // where worth was added
	worth  int64
	cost   int64
	pooled int64
	left   int64 // of a spend
}

func newAllowance(setup *alliance.Setup, shop string) *allowance {
	return &allowance{
		setup: setup, shop: shop, gifts: make(map[string]int64), cards: make(map[string]*cardTaken), acts: make(map[int64]*grant),
	}
}

// stated returns the bound that docs/rules.md states: of no card less than nothing, without what
// colluders lose by the way.
func (a *allowance) stated() int64 {
	sum := a.bonus + a.bought + a.ofGifts()
	for _, c := range a.sold {
		sum += max(0, c.taken)
	}
	return sum
}

// exact returns the bound less what was lost by the way.
func (a *allowance) exact() int64 {
	sum := a.bonus + a.bought + a.ofGifts() + a.costs
	for _, c := range a.sold {
		sum += c.taken
	}
	return sum
}

// ofGifts: however often a campaign gave, its budget is the limit.
func (a *allowance) ofGifts() (sum int64) {
	for code, cost := range a.gifts {
		if c := a.setup.Campaign(code); c.Limited {
			cost = min(cost, c.Budget.Minor())
		}
		sum += cost
	}
	return sum
}

func (a *allowance) follow(log []alliance.Record) {
	for ; a.read < len(log); a.read++ {
		a.note(&log[a.read])
	}
}

func (a *allowance) note(r *alliance.Record) {
	terms, card := a.setup.Current(), a.cards[r.Card]
	cost := terms.PointCost.Minor()
	done := &grant{record: r, add: &a.costs}
	here := r.Merchant == a.shop
	switch r.Type {
	case alliance.CardSold:
		card = a.sell(r)
	case alliance.CardReplaced:
		a.cards[r.Facts.Growth.NewCard] = card
	case alliance.CardToppedUp:
		card.bought += r.Facts.Amount
		card.bonus += r.Facts.Bonus
		if !here || r.Facts.BonusFundedBy != alliance.FundedByMerchant {
			done.add, done.worth = &a.bonus, r.Facts.Bonus
		}
	case alliance.ValueSpent, alliance.HoldCaptured:
		card.spent += r.Facts.Amount
		done.left = r.Facts.Amount
		if here {
			done.cost = -share(r.Facts.Amount, terms.ClearingFee)
		}
	case alliance.PassUsed:
		a.pass(done, card)
	case alliance.CouponUsed:
		a.coupon(done, card)
	case alliance.PurchaseRecorded:
		a.purchase(done, card)
	case alliance.PointsSpent:
		done.cost = -r.Facts.Points * (terms.PointValue.Minor() - cost)
	case alliance.ItemRedeemed:
		count := r.Facts.Growth.Item.Count
		item := a.setup.Items[r.Facts.Growth.Item.Code]
		worth := item.Reimbursement.Minor() * count
		done.cost = worth - item.Points*count*cost
		if here {
			done.cost -= share(worth, terms.ClearingFee)
		}
	case alliance.GiftGranted, alliance.GiftEarned:
		card.gift += r.Facts.Bonus
		a.gift(r.Facts.Growth.Gift.Campaign, r.Facts.Points, r.Facts.Bonus)
	case alliance.CardExpired:
		card.expired = true
		a.leave(card, card.pool)
	case alliance.CardRefunded:
		a.refund(r, card)
	case alliance.Reversed:
		a.reverse(r, card)
	}
	if done.add != nil {
		*done.add += done.worth
	}
	a.costs += done.cost
	a.acts[r.Seq] = done
	if card != nil {
		card.points += r.Facts.Points
	}
}

// sell: the colluders pay the price, less the shop's share if it is the seller, and the commissions.
func (a *allowance) sell(r *alliance.Record) *cardTaken {
	terms := a.setup.Current()
	price := a.setup.Products[r.Facts.Product].Price.Minor()
	card := &cardTaken{sale: r, pool: price, organiser: share(price, terms.OrganiserShare), used: make(map[string]int64)}
	seller := int64(0)
	if r.Merchant != "" {
		seller = share(price, terms.SellerShare)
	}
	if r.Merchant == a.shop {
		card.seller = seller
	}
	card.taken = card.seller - price
	card.pool -= seller + card.organiser
	for level, upline := range []string{r.Facts.Referrer, r.Facts.Second} {
		if upline != "" && level < len(terms.ReferralLevels) {
			commission := share(price, terms.ReferralLevels[level])
			card.commissions = append(card.commissions, commission)
			card.taken += commission
			card.pool -= commission
		}
	}
	a.cards[r.Card] = card
	a.sold = append(a.sold, card)
	return card
}

func (a *allowance) pass(done *grant, card *cardTaken) {
	r := done.record
	worth := a.benefit(card, r.Facts.Benefit).Reimbursement.Minor() * r.Facts.Uses
	card.used[r.Facts.Benefit] += r.Facts.Uses
	done.add, done.worth, done.pooled = &card.taken, worth, min(card.pool, worth)
	card.pool -= done.pooled
	if r.Merchant == a.shop {
		done.cost = -share(worth, a.setup.Current().ClearingFee)
	}
}

func (a *allowance) coupon(done *grant, card *cardTaken) {
	r := done.record
	if g := r.Facts.Growth; g != nil && g.Gift != nil {
		campaign := a.setup.Campaign(g.Gift.Campaign)
		done.add = nil
		if campaign.FundedBy != a.shop {
			for i := range campaign.Coupons {
				if c := &campaign.Coupons[i]; c.Code == r.Facts.Benefit {
					done.worth = c.Discount.Minor()
				}
			}
			a.gifts[campaign.Code] += done.worth
		}
		return
	}
	b := a.benefit(card, r.Facts.Benefit)
	card.used[b.Code]++
	funder := ""
	switch b.FundedBy {
	case alliance.FundedByMerchant:
		funder = r.Merchant
	case alliance.FundedBySeller:
		funder = card.sale.Merchant
	}
	if funder != a.shop {
		done.add, done.worth = &card.taken, b.Discount.Minor()
	}
}

func (a *allowance) benefit(card *cardTaken, code string) *alliance.Benefit {
	benefits := a.setup.Products[card.sale.Facts.Product].Benefits
	for i := range benefits {
		if benefits[i].Code == code {
			return &benefits[i]
		}
	}
	return nil
}

// purchase: another shop that books one pays for the points, and for the traffic; the shop
// itself pays for both.
func (a *allowance) purchase(done *grant, card *cardTaken) {
	r, terms := done.record, a.setup.Current()
	home, organiser := int64(0), int64(0)
	if seller := card.sale.Merchant; seller != "" && seller != r.Merchant {
		home, organiser = share(r.Facts.Amount, terms.HomeTraffic), share(r.Facts.Amount, terms.OrganiserTraffic)
	}
	if r.Merchant == a.shop {
		done.cost = -home - organiser
		return
	}
	done.add, done.worth = &a.bought, r.Facts.Points*terms.PointCost.Minor()
	if card.sale.Merchant == a.shop {
		done.worth += home
	}
}

func (a *allowance) gift(code string, points, bonus int64) {
	if a.setup.Campaign(code).FundedBy != a.shop {
		a.gifts[code] += points*a.setup.Current().PointCost.Minor() + bonus
	}
}

// leave: a seller who pays only at use keeps what is left of the pool.
func (a *allowance) leave(card *cardTaken, rest int64) {
	if a.setup.Current().Funding == alliance.AtUse && card.sale.Merchant == a.shop {
		card.taken += rest
	}
	card.pool = 0
}

func (a *allowance) reverse(r *alliance.Record, card *cardTaken) {
	undone := a.acts[r.Corrects]
	original := undone.record
	switch original.Type {
	case alliance.CardSold:
		card.taken, card.pool = 0, 0
	case alliance.CardToppedUp:
		card.bought -= original.Facts.Amount
		card.bonus -= original.Facts.Bonus
	case alliance.ValueSpent, alliance.HoldCaptured:
		card.spent -= r.Facts.Amount
		undone.left -= r.Facts.Amount
		after := int64(0)
		if original.Merchant == a.shop {
			after = -share(undone.left, a.setup.Current().ClearingFee)
		}
		a.costs += after - undone.cost
		undone.cost = after
	case alliance.PassUsed:
		card.used[original.Facts.Benefit] -= original.Facts.Uses
		card.pool += undone.pooled
	case alliance.CouponUsed:
		if g := original.Facts.Growth; g != nil && g.Gift != nil {
			if undone.worth != 0 {
				a.gifts[g.Gift.Campaign] -= undone.worth
			}
		} else {
			card.used[original.Facts.Benefit]--
		}
	}
	if original.Type != alliance.ValueSpent && original.Type != alliance.HoldCaptured {
		if undone.add != nil {
			*undone.add -= undone.worth
		}
		if original.Type == alliance.CardSold {
			card.taken = 0
		}
		a.costs -= undone.cost
	}
	if r.Facts.Growth == nil {
		return
	}
	for _, g := range r.Facts.Growth.GiftsTaken {
		given := a.acts[g.Seq].record
		a.gift(given.Facts.Growth.Gift.Campaign, -g.Points, -g.Bonus)
		card.gift -= g.Bonus
	}
}

// refund: the part of the price that comes back, less what sharers give back of it; what comes
// back of stored value, less what was on the card; and the points are lost.
func (a *allowance) refund(r *alliance.Record, card *cardTaken) {
	price := card.sale.Facts.Amount
	back := a.priceBack(card, r.Facts.Growth.Refund.Ground, r.BookedAt)
	part := func(of int64) int64 {
		if price == 0 {
			return 0
		}
		return floor(of, back, price)
	}
	returned := part(card.seller)
	for _, commission := range card.commissions {
		returned += part(commission)
	}
	card.taken += back - returned
	need := back - returned - part(card.organiser)
	a.leave(card, card.pool-min(card.pool, max(0, need)))
	stored := card.bought + card.bonus + card.gift - card.spent
	a.costs += a.valueBack(card, r.Facts.Growth.Refund.Ground) - stored - card.points*a.setup.Current().PointCost.Minor()
}

func (a *allowance) priceBack(card *cardTaken, ground alliance.Ground, at time.Time) int64 {
	price := card.sale.Facts.Amount
	if card.expired {
		return 0
	}
	if ground == alliance.GroundCoolingOff {
		return price
	}
	var used, whole, listed int64
	benefits := a.setup.Products[card.sale.Facts.Product].Benefits
	for i := range benefits {
		b := &benefits[i]
		worth, full := b.Reimbursement.Minor(), b.ListPrice.Minor()
		if b.Kind == alliance.Coupon {
			worth, full = b.Discount.Minor(), b.Discount.Minor()
		}
		used += card.used[b.Code] * worth
		listed += card.used[b.Code] * full
		whole += int64(b.Uses) * worth
	}
	if whole == 0 {
		if card.sale.Facts.ExpiresAt == nil {
			return 0
		}
		days := int64(0)
		for card.sale.Facts.ExpiresAt.After(at.Add(time.Duration(days) * 24 * time.Hour)) {
			days++
		}
		return floor(price, days, int64(a.setup.Products[card.sale.Facts.Product].ValidDays))
	}
	back := max(0, price-listed)
	if ground == alliance.GroundShop {
		back = max(back, price-floor(price, used, whole))
	}
	return back
}

func (a *allowance) valueBack(card *cardTaken, ground alliance.Ground) int64 {
	beyond := max(0, card.spent-card.gift)
	if ground != alliance.GroundShop {
		return max(0, card.bought-beyond)
	}
	whole := card.bought + card.bonus
	if whole == 0 {
		return 0
	}
	return max(0, floor(card.bought, whole-beyond, whole))
}

// floor is of × part ÷ whole, rounded down.
func floor(of, part, whole int64) int64 {
	product := new(big.Int).Mul(big.NewInt(of), big.NewInt(part))
	return product.Div(product, big.NewInt(whole)).Int64()
}
