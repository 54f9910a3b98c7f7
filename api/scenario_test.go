package api_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

const scenarios = "../alliance/scenario/testdata"

// TestScenariosThroughTheAPI plays the worked cases of the money rules event by
// event through the API, in a test circle whose clock goes along, and compares
// what the API then says with the files that the cases expect.
func TestScenariosThroughTheAPI(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"corners", "at-use", "riverside"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newPlay(t, filepath.Join(scenarios, name)).run()
		})
	}
}

// play is a scenario on its way through the API.
type play struct {
	*house
	folder     string
	c          *client.ClientWithResponses
	clock      time.Time
	cutoff     *time.Time // of the open window, once there is one
	rejections [][]string
	quotes     int
	written    scenario.Alliance
}

func newPlay(t *testing.T, folder string, change ...func(*scenario.Alliance)) *play {
	t.Helper()
	p := &play{house: newHouse(t), folder: folder}
	written, err := scenario.ReadAlliance(filepath.Join(folder, "circle.yaml"))
	require.NoError(t, err)
	for _, f := range change {
		f(&written)
	}
	p.clock = p.events()[0].At
	p.write(func(tx clearing.Tx) error {
		p.alliance, err = clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: written.Code, Name: written.Name, Currency: written.Currency, Location: written.Location, Mode: clearing.Test, CreatedAt: p.clock,
		})
		return err
	})
	_, p.key = p.issue(p.alliance, access.KeySpec{Role: access.OrganiserKey})
	p.c = p.with(p.key)
	p.written = written
	p.setUp(written)
	return p
}

func (p *play) setUp(written scenario.Alliance) {
	p.t.Helper()
	if written.Terms.Settlement.ReviewDays == nil {
		written.Terms.Settlement.ReviewDays = pointer(0) // nobody looks at a month before it is paid, as in a replay
	}
	if strings.HasPrefix(filepath.Base(p.folder), "growth-") {
		p.setUpGrowth(written)
		return
	}
	terms, err := p.c.SetTermsWithResponse(p.t.Context(), convert[spec.Terms](p.t, written.Terms))
	ok(p.t, terms.JSON200, terms.ApplicationProblemJSONDefault, err)
	for _, s := range written.Merchants {
		merchant, err := p.c.AdmitShopWithResponse(p.t.Context(), convert[spec.Shop](p.t, s))
		ok(p.t, merchant.JSON201, merchant.ApplicationProblemJSONDefault, err)
	}
	for _, d := range written.Products {
		product, err := p.c.AddProductWithResponse(p.t.Context(), convert[spec.Product](p.t, d))
		ok(p.t, product.JSON201, product.ApplicationProblemJSONDefault, err)
	}
}

func (p *play) events() []scenario.Event {
	p.t.Helper()
	file, err := os.Open(filepath.Join(p.folder, "events.jsonl"))
	require.NoError(p.t, err)
	defer file.Close()
	reader := scenario.NewReader(alliance.Standard(), "events.jsonl", file, clearing.Organiser)
	var events []scenario.Event
	for {
		event, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return events
		}
		require.NoError(p.t, err)
		events = append(events, event)
	}
}

func (p *play) run() {
	for _, event := range p.events() {
		p.advance(event.At)
		result := p.post(event.ID, event.Command)
		if p.cutoff == nil {
			clock, err := p.c.GetTestClockWithResponse(p.t.Context())
			p.knowCutoff(ok(p.t, clock.JSON200, clock.ApplicationProblemJSONDefault, err).Window)
		}
		switch {
		case result.problem == nil:
			require.Equal(p.t, 201, result.status, event.ID)
		case !result.replayed:
			require.Equal(p.t, 422, result.status, "%s: %v", event.ID, result.problem)
			p.rejections = append(p.rejections, []string{event.ID, result.problem.Code})
		}
	}
	until, err := os.ReadFile(filepath.Join(p.folder, "until"))
	require.NoError(p.t, err)
	end, err := time.Parse(time.RFC3339, strings.TrimSpace(string(until)))
	require.NoError(p.t, err)
	p.advance(end)

	p.compare("rejections.csv", "id,code", p.rejections)
	p.compare("cards.csv", "card,status,value,bonus,points,pool", p.cards())
	p.compare("trial_balance.csv", "account,balance", p.trialBalance())
	positions, transfers, commissions := p.settlements()
	p.audit(p.alliance)
	p.compare("positions.csv", "period,party,opening,movement,transfer,carried", positions)
	p.compare("transfers.csv", "period,from,to,amount", transfers)
	p.compare("commissions.csv", "period,member,pending,payable,paid", commissions)
	p.compareGrowth()
}

// advance moves the clock, and lets the bank do what a month that closes on the way
// asks for.
func (p *play) advance(to time.Time) {
	p.t.Helper()
	if !to.After(p.clock) {
		return
	}
	for p.cutoff != nil && !p.cutoff.After(to) {
		closes := *p.cutoff
		p.cutoff = nil
		p.advance(closes)
		p.payAll()
	}
	clock, err := p.c.AdvanceTestClockWithResponse(p.t.Context(), spec.TestClockAdvance{To: to})
	now := ok(p.t, clock.JSON200, clock.ApplicationProblemJSONDefault, err)
	require.True(p.t, now.Clock.Equal(to))
	p.clock = to
	p.knowCutoff(now.Window)
}

