package people_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestAPayoutAccountIsSealedAndReadForPaymentAlone(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	account := settlement.Account{Holder: "安然", Number: "6228 4803 2233 4455 662", Bank: "中国农业银行杭州分行"}
	_, err := r.PayoutEnds(t.Context(), r.circle.ID, member)
	require.ErrorIs(t, err, people.ErrNoPayout)
	ends, err := r.SetPayout(t.Context(), r.circle, member, people.Payout{Account: account, TaxNumber: "11010519491231002x"}, noon)
	require.NoError(t, err)
	require.Equal(t, people.PayoutEnds{AccountEnd: "5662", TaxNumberEnd: "002X"}, ends)

	other := r.registers(people.Details{Telephone: "13800138001"})
	accounts, err := r.MemberAccounts(t.Context(), r.db, r.circle.ID, []string{member, other, "nobody"})
	require.NoError(t, err)
	require.Equal(t, map[string]settlement.Account{member: account}, accounts)
	numbers, err := r.TaxNumbers(t.Context(), r.circle.ID, []string{member, other})
	require.NoError(t, err)
	require.Equal(t, map[string]string{member: "11010519491231002X"}, numbers)

	var stored string
	require.NoError(t, r.db.QueryRow(t.Context(), `SELECT string_agg(p::text, '') FROM persons p`).Scan(&stored))
	for _, personal := range []string{"6228", "安然", "1101051949"} {
		require.NotContains(t, stored, personal)
	}
	require.NoError(t, r.DeletePayout(t.Context(), r.circle.ID, member, noon))
	require.ErrorIs(t, r.DeletePayout(t.Context(), r.circle.ID, member, noon), people.ErrNoPayout)
	_, err = r.SetPayout(t.Context(), r.circle, "nobody", people.Payout{Account: account}, noon)
	require.ErrorIs(t, err, people.ErrNoPerson)
}

func TestWhatIsNoPayoutIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	account := settlement.Account{Holder: "安然", Number: "6228480322334455662", Bank: "中国农业银行杭州分行"}
	// The first is the example of the standard GB 11643; in the others one character is wrong.
	for number, good := range map[string]bool{
		"11010519491231002X": true, "110105194912310021": false, "11010519491231X02X": false, "440524188001010014": true, "440524188001010015": false,
		"E12345678": true, "": true, "1234": false, "护照一二三四": false,
	} {
		_, err := r.SetPayout(t.Context(), r.circle, member, people.Payout{Account: account, TaxNumber: number}, noon)
		if good {
			require.NoError(t, err, number)
			continue
		}
		var refused *people.FieldError
		require.ErrorAs(t, err, &refused, number)
		require.Equal(t, "tax_number", refused.Field)
		require.NotContains(t, err.Error(), number)
	}
	account.Number = "no"
	_, err := r.SetPayout(t.Context(), r.circle, member, people.Payout{Account: account}, noon)
	var refused *bankfile.FieldError
	require.ErrorAs(t, err, &refused)
	require.NotContains(t, err.Error(), "安然")
}
