package sequencer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// asks sets what the circle asks to be shown.
func (p *pier) asks(document alliance.PresentationDocument) {
	p.Helper()
	require.NoError(p, clearing.Write(p.Context(), p.pool, func(tx clearing.Tx) error {
		_, err := store.SetPresentation(p.Context(), tx, p.alliance.ID, document, opening)
		return err
	}))
}

// code issues a code of a card at an instant.
func (p *pier) code(o presentation.Order, at time.Time) (presentation.Secret, presentation.Digest) {
	p.Helper()
	o.By = "test"
	if o.Member == "" {
		o.Member = "ann"
	}
	secret, issued, err := presentation.Issue(p.Context(), p.pool, p.alliance.ID, o, at)
	require.NoError(p, err)
	return secret, issued.Digest
}

// shows is an order that shows a code.
func (p *pier) shows(digest presentation.Digest, command alliance.Command) sequencer.Order {
	order := p.order(command)
	order.Presented = &presentation.Shown{Code: &digest}
	return order
}

// decided submits orders at once and returns the codes of the refusals, "" for what was booked.
func (p *pier) decided(orders ...sequencer.Order) []string {
	p.Helper()
	outcomes, err := p.sequencer.SubmitAll(p.Context(), p.alliance.ID, orders)
	require.NoError(p, err)
	codes := make([]string, len(outcomes))
	for i, o := range outcomes {
		require.NoError(p, o.Err)
		if o.Refusal != nil {
			codes[i] = o.Refusal.Code
		}
	}
	return codes
}

// usedBy returns the transactions by which codes were used up.
func (p *pier) usedBy() []int64 {
	p.Helper()
	rows, err := p.pool.Query(p.Context(), `SELECT used_seq FROM card_codes WHERE alliance_id = $1 AND used_seq IS NOT NULL ORDER BY 1`, p.alliance.ID)
	require.NoError(p, err)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(p, err)
	return seqs
}

func spend(amount string) alliance.SpendValue {
	return alliance.SpendValue{Card: "A", Merchant: "gym", Amount: amount}
}

func TestACodeIsUsedUpByOneBookingAndNothingElse(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	p.asks(alliance.PresentationDocument{Presentation: "code"})
	_, digest := p.code(presentation.Order{Card: "A"}, opening)

	require.Equal(t, []string{"code_required"}, p.decided(p.order(spend("1.00"))))
	require.Equal(t, []string{"insufficient_value"}, p.decided(p.shows(digest, spend("500.00"))), "the rule book refuses")
	require.Equal(t, []string{"insufficient_value", "", "invalid_code"}, p.decided(
		p.shows(digest, spend("400.00")), p.shows(digest, spend("2.00")), p.shows(digest, spend("3.00"))), "in one batch")
	require.Equal(t, []string{"invalid_code"}, p.decided(p.shows(digest, spend("4.00"))), "in a later one")
	require.Len(t, p.usedBy(), 1)

	_, another := p.code(presentation.Order{Card: "A"}, opening)
	order := p.shows(another, spend("5.00"))
	first, err := p.sequencer.Submit(t.Context(), p.alliance.ID, order)
	require.NoError(t, err)
	require.Nil(t, first.Refusal)
	again, err := p.sequencer.Submit(t.Context(), p.alliance.ID, order)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, string(first.Answer), string(again.Answer))
	order.Presented = nil
	again, err = p.sequencer.Submit(t.Context(), p.alliance.ID, order)
	require.NoError(t, err)
	require.Equal(t, string(first.Answer), string(again.Answer), "whatever a retry shows")
	require.Contains(t, string(first.Answer), `"presented":"code"`)
	require.Contains(t, string(first.Answer), `"value":"93.00"`)

	// Nothing of it depends on what is in memory.
	p.sequencer = sequencer.New(p.pool, store.NewSetupCache(alliance.Standard()))
	require.Equal(t, []string{"invalid_code"}, p.decided(p.shows(another, spend("6.00"))))
	p.audit()
}

