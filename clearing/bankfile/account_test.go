package bankfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
)

func TestAccountsThatBanksTake(t *testing.T) {
	t.Parallel()
	for _, a := range []bankfile.Account{
		{Holder: "王", Number: "12345", Bank: "中国银行"},
		{Holder: strings.Repeat("卡", 70), Number: strings.Repeat("9", 34), BIC: "BKCHCNBJ"},
		{Holder: "a", Number: "AB-12 3", BIC: "COBADEFFXXX"},
		// The codes of head offices and branches, as banks publish them.
		{Holder: "a", Number: "12345", CNAPS: "102100099996"},
		{Holder: "a", Number: "12345", CNAPS: "103100000026"},
		{Holder: "a", Number: "12345", CNAPS: "104100000004"},
		{Holder: "a", Number: "12345", CNAPS: "105100000017"},
		{Holder: "a", Number: "12345", CNAPS: "301290000007"},
		{Holder: "a", Number: "12345", CNAPS: "302100011000"},
		{Holder: "a", Number: "12345", CNAPS: "304521041448"},
		{Holder: "a", Number: "12345", CNAPS: "307584007998"},
		{Holder: "a", Number: "12345", CNAPS: "308584000013"},
		{Holder: "a", Number: "12345", CNAPS: "309391000011"},
		{Holder: "a", Number: "12345", CNAPS: "104881005100"},
	} {
		require.NoError(t, a.Validate(), "%+v", a)
	}
}

func TestAccountsAreRefusedByField(t *testing.T) {
	t.Parallel()
	good := bankfile.Account{Holder: "王", Number: "12345", Bank: "中国银行", BIC: "BKCHCNBJ", CNAPS: "104100000004"}
	require.NoError(t, good.Validate())
	for field, changes := range map[string][]func(*bankfile.Account){
		"holder": {
			func(a *bankfile.Account) { a.Holder = "" },
			func(a *bankfile.Account) { a.Holder = "  " },
			func(a *bankfile.Account) { a.Holder = strings.Repeat("卡", 71) },
			func(a *bankfile.Account) { a.Holder = "\xc3" },
			func(a *bankfile.Account) { a.Holder = "a\u0085b" },
			func(a *bankfile.Account) { a.Holder = "a\u2028b" },
		},
		"number": {
			func(a *bankfile.Account) { a.Number = "" },
			func(a *bankfile.Account) { a.Number = "1234" },
			func(a *bankfile.Account) { a.Number = "1 2 3 4" },
			func(a *bankfile.Account) { a.Number = "-----" },
			func(a *bankfile.Account) { a.Number = "-12345" },
			func(a *bankfile.Account) { a.Number = "12345 " },
			func(a *bankfile.Account) { a.Number = strings.Repeat("9", 35) },
			func(a *bankfile.Account) { a.Number = "１２３４５" },
			func(a *bankfile.Account) { a.Number = "123_45" },
		},
		"bank": {
			func(a *bankfile.Account) { a.Bank = strings.Repeat("行", 141) },
			func(a *bankfile.Account) { a.Bank, a.BIC, a.CNAPS = "", "", "" },
		},
		"bic": {
			func(a *bankfile.Account) { a.BIC = "BKCHCNB" },
			func(a *bankfile.Account) { a.BIC = "BKCHCNBJX" },
			func(a *bankfile.Account) { a.BIC = "bkchcnbj" },
			func(a *bankfile.Account) { a.BIC = "BKCH12BJ" },
		},
		"cnaps": {
			func(a *bankfile.Account) { a.CNAPS = "10410000000" },
			func(a *bankfile.Account) { a.CNAPS = "1041000000044" },
			func(a *bankfile.Account) { a.CNAPS = "10410000000X" },
			func(a *bankfile.Account) { a.CNAPS = "104100000005" },
			func(a *bankfile.Account) { a.CNAPS = "014100000004" },
		},
	} {
		for n, change := range changes {
			a := good
			change(&a)
			var refused *bankfile.FieldError
			require.ErrorAs(t, a.Validate(), &refused, "%s %d", field, n)
			require.Equal(t, field, refused.Field)
		}
	}
}
