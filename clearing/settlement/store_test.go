package settlement_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestWhatIsSavedIsReadBack(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"custody", "creditors"}, {"direct", "organiser_first"}} {
		t.Run(c[0], func(t *testing.T) {
			t.Parallel()
			p := setup(t, c[0], c[1])
			spend := p.autumn()
			obligations := make(map[string]*settlement.Obligation) // by whom they concern
			for _, o := range p.fresh().Settlements[0].Obligations {
				obligations[o.Payer+"-"+o.Payee] = o
			}
			p.must(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: spend, Reason: "it was 80.00"})
			p.must(settlement.LodgeDeposit{Merchant: "cafe", Amount: "20.00", Note: "cash"})
			p.must(settlement.Adjust{From: "cafe", To: "salon", Amount: "1.50", Reason: "a till was wrong", Corrects: spend})
			require.Equal(t, settlement.CodeDisputeOpen, p.submit(settlement.Approve{Period: "2026-10"}).Refusal.Code)
			p.pass(at(time.November, 4, 0))
			require.Equal(t, settlement.Approved, p.fresh().Settlements[0].Phase)

			p.accounts()
			p.must(settlement.SendPayouts{ExecuteOn: "2026-11-06", AcceptShortage: true})
			p.must(settlement.AdjustDispute{Dispute: 1, Against: "organiser", Amount: "10.00", Answer: "half of it"})
			commission := obligations["custody-ann"]
			p.must(settlement.ImportStatement{Account: "42", Statement: "7", Lines: []settlement.BankLine{
				{ID: "a", BookedOn: p.today(), Amount: commission.Amount, References: []string{commission.Reference}, Counterparty: "Ann", Text: "x"},
				{ID: "b", BookedOn: p.today(), Credit: true, Amount: cny(1), Text: "interest"},
			}})
			p.must(settlement.ImportStatement{Account: "42", Statement: "8", Lines: []settlement.BankLine{
				{ID: "b", BookedOn: p.today(), Credit: true, Amount: cny(1), Text: "interest"},
				{ID: "c", BookedOn: p.today(), Credit: true, Returned: true, Amount: commission.Amount, References: []string{commission.Reference}, Text: "closed"},
			}})
			p.must(settlement.ReceivePayment{Party: "cafe", Amount: "3.00", Note: "cash"})
			p.must(settlement.GiveNotice{Merchant: "salon", LeavesAt: at(time.November, 20, 12).Add(1500)})
			p.pass(at(time.December, 8, 0)) // reminders, a default, a shop that leaves, and a month that closes
			merchants := p.merchants()
			require.True(t, merchants[0].Suspended)
			require.True(t, merchants[2].Left)
			state := p.fresh()
			require.Len(t, state.Settlements, 2)
			defaulted := false
			for _, o := range state.Settlements[0].Obligations {
				if o.Payer == "cafe" && o.Status == settlement.Defaulted {
					defaulted = true
					require.NotEmpty(t, o.Bearers)
				}
			}
			require.True(t, defaulted)
			for _, x := range state.Settlements {
				for _, o := range x.Obligations {
					if o.Payer == clearing.Custody && o.Outstanding().Plus(o.Sent).Sign() > 0 {
						p.must(settlement.ConfirmPayout{Reference: o.Reference, Note: "by hand"})
					}
				}
			}
			require.Equal(t, settlement.Settled, p.fresh().Settlements[0].Phase)
			p.pass(p.now.Add(time.Hour)) // a batch that has to read it by the number of its dispute
			for _, late := range []any{
				settlement.AdjustDispute{Dispute: 1, Against: "organiser", Amount: "1.00"}, settlement.RefuseDispute{Dispute: 1}, settlement.WithdrawDispute{Dispute: 1},
			} {
				require.Equal(t, settlement.CodeAlreadyAnswered, p.submit(late).Refusal.Code)
			}
			p.must(settlement.ReceivePayment{Party: "cafe", Amount: "5.00"}) // of a month that is settled
			p.must(settlement.ReturnPayout{Reference: commission.Reference, Reason: "closed"})
			require.Equal(t, settlement.Paying, p.fresh().Settlements[0].Phase)
			p.pass(at(time.December, 31, 0).AddDate(0, 3, 0))
			p.audit()

			var runs, orders, lines string
			require.NoError(t, p.pool.QueryRow(t.Context(), `
				SELECT (SELECT string_agg(run || ' ' || execute_on || ' ' || (debtor ->> 'number'), ', ') FROM payment_runs),
				       (SELECT string_agg(DISTINCT payee ->> 'holder', ', ' ORDER BY payee ->> 'holder') FROM payment_orders),
				       (SELECT string_agg(l.line || ' ' || l.statement || ' ' || l.outcome || ' ' || t.type, ', ' ORDER BY l.line) FROM bank_lines l JOIN transactions t USING (seq))`).Scan(&runs, &orders, &lines))
			require.Equal(t, "1 2026-11-06 42", runs)
			require.Contains(t, orders, "ann")
			require.Equal(t, "a 7 confirmed payout.confirmed, b 7 no_reference statement.line_unmatched, c 8 returned payout.returned", lines)
		})
	}
}