func TestACodeIsGoodForWhatItWasIssuedFor(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	p.card("B", "100.00")
	p.asks(alliance.PresentationDocument{Presentation: "code"})
	_, foreign := p.code(presentation.Order{Card: "B"}, opening)
	_, elsewhere := p.code(presentation.Order{Card: "A", Merchant: "cafe"}, opening)
	_, small := p.code(presentation.Order{Card: "A", Most: 1000}, opening)
	_, expired := p.code(presentation.Order{Card: "A"}, opening.Add(-presentation.Life))
	_, last := p.code(presentation.Order{Card: "A"}, opening.Add(-presentation.Life+time.Microsecond))
	var unknown presentation.Digest
	_, formers := p.code(presentation.Order{Card: "A", Member: "bob"}, opening)
	for name, digest := range map[string]presentation.Digest{"of who had the card before": formers, "of another card": foreign, "for another shop": elsewhere, "expired": expired, "none": unknown} {
		require.Equal(t, []string{"invalid_code"}, p.decided(p.shows(digest, spend("1.00"))), name)
	}
	require.Equal(t, []string{"invalid_code", ""}, p.decided(p.shows(small, spend("10.01")), p.shows(small, spend("10.00"))))
	require.Equal(t, []string{""}, p.decided(p.shows(last, spend("1.00"))), "at the last instant")
	require.Equal(t, []string{""}, p.decided(p.shows(elsewhere, alliance.PlaceHold{Card: "A", Merchant: "cafe", Amount: "1.00"})))
	require.Len(t, p.usedBy(), 3)
	p.audit()
}

// TestOneOfManyTillsUsesACodeUp: 64 tills show one code at once, through two processes on one
// database. One of them wins.
func TestOneOfManyTillsUsesACodeUp(t *testing.T) {
	t.Parallel()
	for name, servers := range map[string]int{"one process": 1, "two processes": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setup(t)
			p.card("A", "1000.00")
			p.asks(alliance.PresentationDocument{Presentation: "code"})
			processes := []*sequencer.Sequencer{p.sequencer}
			for len(processes) < servers {
				processes = append(processes, sequencer.New(p.pool, store.NewSetupCache(alliance.Standard())))
			}
			const rounds = 8
			for round := range rounds {
				_, digest := p.code(presentation.Order{Card: "A"}, opening)
				var booked, refused atomic.Int64
				var group sync.WaitGroup
				start := make(chan struct{})
				for till := range 64 {
					order := p.shows(digest, spend("1.00"))
					order.Caller = fmt.Sprintf("till-%d", till)
					group.Go(func() {
						<-start
						outcome, err := processes[till%servers].Submit(t.Context(), p.alliance.ID, order)
						switch {
						case err != nil:
							t.Error(err)
						case outcome.Refusal == nil:
							booked.Add(1)
						case outcome.Refusal.Code == presentation.CodeInvalid:
							refused.Add(1)
						default:
							t.Error(outcome.Refusal)
						}
					})
				}
				close(start)
				group.Wait()
				require.EqualValues(t, 1, booked.Load())
				require.EqualValues(t, 63, refused.Load())
				require.Len(t, p.usedBy(), round+1)
			}
			p.audit()
		})
	}
}

// TestTheDatabaseRefusesACodeThatIsUsedTwice: even if memory were wrong, the batch would not be
// written.
func TestTheDatabaseRefusesACodeThatIsUsedTwice(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	_, digest := p.code(presentation.Order{Card: "A"}, opening)
	require.Equal(t, []string{"insufficient_value"}, p.decided(p.shows(digest, spend("500.00"))), "the code is in memory now")
	// Somebody uses it up without taking the circle's head.
	_, err := p.pool.Exec(t.Context(), `UPDATE card_codes SET used_seq = 1 WHERE alliance_id = $1`, p.alliance.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"invalid_code"}, p.decided(p.shows(digest, spend("1.00"))))
	require.Equal(t, []int64{1}, p.usedBy())
	_, err = p.pool.Exec(t.Context(), `UPDATE card_codes SET used_seq = NULL WHERE alliance_id = $1`, p.alliance.ID)
	require.ErrorContains(t, err, "it does not end again")
	p.audit()
}

