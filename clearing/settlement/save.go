package settlement

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/window"
)

// Save queues the writes of all that has changed since the last time. Rows travel
// as JSON: they are few beside those of the tills, and most of what they hold is.
func (p *Processor) Save(writes *pgx.Batch) error {
	s := &p.state
	var settlements []settlementRow
	var obligations []obligationRow
	var unsaved []*Obligation
	var disputes []disputeRow
	for _, x := range s.Settlements {
		if x.changed {
			settlements = append(settlements, rowOfSettlement(x))
		}
		for _, o := range x.Obligations {
			switch {
			case o.unsaved:
				unsaved = append(unsaved, o)
			case o.changed:
				obligations = append(obligations, rowOfObligation(o))
			}
		}
		for _, dispute := range x.Disputes {
			if dispute.changed {
				disputes = append(disputes, rowOfDispute(dispute))
			}
		}
		x.saved()
	}
	saveUnsaved(writes, s.Alliance.ID, unsaved)
	runs, orders := rowsOfRuns(s.Runs)
	lines := rowsOfLines(s)
	bookings := rowsOfBookings(s)
	for _, table := range []struct {
		sql  string
		rows any
		n    int
	}{
		{saveSettlements, settlements, len(settlements)},
		{saveObligations, obligations, len(obligations)},
		{saveDisputes, disputes, len(disputes)},
		{saveRuns, runs, len(runs)},
		{saveOrders, orders, len(orders)},
		{saveLines, lines, len(lines)},
		{saveTwins, rowsOfTwins(s.NewTwins), len(s.NewTwins)},
		{saveBookings, bookings, len(bookings)},
		{saveStatements, p.statements, len(p.statements)},
		{saveEvents, p.events, len(p.events)},
	} {
		if table.n == 0 {
			continue
		}
		text, err := json.Marshal(table.rows)
		if err != nil {
			return err
		}
		writes.Queue(table.sql, s.Alliance.ID, string(text))
	}
	if s.merchantsChanged {
		merchants := make([]clearing.Merchant, 0, len(s.Merchants))
		for _, merchant := range s.Merchants {
			merchants = append(merchants, *merchant)
		}
		p.saveMerchants(writes, merchants)
	}
	s.Reading.save(writes, s)
	s.Runs, s.NewTwins, s.merchantsChanged, s.Reading, p.events, p.statements = nil, nil, false, Reading{}, nil, nil
	return nil
}

