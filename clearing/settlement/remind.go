package settlement

import "time"

// PaymentReminded is the type of a reminder.
const PaymentReminded = "payment.reminded"

// remind: payments are due and not there. Every such party is reminded in one
// posting, and it is set when it will be again.
var remind = deadline{
	labels: labels{PaymentReminded: {Chinese: "催款", English: "Payment reminder"}},
	each: func(s *State, each func(time.Time)) {
		s.eachOutstanding(func(_ *Lifecycle, o *Obligation) { each(o.RemindAt) })
	},
	run: func(s *State, at time.Time) (*posting, error) {
		p := newPosting(PaymentReminded)
		s.eachOutstanding(func(x *Lifecycle, o *Obligation) {
			if !reached(o.RemindAt, at) {
				return
			}
			o.changed = true
			o.RemindAt = s.nextReminder(x, o)
			o.Reminders++
			p.record(obligationEvent(o, PaymentReminded, o.Outstanding(), "reminder", itoa(int64(o.Reminders)), "default_at", o.DefaultAt.Format(time.RFC3339)))
		})
		if len(p.events) == 0 {
			return nil, nil
		}
		return p, nil
	},
}

// nextReminder returns when a payment is reminded of after its present reminder; never:
// its grace is over by then. Days are counted from when it was due, so a reminder that a
// change of clocks has moved doesn't move those after it.
func (s *State) nextReminder(x *Lifecycle, o *Obligation) time.Time {
	step := max(1, x.Policy.ReminderDays)
	next := o.RemindAt
	for n := step; !next.After(o.RemindAt); n += step {
		next = s.days(o.DueAt, n)
	}
	if !next.Before(o.DefaultAt) {
		return never
	}
	return next
}
