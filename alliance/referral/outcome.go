package referral

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Outcome is what came of a link.
//
// The amounts are commissions of the link's member: on the purchases of those who joined by
// it, which is level 1, and of those whom these brought, which is level 2. Over all links
// of a member who has brought nobody otherwise, Waiting, Payable and Paid add up to what the
// books say of the member: its pending, payable and paid commission.
type Outcome struct {
	Joined int // how many joined by it
	Bought int // how many of them have bought a card that bound the member as their referrer

	Waiting   money.Amount // earned, still in its hold
	Payable   money.Amount // released and not yet paid
	Paid      money.Amount // paid at a month-end
	TakenBack money.Amount // because a sale was reversed; if it was paid before, the member owes it
}

// Outcomes returns what came of links of a circle, by their codes. db should be a snapshot,
// so that all figures are of one instant.
func Outcomes(ctx context.Context, db ledger.Querier, al clearing.Alliance, links []Link) (map[string]*Outcome, error) {
	codes := make([]string, len(links))
	outcomes := make(map[string]*Outcome, len(links))
	zero := al.Currency.Zero()
	for i, l := range links {
		codes[i] = l.Code
		outcomes[l.Code] = &Outcome{Waiting: zero, Payable: zero, Paid: zero, TakenBack: zero}
	}
	if err := countJoined(ctx, db, al, codes, outcomes); err != nil {
		return nil, err
	}
	return outcomes, addCommissions(ctx, db, al, codes, outcomes)
}

func countJoined(ctx context.Context, db ledger.Querier, al clearing.Alliance, codes []string, outcomes map[string]*Outcome) error {
	rows, err := db.Query(ctx, `
		SELECT j.code, count(*), count(*) FILTER (WHERE m.referrer = j.referrer)
		FROM joinings j LEFT JOIN members m ON m.alliance_id = j.alliance_id AND m.member = j.member
		WHERE j.alliance_id = $1 AND j.code = ANY ($2) GROUP BY j.code`, al.ID, codes)
	if err != nil {
		return err
	}
	var code string
	var joined, bought int
	_, err = pgx.ForEachRow(rows, []any{&code, &joined, &bought}, func() error {
		outcomes[code].Joined, outcomes[code].Bought = joined, bought
		return nil
	})
	return err
}

// addCommissions adds up the commissions by link. A month-end pays all that a member has
// payable or nothing, so what was released by the cut-off of the last month that paid the
// member is paid, and what was released since is not. The look-ups are written out, so that a
// plan that was made of empty tables is still good when they are full.
func addCommissions(ctx context.Context, db ledger.Querier, al clearing.Alliance, codes []string, outcomes map[string]*Outcome) error {
	rows, err := db.Query(ctx, `
		SELECT j.code, c.amount, c.state, coalesce(c.release_at <= paid.cutoff_at AND t.period <= paid.period, false)
		FROM (SELECT DISTINCT member FROM referral_links WHERE alliance_id = $1 AND code = ANY ($2)) o
		LEFT JOIN LATERAL (
		    SELECT w.period, w.cutoff_at FROM windows w,
		    LATERAL (SELECT paid FROM commission_statements WHERE alliance_id = $1 AND period = w.period AND member = o.member OFFSET 0) s
		    WHERE w.alliance_id = $1 AND s.paid > 0 ORDER BY w.period DESC LIMIT 1) paid ON true,
		LATERAL (SELECT sale_seq, level, amount, state, release_at FROM commissions WHERE alliance_id = $1 AND member = o.member OFFSET 0) c,
		LATERAL (SELECT member, period FROM transactions WHERE alliance_id = $1 AND seq = c.sale_seq OFFSET 0) t,
		LATERAL (SELECT member, referrer FROM members WHERE alliance_id = $1 AND member = t.member OFFSET 0) buyer,
		LATERAL (SELECT code, referrer FROM joinings
		         WHERE alliance_id = $1 AND member = CASE c.level WHEN 1 THEN buyer.member ELSE buyer.referrer END OFFSET 0) j
		WHERE j.referrer = o.member AND j.code = ANY ($2)`, al.ID, codes)
	if err != nil {
		return err
	}
	var code, state string
	var minor int64
	var paid bool
	_, err = pgx.ForEachRow(rows, []any{&code, &minor, &state, &paid}, func() error {
		o := outcomes[code]
		sum := &o.TakenBack
		switch {
		case state == "pending":
			sum = &o.Waiting
		case state == "released" && paid:
			sum = &o.Paid
		case state == "released":
			sum = &o.Payable
		}
		total, err := sum.Add(al.Currency.Minor(minor))
		*sum = total
		return err
	})
	return err
}
