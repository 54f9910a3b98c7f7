package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/reference"
)

func TestAPaymentThatWentBackIsDueAgain(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	none, err := reference.New(m.alliance.ID, "2026-10", 77)
	require.NoError(t, err)
	back := func(ref, amount string) string {
		return fmt.Sprintf(`{"reference": %q%s, "reason": "付款行退汇"}`, ref, amount)
	}
	refused := func(body string) string {
		return m.refused(m.key, "payment-returns", body, http.StatusUnprocessableEntity)
	}
	require.Equal(t, "unknown_reference", refused(back(none, "")))
	require.Equal(t, "unknown_reference", refused(back(m.paid.Reference, "")), "a payout goes back by /v1/payout-returns")
	require.Equal(t, "not_received", refused(back(m.owes.Reference, "")), "nothing was paid yet")

	m.does(m.key, "payments", fmt.Sprintf(`{"reference": %q, "amount": "1.00"}`, m.owes.Reference))
	m.does(m.key, "payments", fmt.Sprintf(`{"reference": %q, "amount": "2.00"}`, m.owes.Reference))
	require.Equal(t, "not_received", refused(back(m.owes.Reference, `, "amount": "3.00"`)), "no payment was of that amount")
	require.Equal(t, "invalid_amount", refused(back(m.owes.Reference, `, "amount": "0.001"`)))
	require.Equal(t, "invalid_amount", refused(back(m.owes.Reference, `, "amount": "-1.00"`)))
	require.Equal(t, "forbidden", m.refused(m.cafeKey, "payment-returns", back(m.owes.Reference, ""), http.StatusForbidden))
	require.Equal(t, "invalid_request", m.refused(m.key, "payment-returns", fmt.Sprintf(`{"reference": %q}`, m.owes.Reference), http.StatusBadRequest), "a reason is given")

	receipt := m.does(m.key, "payment-returns", back(m.owes.Reference, `, "amount": "1.00"`))
	require.Equal(t, "payment.returned", receipt.Type)
	require.Equal(t, "part_paid", m.state(m.owes.Reference))
	m.does(m.key, "payment-returns", back(m.owes.Reference, ""))
	require.Equal(t, "due", m.state(m.owes.Reference))
	require.Equal(t, m.owes.Amount, m.owed(m.owes.Reference))
	require.Equal(t, "not_received", refused(back(m.owes.Reference, "")), "each goes back once")
	m.audit(m.alliance)
}