func TestACodeIsAskedForAboveAnAmount(t *testing.T) {
	t.Parallel()
	p := setupBy(t, growthRules)
	p.must(alliance.SellCard{Card: "A", Member: "ann", Product: "paid"})
	p.must(alliance.TopUp{Card: "A", Amount: "500.00"})
	p.must(alliance.RecordPurchase{Card: "A", Merchant: "gym", Bill: "3000.00"})
	above := "20.00"
	p.asks(alliance.PresentationDocument{Presentation: "code_above", Above: &above})
	require.Equal(t, []string{"", "code_required", "", "code_required", "", "code_required", ""}, p.decided(
		p.order(spend("20.00")), p.order(spend("20.01")),
		p.order(alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "20.00"}), p.order(alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "20.01"}),
		p.order(alliance.SpendPoints{Card: "A", Merchant: "gym", Points: 2000}), p.order(alliance.SpendPoints{Card: "A", Merchant: "gym", Points: 2001}),
		p.order(alliance.RecordPurchase{Card: "A", Merchant: "gym", Bill: "300.00"})))
	p.auditGrowth()
}

// TestWithoutACodeATillIsToldNoBalance: what is booked by the number alone is answered without
// what is on the card, and so are refusals.
func TestWithoutACodeATillIsToldNoBalance(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "77.00")
	above := "1000.00"
	p.asks(alliance.PresentationDocument{Presentation: "code_above", Above: &above})
	for _, command := range []alliance.Command{
		spend("0.01"), alliance.RecordPurchase{Card: "A", Merchant: "gym", Bill: "0.01"}, alliance.TopUp{Card: "A", Amount: "0.01"},
		alliance.FreezeCard{Card: "A"}, alliance.UnfreezeCard{Card: "A"},
	} {
		outcome := p.must(command)
		var answer struct{ Card map[string]any }
		require.NoError(t, json.Unmarshal(outcome.Answer, &answer))
		require.Equal(t, map[string]any{"card": "A", "status": "active"}, leaveStatus(answer.Card), string(outcome.Answer))
	}
	outcome, err := p.sequencer.Submit(t.Context(), p.alliance.ID, p.order(spend("900.00")))
	require.NoError(t, err)
	require.Equal(t, "insufficient_value", outcome.Refusal.Code)
	require.Empty(t, outcome.Refusal.Data)
	require.NotContains(t, outcome.Refusal.Detail, "7")
	organiser := p.order(alliance.TopUp{Card: "A", Amount: "0.01"})
	organiser.Caller = clearing.Organiser
	outcome, err = p.sequencer.Submit(t.Context(), p.alliance.ID, organiser)
	require.NoError(t, err)
	require.Contains(t, string(outcome.Answer), `"value":"77.01"`, "the organiser is")
	sold := p.must(alliance.SellCard{Card: "C", Member: "cy", Product: "paid"})
	require.Contains(t, string(sold.Answer), `"value":"0.00"`, "and who sells the card")
}

func leaveStatus(card map[string]any) map[string]any {
	if card["status"] == "frozen" {
		card["status"] = "active"
	}
	return card
}

// offline is what the rules of a circle say of late uploads.
const offline = `  offline: {max_hours: 24, max_count: 2, max_amount: "50.00"}
`

func TestALateUploadTakesThePIN(t *testing.T) {
	t.Parallel()
	p := setupBy(t, strings.Replace(rules, "merchants:", offline+"merchants:", 1))
	p.card("A", "100.00")
	p.asks(alliance.PresentationDocument{Presentation: "code"})
	later := opening.Add(time.Hour)
	late := func(pin presentation.PINCheck) sequencer.Order {
		command := spend("1.00")
		occurred := opening.Add(time.Minute)
		command.OccurredAt = &occurred
		order := p.order(command)
		order.At, order.Presented = later, &presentation.Shown{PIN: pin}
		return order
	}
	require.Equal(t, []string{"pin_required", "invalid_pin", ""}, p.decided(late(presentation.NoPIN), late(presentation.WrongPIN), late(presentation.RightPIN)))
	var facts string
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT facts->>'presented' FROM transactions WHERE alliance_id = $1 ORDER BY seq DESC LIMIT 1`, p.alliance.ID).Scan(&facts))
	require.Equal(t, "pin", facts)
	now := p.order(spend("1.00"))
	now.At, now.Presented = later, &presentation.Shown{PIN: presentation.RightPIN}
	require.Equal(t, []string{"code_required"}, p.decided(now), "a PIN is for late uploads")

	p.asks(alliance.PresentationDocument{Presentation: "code", Offline: "number"})
	require.Equal(t, []string{"", "invalid_pin"}, p.decided(late(presentation.NoPIN), late(presentation.WrongPIN)))
	require.Equal(t, []string{"offline_too_much"}, p.decided(late(presentation.NoPIN)), "within the terms' limits")
	p.audit()
}
