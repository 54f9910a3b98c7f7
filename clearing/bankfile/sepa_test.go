package bankfile_test

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

var eur = money.MustCurrency("EUR")

// euros returns an instruction of a circle in the euro area.
func euros(t testing.TB) bankfile.Instruction {
	t.Helper()
	first, err := reference.New(42, "2026-10", 1)
	require.NoError(t, err)
	attempt, err := reference.Attempt(first, 3)
	require.NoError(t, err)
	return bankfile.Instruction{
		ID: "LIANKA-0000016-3", CreatedAt: time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC), ExecuteOn: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
		InitiatingParty: "滨江异业联盟",
		Debtor:          bankfile.Account{Holder: "Müller & Söhne „Karten“ GmbH", Number: "de89 3704 0044 0532 0130 00", Bank: "Commerzbank"},
		Payments: []bankfile.Payment{
			{
				Reference: first, ID: attempt, Amount: eur.Minor(648379), Remittance: "Oktober 2026 – Kärtchen",
				Payee: bankfile.Account{Holder: "Łódź Kwiaciarnia Sp. z o.o.", Number: "PL61109010140000071219812874", BIC: "WBKPPLPP"},
			},
			{
				Reference: "CAFE-1", Amount: eur.Minor(1), Remittance: "Abrechnung // 10月; Grüße <3",
				Payee: bankfile.Account{Holder: "Καφενείο Αθήνα", Number: "GR1601101250000000012300695", Bank: "Εθνική Τράπεζα"},
			},
		},
	}
}

func written(t testing.TB, i bankfile.Instruction) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, bankfile.WritePain001(&b, i))
	return b.String()
}

func TestPain001OfTheEuroAreaIsWhatSEPATakes(t *testing.T) {
	t.Parallel()
	text := written(t, euros(t))
	golden(t, "pain.001.sepa.xml", []byte(text))
	require.Contains(t, text, "pain.001.001.09")
	require.Equal(t, 1, strings.Count(text, "<Cd>SEPA</Cd>"), "the service level is said once, of all payments")
	require.Equal(t, 1, strings.Count(text, "<ChrgBr>SLEV</ChrgBr>"))
	require.Contains(t, text, "<IBAN>DE89370400440532013000</IBAN>")
	require.NotContains(t, text, "AddtlRmtInf")
	require.NotContains(t, text, "Commerzbank")
	require.NotContains(t, text, "SHAR")
	validSEPA(t, text)
}

// validSEPA checks a file against the schema, and its texts against the characters that SEPA has. The elements that are
// written are the same in version .10, whose schema is here.
func validSEPA(t testing.TB, text string) {
	t.Helper()
	allowed := regexp.MustCompile(`^[A-Za-z0-9/\-?:().,'+ ]*$`)
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		if data, ok := token.(xml.CharData); ok {
			require.Regexp(t, allowed, strings.TrimSpace(string(data)))
		}
	}
	if whole, ok := t.(*testing.T); ok {
		valid(whole, "pain.001.001.10.xsd", []byte(strings.Replace(text, "pain.001.001.09", "pain.001.001.10", 1)))
	}
}

func TestOnlyEurosBetweenAccountsInSEPAAreSEPA(t *testing.T) {
	t.Parallel()
	const abroad = "1202020209900112233"
	for name, change := range map[string]func(*bankfile.Instruction){
		"another currency": func(i *bankfile.Instruction) {
			for n := range i.Payments {
				i.Payments[n].Amount = cny.Minor(1)
			}
		},
		"paid from elsewhere": func(i *bankfile.Instruction) { i.Debtor.Number = abroad },
		"paid to elsewhere": func(i *bankfile.Instruction) {
			i.Payments = i.Payments[:1]
			i.Payments[0].Payee.Number = abroad
		},
		"an IBAN outside of SEPA": func(i *bankfile.Instruction) {
			i.Payments = i.Payments[:1]
			i.Payments[0].Payee.Number = "AE070331234567890123456"
		},
	} {
		i := euros(t)
		change(&i)
		text := written(t, i)
		require.Contains(t, text, "pain.001.001.10", name)
		require.Contains(t, text, "<ChrgBr>SHAR</ChrgBr>", name)
		require.Contains(t, text, "滨江异业联盟", name)
		require.NotContains(t, text, "SEPA", name)
		valid(t, "pain.001.001.10.xsd", []byte(text))
	}
	// If only some are, each says what it is.
	i := euros(t)
	i.Payments[1].Payee.Number = abroad
	text := written(t, i)
	require.Equal(t, 1, strings.Count(text, "<Cd>SEPA</Cd>"))
	require.Equal(t, 1, strings.Count(text, "<ChrgBr>SLEV</ChrgBr>"))
	require.Equal(t, 1, strings.Count(text, "<ChrgBr>SHAR</ChrgBr>"))
	require.Contains(t, text, "Καφενείο")
	valid(t, "pain.001.001.10.xsd", []byte(strings.Replace(text, "pain.001.001.09", "pain.001.001.10", 1)))
}

func TestWhatSEPADoesNotTakeIsRefusedByName(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*bankfile.Instruction){
		"id":                       func(i *bankfile.Instruction) { i.ID = "A//B" },
		"payments[1].id":           func(i *bankfile.Instruction) { i.Payments[1].ID = "/A" },
		"payments[1].amount":       func(i *bankfile.Instruction) { i.Payments[1].Amount = eur.Minor(100_000_000_000) },
		"payments[1].payee.holder": func(i *bankfile.Instruction) { i.Payments[1].Payee.Holder = "\U000f0000" },
		"initiating_party":         func(i *bankfile.Instruction) { i.InitiatingParty = "…" },
		"debtor.holder":            func(i *bankfile.Instruction) { i.Debtor.Holder = "+++" },
	} {
		i := euros(t)
		change(&i)
		var refused *bankfile.FieldError
		require.ErrorAs(t, bankfile.WritePain001(&bytes.Buffer{}, i), &refused, field)
		require.Equal(t, field, refused.Field)
	}
}

func TestWhateverIsWrittenForSEPAIsInItsCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		i := euros(t)
		line := rapid.StringOfN(rapid.Rune(), 0, 90, -1)
		i.Payments[0].Payee.Holder, i.Payments[1].Remittance = line.Draw(r, "holder"), line.Draw(r, "text")
		var b bytes.Buffer
		var refused *bankfile.FieldError
		if err := bankfile.WritePain001(&b, i); err != nil {
			require.ErrorAs(r, err, &refused)
			return
		}
		var document struct {
			Names []string `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf>Cdtr>Nm"`
			Texts []string `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf>RmtInf>Ustrd"`
		}
		require.NoError(r, xml.Unmarshal(b.Bytes(), &document))
		for _, text := range append(document.Names, document.Texts...) {
			require.Regexp(r, `^[A-Za-z0-9\-?:().,'+][A-Za-z0-9/\-?:().,'+ ]*$`, text)
			require.NotContains(r, text, "//")
			require.LessOrEqual(r, len(text), 140)
		}
		require.Len(r, document.Names, 2)
	})
}
