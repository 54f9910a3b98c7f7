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
// with the settlement, so that new terms don't change one that is under way. Days are of
// the circle's calendar.
type Settling struct {
	ReviewDays     int    `json:"review_days"`               // for shops to object in
	PaymentDays    int    `json:"payment_days"`              // from the approval until payment is due
	ReminderDays   int    `json:"reminder_days"`             // from one reminder to the next, the first when payment is due
	GraceDays      int    `json:"grace_days"`                // from then until a party defaults
	AnswerDays     int    `json:"answer_days,omitempty"`     // from a dispute until it is answered by itself; 0: never, as in settlements from before there was such a time
	AdjustSilent   bool   `json:"adjust_silent,omitempty"`   // a dispute that nobody answered is adjusted, else refused
	OrganiserFirst bool   `json:"organiser_first"`           // the organiser bears a loss before the creditors
	OrganiserLimit *int64 `json:"organiser_limit,omitempty"` // of what a party doesn't pay of a settlement, in minor units; nil: all of it
}
