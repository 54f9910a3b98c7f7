package window

import (
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/withholding"
)

// Policy is what a circle's terms say about its month-end.
type Policy struct {
	MinimumTransfer money.Amount       // smaller positions are carried forward
	MinimumPayout   money.Amount       // smaller commissions are carried forward
	Direct          bool               // match debtors with creditors instead of paying through custody
	Withholding     *withholding.Table // the tax kept back from commission; nil: none
	Settling        Settling
}

// Settling is what the terms say about the time after a window has closed. It is stored
// with the settlement, so that new terms don't change one that is under way. A day has 24
// hours.
type Settling struct {
	ReviewDays     int    `json:"review_days"`               // for shops to object in
	PaymentDays    int    `json:"payment_days"`              // from the approval until payment is due
	ReminderDays   int    `json:"reminder_days"`             // from one reminder to the next, the first when payment is due
	GraceDays      int    `json:"grace_days"`                // from then until a party defaults
	OrganiserFirst bool   `json:"organiser_first"`           // the organiser bears a loss before the creditors
	OrganiserLimit *int64 `json:"organiser_limit,omitempty"` // of one default, in minor units; nil: all of it
}
