package bankfile_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	cny    = money.MustCurrency("CNY")
	jpy    = money.MustCurrency("JPY")
)

// instruction returns one with all that is optional there and not there.
func instruction(t *testing.T) bankfile.Instruction {
	t.Helper()
	first, err := reference.New(42, "2026-10", 1)
	require.NoError(t, err)
	return bankfile.Instruction{
		ID:              "RIVERSIDE-2026-10-1",
		CreatedAt:       time.Date(2026, 11, 1, 9, 30, 0, 123, time.FixedZone("", 8*60*60)),
		ExecuteOn:       time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
		InitiatingParty: "滨江异业联盟",
		Debtor: bankfile.Account{
			Holder: "滨江联盟卡存管专户", Number: "1001 2446 1920 6789 123", Bank: "中国工商银行杭州滨江支行", BIC: "ICBKCNBJ", CNAPS: "102100099996",
		},
		Payments: []bankfile.Payment{
			{
				Reference:  first,
				Payee:      bankfile.Account{Holder: "杭州渝里火锅餐饮有限公司", Number: "6222021234567890128", Bank: "招商银行杭州分行", CNAPS: "308584000013"},
				Amount:     cny.Minor(648379),
				Remittance: "2026年10月联盟卡结算",
			},
			{
				Reference: "PET-1",
				Payee:     bankfile.Account{Holder: "毛球 & <宠物> \"店\"", Number: "0012-3456-789", Bank: "中国银行"},
				Amount:    cny.Minor(1),
			},
			{
				Reference:  "KIDS/2026",
				Payee:      bankfile.Account{Holder: "Kinderwelt GmbH", Number: "DE89 3704 0044 0532 0130 00", BIC: "COBADEFFXXX"},
				Amount:     cny.Minor(money.MaxMinor - 648380),
				Remittance: "=1+1",
			},
		},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(name, got, 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// valid checks documents against the schema as ISO 20022 publishes it.
func valid(t *testing.T, schema string, documents ...[]byte) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed, so nothing was checked against the schema; it is in Debian's libxml2-utils")
	}
	for n, document := range documents {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("%d.xml", n))
		require.NoError(t, os.WriteFile(name, document, 0o600))
		output, err := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--schema", filepath.Join("testdata", schema), name).CombinedOutput()
		require.NoError(t, err, string(output))
	}
}

func TestPain001IsWhatTheBankExpects(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	require.NoError(t, bankfile.WritePain001(&first, instruction(t)))
	golden(t, "pain.001.xml", first.Bytes())
	require.NoError(t, bankfile.WritePain001(&second, instruction(t)))
	require.Equal(t, first.Bytes(), second.Bytes(), "the same instruction makes the same bytes")
}

func TestPain001IsValidByTheSchema(t *testing.T) {
	t.Parallel()
	var documents [][]byte
	add := func(i bankfile.Instruction) {
		var b bytes.Buffer
		require.NoError(t, bankfile.WritePain001(&b, i))
		documents = append(documents, b.Bytes())
	}
	add(instruction(t))
	bare := instruction(t)
	bare.Debtor.BIC, bare.Debtor.Bank = "", ""
	bare.CreatedAt = bare.CreatedAt.UTC()
	bare.Payments = bare.Payments[1:2]
	add(bare)
	long := instruction(t)
	long.ID = strings.Repeat("I", 35)
	long.InitiatingParty, long.Debtor.Holder, long.Debtor.Bank = strings.Repeat("联", 70), strings.Repeat("卡", 70), strings.Repeat("行", 140)
	long.Payments[0].Remittance = strings.Repeat("长", 500)
	long.Payments[1].Remittance = strings.Repeat("𠀀", 141)
	long.Payments[2].Payee.Number = "1-" + strings.Repeat("9", 32)
	add(long)
	yen := instruction(t)
	yen.Payments[0].Amount = jpy.Minor(5000)
	yen.Payments = yen.Payments[:1]
	add(yen)
	thousand := instruction(t)
	payee := thousand.Payments[0].Payee
	thousand.Payments = nil
	for n := 1; n <= 1000; n++ {
		r, err := reference.New(42, "2026-10", n)
		require.NoError(t, err)
		thousand.Payments = append(thousand.Payments, bankfile.Payment{Reference: r, Payee: payee, Amount: cny.Minor(int64(n))})
	}
	add(thousand)
	require.Contains(t, string(documents[len(documents)-1]), "<NbOfTxs>1000</NbOfTxs>\n      <CtrlSum>5005.00</CtrlSum>")
	valid(t, "pain.001.001.10.xsd", documents...)
}

func TestAnAttemptHasItsOwnIDAndKeepsTheReference(t *testing.T) {
	t.Parallel()
	i := instruction(t)
	attempt, err := reference.Attempt(i.Payments[0].Reference, 7)
	require.NoError(t, err)
	i.Payments[0].ID = attempt
	var b bytes.Buffer
	require.NoError(t, bankfile.WritePain001(&b, i))
	require.Contains(t, b.String(), "<InstrId>"+attempt+"</InstrId>")
	require.Contains(t, b.String(), "<EndToEndId>"+attempt+"</EndToEndId>")
	require.Contains(t, b.String(), "<Ref>"+i.Payments[0].Reference+"</Ref>")
	valid(t, "pain.001.001.10.xsd", b.Bytes())
	b.Reset()
	require.NoError(t, bankfile.WritePaymentsCSV(&b, i))
	require.Contains(t, b.String(), ","+attempt+"\r\n")
}

func TestRemittanceIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	i := instruction(t)
	i.Payments[0].Remittance = strings.Repeat("𠀀", 139) + "终" + "过"
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return bankfile.WritePain001(b, i) },
		func(b *bytes.Buffer) error { return bankfile.WritePaymentsCSV(b, i) },
	} {
		var b bytes.Buffer
		require.NoError(t, write(&b))
		require.Contains(t, b.String(), strings.Repeat("𠀀", 139)+"终")
		require.NotContains(t, b.String(), "过")
	}
}

func TestWhatABankWouldRefuseIsRefusedByName(t *testing.T) {
	t.Parallel()
	for field, change := range map[string][]func(*bankfile.Instruction){
		"id": {
			func(i *bankfile.Instruction) { i.ID = "" },
			func(i *bankfile.Instruction) { i.ID = strings.Repeat("I", 36) },
			func(i *bankfile.Instruction) { i.ID = "十月" },
			func(i *bankfile.Instruction) { i.ID = "a_b" },
			func(i *bankfile.Instruction) { i.ID = " a" },
		},
		"created_at":       {func(i *bankfile.Instruction) { i.CreatedAt = time.Time{} }},
		"execute_on":       {func(i *bankfile.Instruction) { i.ExecuteOn = time.Time{} }},
		"debtor.holder":    {func(i *bankfile.Instruction) { i.Debtor.Holder = "" }},
		"debtor.cnaps":     {func(i *bankfile.Instruction) { i.Debtor.CNAPS = "102100099995" }},
		"initiating_party": {func(i *bankfile.Instruction) { i.InitiatingParty = strings.Repeat("联", 71) }},
		"payments": {
			func(i *bankfile.Instruction) { i.Payments = nil },
			func(i *bankfile.Instruction) { i.Payments = []bankfile.Payment{} },
		},
		"payments[1].reference": {
			func(i *bankfile.Instruction) { i.Payments[1].Reference = "" },
			func(i *bankfile.Instruction) { i.Payments[1].Reference = strings.Repeat("R", 36) },
			func(i *bankfile.Instruction) { i.Payments[1].Reference = i.Payments[0].Reference },
			func(i *bankfile.Instruction) { i.Payments[1].ID = i.Payments[0].Reference },
		},
		"payments[1].id": {
			func(i *bankfile.Instruction) { i.Payments[1].ID = strings.Repeat("R", 36) },
			func(i *bankfile.Instruction) { i.Payments[1].ID = "十月" },
		},
		"payments[1].payee.number": {func(i *bankfile.Instruction) { i.Payments[1].Payee.Number = "1234" }},
		"payments[1].payee.holder": {
			func(i *bankfile.Instruction) { i.Payments[1].Payee.Holder = "坏\x00名" },
			func(i *bankfile.Instruction) { i.Payments[1].Payee.Holder = "坏\ufffe名" },
			func(i *bankfile.Instruction) { i.Payments[1].Payee.Holder = "坏\xff名" },
			func(i *bankfile.Instruction) { i.Payments[1].Payee.Holder = "坏\r\n名" },
		},
		"payments[1].remittance": {
			func(i *bankfile.Instruction) { i.Payments[1].Remittance = "a\x1bb" },
			func(i *bankfile.Instruction) { i.Payments[1].Remittance = "\t=1+1" },
			func(i *bankfile.Instruction) { i.Payments[1].Remittance = " \u3000" },
		},
		"payments[1].amount": {
			func(i *bankfile.Instruction) { i.Payments[1].Amount = cny.Zero() },
			func(i *bankfile.Instruction) { i.Payments[1].Amount = cny.Minor(-1) },
			func(i *bankfile.Instruction) { i.Payments[1].Amount = money.Amount{} },
			func(i *bankfile.Instruction) { i.Payments[1].Amount = jpy.Minor(1) },
		},
		"payments[2].amount": {
			func(i *bankfile.Instruction) { i.Payments[2].Amount = cny.Minor(money.MaxMinor) },
			func(i *bankfile.Instruction) { i.Payments[2].Amount = cny.Minor(money.MaxMinor + 1) },
		},
	} {
		for n, change := range change {
			i := instruction(t)
			change(&i)
			var b bytes.Buffer
			for _, err := range []error{bankfile.WritePain001(&b, i), bankfile.WritePaymentsCSV(&b, i)} {
				var refused *bankfile.FieldError
				require.ErrorAs(t, err, &refused, "%s %d", field, n)
				require.Equal(t, field, refused.Field, "%d: %v", n, err)
				require.Contains(t, err.Error(), field)
			}
			require.Zero(t, b.Len(), "nothing is written of what is refused")
		}
	}
}

type brokenWriter struct{ after int }

var errFull = errors.New("the disk is full")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.after -= len(p); w.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAWriterThatFailsIsSaid(t *testing.T) {
	t.Parallel()
	for _, after := range []int{0, 10, 300} {
		require.ErrorIs(t, bankfile.WritePain001(&brokenWriter{after}, instruction(t)), errFull)
		require.ErrorIs(t, bankfile.WritePaymentsCSV(&brokenWriter{after}, instruction(t)), errFull)
	}
}
