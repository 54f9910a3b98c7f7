package alliance

import "time"

// Redemption is what the commands by which a card is used have in common.
type Redemption struct {
	// OccurredAt is when it happened, if the till was offline then and uploads it
	// later; nil: now.
	OccurredAt *time.Time
}

// Command is an order to a circle. Codes are texts of the caller; amounts are
// decimal strings in major units, because whether they are amounts is for the
// rule book to say. A nil pointer means that a field was not given.
type Command interface{ command() }

// SellCard sells a card to a member. Without Merchant it is sold online and
// paid to custody.
type SellCard struct {
	Card     string
	Member   string
	Product  string
	Merchant *string
	Referrer *string
}

// TopUp adds stored value to a card, with a bonus if one is given.
type TopUp struct {
	Card          string
	Amount        string
	Merchant      *string
	Bonus         *string
	BonusFundedBy Funder // organiser if empty
}

// SpendValue pays a bill with stored value.
type SpendValue struct {
	Redemption
	Card     string
	Merchant string
	Amount   string
}

// UsePass uses counted entitlements.
type UsePass struct {
	Redemption
	Card     string
	Merchant string
	Benefit  string
	Count    int64
}

// UseCoupon takes a coupon off a bill.
type UseCoupon struct {
	Redemption
	Card     string
	Merchant string
	Benefit  string
	Bill     string
}

// RecordPurchase records a bill that the member paid by other means while
// showing the card.
type RecordPurchase struct {
	Redemption
	Card     string
	Merchant string
	Bill     string
}

// SpendPoints pays with points.
type SpendPoints struct {
	Redemption
	Card     string
	Merchant string
	Points   int64
}

// Reference names a transaction: by its number, or by the caller and key of the
// request that made it.
type Reference struct {
	Seq    int64
	Caller string
	Key    string
}

// Reverse undoes a transaction, or with Amount a part of a spend.
type Reverse struct {
	Of     Reference
	Amount *string
}

// FreezeCard marks a card lost.
type FreezeCard struct{ Card string }

// UnfreezeCard marks a lost card found.
type UnfreezeCard struct{ Card string }

func (SellCard) command()       {}
func (TopUp) command()          {}
func (SpendValue) command()     {}
func (UsePass) command()        {}
func (UseCoupon) command()      {}
func (RecordPurchase) command() {}
func (SpendPoints) command()    {}
func (Reverse) command()        {}
func (FreezeCard) command()     {}
func (UnfreezeCard) command()   {}