func (p *play) knowCutoff(w *spec.Window) {
	if w != nil {
		p.cutoff = &w.CutoffAt
	}
}

// payAll pays whatever the newest closed month asks for: what parties owe is
// received, and what custody owes is paid by hand.
func (p *play) payAll() {
	p.t.Helper()
	list, err := p.c.ListSettlementsWithResponse(p.t.Context(), nil)
	period := ok(p.t, list.JSON200, list.ApplicationProblemJSONDefault, err).Items[0].Period
	limit := 200
	page, err := p.c.ListObligationsWithResponse(p.t.Context(), period, &spec.ListObligationsParams{Limit: &limit})
	all := ok(p.t, page.JSON200, page.ApplicationProblemJSONDefault, err)
	require.Nil(p.t, all.NextCursor)
	for _, o := range all.Items {
		if o.Kind == "payout" || o.Kind == "commission" {
			done, err := p.c.ConfirmPayoutWithResponse(p.t.Context(), &spec.ConfirmPayoutParams{IdempotencyKey: o.Reference},
				spec.PayoutConfirmation{Reference: o.Reference})
			ok(p.t, done.JSON201, done.ApplicationProblemJSONDefault, err)
			continue
		}
		done, err := p.c.ReceivePaymentWithResponse(p.t.Context(), &spec.ReceivePaymentParams{IdempotencyKey: o.Reference},
			spec.Payment{Reference: &o.Reference, Amount: o.Amount})
		ok(p.t, done.JSON201, done.ApplicationProblemJSONDefault, err)
	}
	found, err := p.c.GetSettlementWithResponse(p.t.Context(), period)
	require.EqualValues(p.t, "settled", ok(p.t, found.JSON200, found.ApplicationProblemJSONDefault, err).State)
	again, err := p.c.VerifySettlementWithResponse(p.t.Context(), period)
	require.True(p.t, ok(p.t, again.JSON200, again.ApplicationProblemJSONDefault, err).Identical)
}

// compare compares rows with an expected file, byte by byte.
func (p *play) compare(name, header string, rows [][]string) {
	p.t.Helper()
	var made bytes.Buffer
	w := csv.NewWriter(&made)
	require.NoError(p.t, w.Write(strings.Split(header, ",")))
	require.NoError(p.t, w.WriteAll(rows))
	want, err := os.ReadFile(filepath.Join(p.folder, "expected", name))
	require.NoError(p.t, err)
	require.Equal(p.t, string(want), made.String(), name)
}

func (p *play) cards() [][]string {
	p.t.Helper()
	var rows [][]string
	for cursor := (*string)(nil); ; {
		page, err := p.c.ListCardsWithResponse(p.t.Context(), &spec.ListCardsParams{Cursor: cursor, Limit: pointer(37)})
		list := ok(p.t, page.JSON200, page.ApplicationProblemJSONDefault, err)
		for _, c := range list.Items {
			rows = append(rows, []string{c.Card, string(c.Status), c.Value, c.Bonus, decimal(*c.Points), *c.Pool})
		}
		if cursor = list.NextCursor; cursor == nil {
			return rows
		}
	}
}

func (p *play) trialBalance() [][]string {
	p.t.Helper()
	answer, err := p.c.GetTrialBalanceWithResponse(p.t.Context())
	var rows [][]string
	for _, line := range ok(p.t, answer.JSON200, answer.ApplicationProblemJSONDefault, err).Items {
		rows = append(rows, []string{string(line.Account), line.Balance})
	}
	return rows
}

func (p *play) settlements() (positions, transfers, commissions [][]string) {
	p.t.Helper()
	list, err := p.c.ListSettlementsWithResponse(p.t.Context(), nil)
	closed := ok(p.t, list.JSON200, list.ApplicationProblemJSONDefault, err).Items
	slices.Reverse(closed)
	for _, month := range closed {
		found, err := p.c.GetSettlementWithResponse(p.t.Context(), month.Period)
		s := ok(p.t, found.JSON200, found.ApplicationProblemJSONDefault, err)
		for _, x := range s.Positions {
			positions = append(positions, []string{s.Period, x.Party, x.Opening, x.Movement, x.Transfer, x.Carried})
		}
		for _, x := range s.Transfers {
			transfers = append(transfers, []string{s.Period, x.From, x.To, x.Amount})
		}
		commissions = append(commissions, p.commissions(month.Period)...)
	}
	return positions, transfers, commissions
}

func (p *play) commissions(period string) [][]string {
	p.t.Helper()
	var rows [][]string
	for cursor := (*string)(nil); ; {
		page, err := p.c.ListSettlementCommissionsWithResponse(p.t.Context(), period,
			&spec.ListSettlementCommissionsParams{Cursor: cursor, Limit: pointer(11)})
		list := ok(p.t, page.JSON200, page.ApplicationProblemJSONDefault, err)
		for _, s := range list.Items {
			rows = append(rows, []string{s.Period, s.Member, s.Pending, s.Payable, s.Paid})
		}
		if cursor = list.NextCursor; cursor == nil {
			return rows
		}
	}
}