// saved notes that a settlement and all that belongs to it is on its way.
func (x *Lifecycle) saved() {
	x.changed = false
	for _, o := range x.Obligations {
		o.changed, o.unsaved = false, false
	}
	for _, d := range x.Disputes {
		d.changed = false
	}
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type settlementRow struct {
	Period      string          `json:"period"`
	Digest      string          `json:"digest"` // hex; only of a new one
	Policy      window.Settling `json:"policy"`
	State       Phase           `json:"state"`
	ReviewUntil time.Time       `json:"review_until"`
	ApprovedAt  *time.Time      `json:"approved_at"`
	SettledAt   *time.Time      `json:"settled_at"`
	Obligations int             `json:"obligations"`
	Undone      int             `json:"undone"`
}

func rowOfSettlement(x *Lifecycle) settlementRow {
	return settlementRow{
		Period: x.Period, Digest: hex.EncodeToString(x.digest[:]), Policy: x.Policy, State: x.Phase,
		ReviewUntil: x.ReviewUntil, ApprovedAt: orNull(x.ApprovedAt), SettledAt: orNull(x.SettledAt), Obligations: x.Obliged, Undone: x.Undone,
	}
}

// A settlement is inserted once, with its digest; later writes change its life.
const saveSettlements = `
	INSERT INTO settlements AS s (alliance_id, period, digest, policy, state, review_until, approved_at, settled_at, obligations, undone)
	SELECT $1, period, decode(digest, 'hex'), policy, state, review_until, approved_at, settled_at, obligations, undone
	FROM json_to_recordset($2::text::json) AS n (period text, digest text, policy json, state text, review_until timestamptz,
	     approved_at timestamptz, settled_at timestamptz, obligations integer, undone integer)
	ON CONFLICT (alliance_id, period) DO UPDATE SET
	    state = excluded.state, approved_at = excluded.approved_at, settled_at = excluded.settled_at,
	    obligations = excluded.obligations, undone = excluded.undone`

type obligationRow struct {
	Period    string       `json:"period"`
	Number    int          `json:"number"`
	Reference string       `json:"reference"`
	Kind      Kind         `json:"kind"`
	Payer     string       `json:"payer"`
	Payee     string       `json:"payee"`
	Covers    int          `json:"covers"`
	Amount    int64        `json:"amount"`
	Held      int64        `json:"held"`
	Carried   int64        `json:"carried"`
	Paid      int64        `json:"paid"`
	Sent      int64        `json:"sent"`
	Payments  []paymentRow `json:"payments"`
	Drawn     int64        `json:"drawn"`
	State     Status       `json:"state"`
	DueAt     *time.Time   `json:"due_at"`
	RemindAt  *time.Time   `json:"remind_at"`
	DefaultAt *time.Time   `json:"default_at"`
	Defaulted *time.Time   `json:"defaulted_at"`
	Reminders int          `json:"reminders"`
	Returns   int          `json:"returns"`
	Run       int64        `json:"run"`
	Bearers   []bearerRow  `json:"bearers"`
}

func rowOfObligation(o *Obligation) obligationRow {
	bearers := make([]bearerRow, len(o.Bearers))
	for i, b := range o.Bearers {
		bearers[i] = bearerRow{b.Party, b.Borne.Minor(), b.Recovered.Minor()}
	}
	return obligationRow{
		Period: o.Period, Number: o.Number, Reference: o.Reference, Kind: o.Kind, Payer: o.Payer, Payee: o.Payee, Covers: o.Covers,
		Amount: o.Amount.Minor(), Held: o.Disputed.Minor(), Carried: o.Carried.Minor(), Paid: o.Paid.Minor(), Sent: o.Sent.Minor(),
		Payments: rowsOfPayments(o.Payments), Drawn: o.Drawn.Minor(), State: o.Status,
		DueAt: orNull(o.DueAt), RemindAt: orNull(o.RemindAt), DefaultAt: orNull(o.DefaultAt), Defaulted: orNull(o.DefaultedAt),
		Reminders: o.Reminders, Returns: o.Returns, Run: o.Run, Bearers: bearers,
	}
}

// saveUnsaved queues obligations that a closing window has brought, of which there may
// be one for each member.
func saveUnsaved(writes *pgx.Batch, allianceID int64, unsaved []*Obligation) {
	n := len(unsaved)
	if n == 0 {
		return
	}
	periods, numbers, references, kinds := make([]string, n), make([]int32, n), make([]string, n), make([]string, n)
	payers, payees, amounts, states := make([]string, n), make([]string, n), make([]int64, n), make([]string, n)
	for i, o := range unsaved {
		periods[i], numbers[i], references[i], kinds[i] = o.Period, int32(o.Number), o.Reference, string(o.Kind)
		payers[i], payees[i], amounts[i], states[i] = o.Payer, o.Payee, o.Amount.Minor(), string(o.Status)
	}
	writes.Queue(`
		INSERT INTO obligations (alliance_id, period, number, reference, kind, payer, payee, covers, amount, held, carried, paid, sent, payments,
		                         drawn, state, reminders, returns, run, bearers)
		SELECT $1, period, number, reference, kind, payer, payee, 0, amount, 0, 0, 0, 0, '[]', 0, state, 0, 0, 0, '[]'
		FROM unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[])
		     AS n (period, number, reference, kind, payer, payee, amount, state)`,
		allianceID, periods, numbers, references, kinds, payers, payees, amounts, states)
}

const saveObligations = `
	INSERT INTO obligations (alliance_id, period, number, reference, kind, payer, payee, covers, amount, held, carried, paid, sent, payments,
	                         drawn, state, due_at, remind_at, default_at, defaulted_at, reminders, returns, run, bearers)
	SELECT $1, period, number, reference, kind, payer, payee, covers, amount, held, carried, paid, sent, payments,
	       drawn, state, due_at, remind_at, default_at, defaulted_at, reminders, returns, run, bearers
	FROM json_to_recordset($2::text::json) AS n (period text, number integer, reference text, kind text, payer text, payee text, covers integer,
	     amount bigint, held bigint, carried bigint, paid bigint, sent bigint, payments json, drawn bigint, state text,
	     due_at timestamptz, remind_at timestamptz, default_at timestamptz, defaulted_at timestamptz, reminders integer, returns integer, run bigint, bearers json)
	ON CONFLICT (alliance_id, period, number) DO UPDATE SET
	    held = excluded.held, carried = excluded.carried, paid = excluded.paid, sent = excluded.sent, payments = excluded.payments,
	    drawn = excluded.drawn, state = excluded.state, due_at = excluded.due_at, remind_at = excluded.remind_at,
	    default_at = excluded.default_at, defaulted_at = excluded.defaulted_at, reminders = excluded.reminders, returns = excluded.returns, run = excluded.run, bearers = excluded.bearers`

type disputeRow struct {
	Number          int64         `json:"number"`
	Period          string        `json:"period"`
	Party           string        `json:"party"`
	Seq             int64         `json:"seq"`
	Effect          int64         `json:"effect"`
	DisputedAmounts []disputedRow `json:"holds"`
	Reason          string        `json:"reason"`
	State           Verdict       `json:"state"`
	OpenedAt        time.Time     `json:"opened_at"`
	AnswerBy        *time.Time    `json:"answer_by"`
	AnsweredAt      *time.Time    `json:"answered_at"`
	Answer          string        `json:"answer"`
	Against         string        `json:"against"`
	Adjusted        int64         `json:"adjusted"`
}

func rowOfDispute(d *Dispute) disputeRow {
	disputed := make([]disputedRow, len(d.DisputedAmounts))
	for i, part := range d.DisputedAmounts {
		disputed[i] = disputedRow{part.Number, part.Amount.Minor()}
	}
	return disputeRow{
		Number: d.Number, Period: d.Period, Party: d.Party, Seq: d.Seq, Effect: d.Effect.Minor(), DisputedAmounts: disputed, Reason: d.Reason,
		State: d.Verdict, OpenedAt: d.OpenedAt, AnswerBy: orNull(d.AnswerBy), AnsweredAt: orNull(d.AnsweredAt), Answer: d.Answer, Against: d.Against, Adjusted: d.Adjusted.Minor(),
	}
}

const saveDisputes = `
	INSERT INTO disputes (alliance_id, number, period, party, seq, effect, holds, reason, state, opened_at, answer_by, answered_at, answer, against, adjusted)
	SELECT $1, number, period, party, seq, effect, holds, reason, state, opened_at, answer_by, answered_at, answer, against, adjusted
	FROM json_to_recordset($2::text::json) AS n (number bigint, period text, party text, seq bigint, effect bigint, holds json, reason text,
	     state text, opened_at timestamptz, answer_by timestamptz, answered_at timestamptz, answer text, against text, adjusted bigint)
	ON CONFLICT (alliance_id, number) DO UPDATE SET
	    state = excluded.state, answered_at = excluded.answered_at, answer = excluded.answer, against = excluded.against, adjusted = excluded.adjusted`

type runRow struct {
	Run       int64     `json:"run"`
	MadeAt    time.Time `json:"made_at"`
	ExecuteOn string    `json:"execute_on"`
	Debtor    Account   `json:"debtor"`
}

type orderRow struct {
	Run       int64   `json:"run"`
	Line      int     `json:"line"`
	Period    string  `json:"period"`
	Number    int     `json:"number"`
	Reference string  `json:"reference"`
	Attempt   string  `json:"attempt"`
	Amount    int64   `json:"amount"`
	Payee     Account `json:"payee"`
}

func rowsOfRuns(made []*Run) (runs []runRow, orders []orderRow) {
	for _, r := range made {
		runs = append(runs, runRow{r.Number, r.MadeAt, r.ExecuteOn.Format(time.DateOnly), r.Debtor})
		for i, o := range r.Orders {
			orders = append(orders, orderRow{r.Number, i + 1, o.Period, o.Number, o.Reference, o.Attempt, o.Amount.Minor(), o.Payee})
		}
	}
	return runs, orders
}

const saveRuns = `
	INSERT INTO payment_runs (alliance_id, run, made_at, execute_on, debtor)
	SELECT $1, run, made_at, execute_on, debtor
	FROM json_to_recordset($2::text::json) AS n (run bigint, made_at timestamptz, execute_on date, debtor json)`

const saveOrders = `
	INSERT INTO payment_orders (alliance_id, run, line, period, number, reference, attempt, amount, payee)
	SELECT $1, run, line, period, number, reference, attempt, amount, payee
	FROM json_to_recordset($2::text::json) AS n (run bigint, line integer, period text, number integer, reference text, attempt text, amount bigint, payee json)`

const saveEvents = `
	INSERT INTO events (alliance_id, number, at, type, seq, period, party, body)
	SELECT $1, (body ->> 'number')::bigint, (body ->> 'at')::timestamptz, body ->> 'type', substr(body ->> 'transaction', 5)::bigint,
	       coalesce(body ->> 'period', ''), coalesce(body ->> 'party', ''), body
	FROM json_array_elements($2::text::json) AS body`
