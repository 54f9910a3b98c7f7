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
			next := days(o.RemindAt, max(1, x.Policy.ReminderDays))
			o.RemindAt = next
			if !next.Before(o.DefaultAt) {
				o.RemindAt = never
			}
			o.Reminders++
			p.record(obligationEvent(o, PaymentReminded, o.Outstanding(), "reminder", itoa(int64(o.Reminders)), "default_at", o.DefaultAt.Format(time.RFC3339)))
		})
		if len(p.events) == 0 {
			return nil, nil
		}
		return p, nil
	},
}
