package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/ledger"
)

// statements collects the SQL that a pool is sent.
type statements struct {
	mu   sync.Mutex
	sent []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, data.SQL)
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// taken returns what was sent since it was called last.
func (s *statements) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.sent
	s.sent = nil
	return sent
}

// traced lets a server read through a pool whose statements are collected; its sequencer has another.
func traced(t *testing.T, s *statements) func(*api.Config) {
	t.Helper()
	return func(c *api.Config) {
		pool, ok := c.Pool.(*pgxpool.Pool)
		require.True(t, ok)
		config := pool.Config()
		config.ConnConfig.Tracer = s
		reading, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(reading.Close)
		c.Pool = reading
	}
}

func (h *harbour) trialBalance() (lines []spec.TrialBalanceLine) {
	h.t.Helper()
	answer, err := h.organiser.GetTrialBalanceWithResponse(h.t.Context())
	return ok(h.t, answer.JSON200, answer.ApplicationProblemJSONDefault, err).Items
}

// TestTheTrialBalanceReadsWhatIsKept: it costs the same however long the log is.
func TestTheTrialBalanceReadsWhatIsKept(t *testing.T) {
	t.Parallel()
	var sent statements
	h := newHarbour(t, traced(t, &sent))
	h.sold("8801", "ann")
	h.trialBalance()
	sent.taken()
	h.trialBalance()
	before := sent.taken()
	for range 30 {
		h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`)
	}
	sent.taken()
	h.trialBalance()
	after := sent.taken()
	require.Equal(t, before, after)
	reading := strings.Join(after, "\n")
	require.NotContains(t, reading, "entries")
	require.NotContains(t, reading, "transactions")
	require.Contains(t, reading, "FROM balances")
	require.LessOrEqual(t, len(after), 6, "begin, the head, the balances, commit; and the key: %q", after)
}

// TestTheTrialBalanceIsTheSumOfTheEntries follows a month until its payments have come back.
func TestTheTrialBalanceIsTheSumOfTheEntries(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	check := func(when string) {
		t.Helper()
		lines, err := ledger.TrialBalance(t.Context(), m.db, m.alliance.ID, m.alliance.Currency)
		require.NoError(t, err)
		want := make([]spec.TrialBalanceLine, 0, len(lines))
		for _, l := range lines {
			want = append(want, spec.TrialBalanceLine{Account: spec.AccountKind(l.Kind.String()), Balance: l.Balance.String()})
		}
		require.Equal(t, want, m.trialBalance(), when)
	}
	check("after the month-end")
	m.does(m.cafeKey, "cards", `{"card": "8802", "member": "bob", "product": "explorer", "referrer": "ann"}`)
	m.does(m.key, "cards", `{"card": "8803", "member": "cat", "product": "explorer", "referrer": "bob"}`)
	m.does(m.cafeKey, "pass-uses", `{"card": "8802", "benefit": "coffee"}`)
	check("after sales")
	m.send(http.MethodPost, "/v1/test-clock/advance", m.key, `{"to": "2026-12-20T09:00:00+08:00"}`)
	require.Contains(t, m.send(http.MethodGet, "/v1/settlements/2026-11/commissions", m.key, "").body, "bob")
	check("with commission to be paid")
	require.True(t, slices.ContainsFunc(m.trialBalance(), func(l spec.TrialBalanceLine) bool { return l.Account == "payouts" && l.Balance != "0.00" }))
	for holder, kind := range map[string]string{"ann": "member", "bob": "member", "cafe": "party"} {
		answer := m.send(http.MethodPut, "/v1/bank-accounts/"+kind+"/"+holder, m.key, `{"holder": "某人", "number": "6222021202033445561", "bank": "中国工商银行"}`)
		require.Equal(t, http.StatusOK, answer.status, answer.body)
	}
	answer := m.send(http.MethodPost, "/v1/payment-runs", m.key, `{"execute_on": "2026-12-21"}`, "Idempotency-Key", m.fresh())
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	check("on its way")
	back := m.line("4", true, m.paid.Amount, m.paid.Reference)
	back.Returned, back.ReasonCode = true, "AC04"
	m.imports("S1", m.line("1", false, m.paid.Amount, m.paid.Reference), m.line("2", true, "1.00", m.owes.Reference), back)
	check("confirmed and returned")
	m.audit(m.alliance)
}