func TestAnAnswerTellsAllThatItChanged(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	p.autumn()
	p.pass(at(time.November, 4, 0))
	outcome := p.submit(settlement.ReceivePayment{Party: "cafe", Amount: "3.00"})
	var receipt settlement.Receipt
	require.NoError(t, json.Unmarshal(outcome.Answer, &receipt))
	require.Equal(t, ledger.ID(outcome.Seq), receipt.Transaction)
	require.EqualValues(t, settlement.PaymentReceived, receipt.Type)
	require.Equal(t, p.now, receipt.BookedAt)
	require.Len(t, receipt.Events, 2)
	for i, e := range receipt.Events {
		var body []byte
		require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT body FROM events WHERE number = $1 AND seq = $2 AND type = $3`, e.Number, outcome.Seq, e.Type).Scan(&body))
		var stored settlement.Event
		require.NoError(t, json.Unmarshal(body, &stored))
		require.Equal(t, e, stored)
		require.Equal(t, receipt.Events[0].Number+int64(i), e.Number)
	}
	found, err := ledger.BySeq(t.Context(), p.pool, p.alliance.ID, p.alliance.Currency, []int64{outcome.Seq})
	require.NoError(t, err)
	var facts struct{ Events []settlement.Event }
	require.NoError(t, json.Unmarshal(found[0].Facts, &facts))
	require.Equal(t, receipt.Events, facts.Events, "the chain of hashes covers them")
}

func TestTheDatabaseHoldsTheCoreByItself(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	spend := p.autumn()
	p.must(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: spend})
	p.pass(at(time.November, 4, 0))
	p.accounts()
	p.must(settlement.SendPayouts{AcceptShortage: true})
	p.must(settlement.ImportStatement{
		Account: "42", Statement: "7", Lines: []settlement.BankLine{{ID: "a", BookedOn: p.today(), Amount: cny(1)}}, Statements: []settlement.Balances{{Statement: "7", Lines: 1}},
	})
	for _, c := range []struct{ constraint, sql string }{
		{"obligations_once_check", `UPDATE obligations SET paid = amount + 1 - sent - held`},
		{"obligations_once_check", `UPDATE obligations SET carried = amount WHERE held > 0`},
		{"obligations_amount_check", `UPDATE obligations SET paid = -1`},
		{"obligations_amount_check", `UPDATE obligations SET drawn = paid + 1`},
		{"obligations_sent_check", `UPDATE obligations SET state = 'payable' WHERE state = 'sent'`},
		{"obligations_state_check", `UPDATE obligations SET state = 'forgiven'`},
		{"obligations_keep_terms", `UPDATE obligations SET amount = amount + 1`},
		{"obligations_keep_terms", `UPDATE obligations SET payee = 'cafe' WHERE payee = 'gym'`},
		{"obligations_keep_terms", `DELETE FROM obligations WHERE payer = 'cafe'`},
		{"settlements_keep_snapshot", `UPDATE settlements SET digest = sha256('other')`},
		{"settlements_keep_snapshot", `UPDATE settlements SET policy = '{}'`},
		{"settlements_keep_snapshot", `UPDATE settlements SET period = '2026-09'`},
		{"settlements_keep_snapshot", `DELETE FROM settlements`},
		{"settlements_state_check", `UPDATE settlements SET state = 'open'`},
		{"bank_lines_keep_text", `UPDATE bank_lines SET amount = amount + 1`},
		{"bank_lines_keep_text", `UPDATE bank_lines SET fingerprint = sha256('other')`},
		{"bank_lines_keep_text", `DELETE FROM bank_lines`},
		{"bank_lines_once_key", `INSERT INTO bank_lines SELECT alliance_id, account, line, statement, seq + 1000, booked_on, credit, returned, amount, reference, counterparty, text, outcome,
			place, format, fingerprint, occurrence, attempt, reason, problem, waits, twin, resolved_seq FROM bank_lines`},
		{"disputes_answer_check", `UPDATE disputes SET state = 'refused'`},
		{"disputes_line_key", `INSERT INTO disputes SELECT alliance_id, number + 1, period, party, seq, effect, holds, reason, state, opened_at, answered_at, answer, against, adjusted FROM disputes`},
	} {
		p.violates(c.constraint, c.sql)
	}
	for _, table := range []string{"positions", "transfers", "commission_statements", "payment_runs", "payment_orders", "bank_statements", "events"} {
		var rows int
		require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&rows))
		require.Positive(t, rows, table)
		p.violates(table+"_append_only", `UPDATE `+table+` SET alliance_id = alliance_id`)
		p.violates(table+"_append_only", `DELETE FROM `+table)
		p.violates(table+"_append_only", `TRUNCATE `+table+` CASCADE`)
	}
}

// violates runs SQL that a constraint has to stop.
func (p *pier) violates(constraint, sql string) {
	p.Helper()
	_, err := p.pool.Exec(p.Context(), sql)
	var refused *pgconn.PgError
	require.True(p, errors.As(err, &refused), "%s: %v", sql, err)
	require.Equal(p, constraint, refused.ConstraintName, "%s: %v", sql, err)
}

func TestASettledMonthIsReadWhenItIsNamed(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	spend := p.autumn()
	p.must(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: spend})
	p.must(settlement.RefuseDispute{Dispute: 1, Answer: "it happened"})
	p.must(settlement.Approve{Period: "2026-10"})
	asked := p.fresh().Settlements[0].Obligations
	for _, o := range asked {
		if o.Payer == clearing.Custody {
			p.must(settlement.ConfirmPayout{Reference: o.Reference})
		} else {
			p.must(settlement.ReceivePayment{Reference: o.Reference, Amount: o.Amount.String()})
		}
	}
	require.Equal(t, settlement.Settled, p.fresh().Settlements[0].Phase)
	payout := asked[len(asked)-1].Reference
	for code, late := range map[string]any{
		settlement.CodeAlreadyAnswered:  settlement.RefuseDispute{Dispute: 1},
		settlement.CodeUnknownParty:     settlement.OpenDispute{Period: "2026-10", Party: "nobody", Seq: spend},
		settlement.CodeAlreadyConfirmed: settlement.ConfirmPayout{Reference: payout},
		settlement.CodeAlreadyApproved:  settlement.Approve{Period: "2026-10"},
		settlement.CodeNothingDue:       settlement.ReceivePayment{Reference: p.reference(asked), Amount: "1.00"},
	} {
		require.Equal(t, code, p.submit(late).Refusal.Code)
	}
	for _, answer := range []any{settlement.AdjustDispute{Dispute: 1, Against: "cafe", Amount: "1.00"}, settlement.WithdrawDispute{Dispute: 1}} {
		require.Equal(t, settlement.CodeAlreadyAnswered, p.submit(answer).Refusal.Code)
	}
	p.must(settlement.ReturnPayout{Reference: payout, Reason: "closed"})
	require.Equal(t, settlement.Paying, p.fresh().Settlements[0].Phase)
	p.audit()
}

// reference returns that of the first obligation of a party.
func (p *pier) reference(obligations []*settlement.Obligation) string {
	p.Helper()
	for _, o := range obligations {
		if o.Kind == settlement.Collection {
			return o.Reference
		}
	}
	require.Fail(p, "no party owes anything")
	return ""
}
