package bankfile_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/bankfile"
)

func TestNumbersAreCheckedWhereTheyCheckThemselves(t *testing.T) {
	t.Parallel()
	for number, says := range map[string]string{
		// IBANs, as their countries publish examples.
		"DE89 3704 0044 0532 0130 00":     "",
		"de89370400440532013000":          "",
		"GB29NWBK60161331926819":          "",
		"NO9386011117947":                 "",
		"MT84MALT011000012345MTLCAST001S": "",
		"SC18SSCB11010000000000001497USD": "",
		"DE89 3704 0044 0532 0130 0":      "begins like an IBAN of DE, which has 22 characters; this has 21",
		"DE89 3704 0044 0532 0130 000":    "this has 23",
		"DE89 3704 0044 0532 0130 01":     "check digits",
		"DE98 3704 0044 0532 0130 00":     "check digits",
		"DE89 3704 0044 0532 0103 00":     "check digits",
		"DE89 3704 0044 0532 013O 00":     "has letters where that has digits",
		"GB29 NWBK 6016 1331 9268 91":     "check digits",
		// Of a country whose IBANs the library doesn't know, and of none.
		"ZZ12 3456 7890 1234 5678": "",
		"AB-12 3":                  "",
		// Bank cards of UnionPay.
		"6222 0212 3456 7890 128": "",
		"6222021234567890128":     "",
		"6222021234567890123":     "last digit",
		"6222021234567890218":     "last digit",
		"6225760008219524":        "",
		"6225760008219525":        "last digit",
		// Companies' accounts have no check digit, and no card's length or beginning.
		"1202020209900112233":   "", // ICBC, 19 digits
		"33050161642700000123":  "", // CCB, 20
		"19030101040012345":     "", // ABC, 17
		"571908888810901":       "", // CMB, 15
		"366260100018170058899": "", // BoCom, 21
		"698888888":             "", // Minsheng, 9
		"62220212345":           "", // too short for a card
		"62220212345678901231":  "", // too long for one
		"NRA1202020209900":      "",
	} {
		err := bankfile.Account{Holder: "a", Number: number, Bank: "b"}.Validate()
		if says == "" {
			require.NoError(t, err, number)
			continue
		}
		var refused *bankfile.FieldError
		require.ErrorAs(t, err, &refused, number)
		require.Equal(t, "number", refused.Field)
		require.Contains(t, refused.Reason, says, number)
	}
}

func TestNamesAreOnesThatPeopleAndBanksCanRead(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"杭州渝里火锅餐饮有限公司": "", "Müller & Söhne GmbH": "", "O'Neill (Ltd.), No. 7 / 2": "", "山丘咖啡·滨江店": "", "𠮷野家": "", "毛球 & <宠物> \"店\"": "",
		"山丘\u200b咖啡": "U+200B", "山丘\u202e咖啡": "U+202E", "\ufeff山丘": "U+FEFF", "山丘\u2066x\u2069": "U+2066", "山\u00ad丘": "U+00AD", "山\u3164丘": "U+3164",
		"山丘\ufe0f": "U+FE0F", "山\u2800丘": "U+2800",
		" 山丘": "without a space", "山丘 ": "without a space", "a  b": "single spaces", "a\u3000b": "single spaces", "a\u00a0b": "single spaces",
		"🍲 火锅": "no letter, digit or punctuation", "店★": "no letter, digit or punctuation", "--": "no letter and no digit", "。": "no letter and no digit",
	} {
		for _, a := range []bankfile.Account{{Holder: name, Number: "12345", Bank: "b"}, {Holder: "a", Number: "12345", Bank: name}} {
			err := a.Validate()
			if says == "" {
				require.NoError(t, err, name)
				continue
			}
			var refused *bankfile.FieldError
			require.ErrorAs(t, err, &refused, "%q", name)
			require.Contains(t, refused.Reason, says, "%q", name)
		}
	}
	// What was accepted once is still paid.
	i := instruction(t)
	i.Payments[0].Payee.Number, i.Payments[1].Payee.Holder, i.Payments[2].Payee.Number = "6222021234567890123", "山丘\u200b咖啡", "DE89 3704 0044 0532 0130 01"
	require.Contains(t, written(t, i), "<Id>DE89370400440532013001</Id>")
}

func TestOneAccountInSeveralSpellings(t *testing.T) {
	t.Parallel()
	const iban, chinese = "DE89370400440532013000", "1202020209900112233"
	for _, same := range []string{
		iban, "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE89-3704-0044-0532-0130-00", "IBAN DE89 3704 0044 0532 0130 00", "IBAN: DE89370400440532013000 EUR",
		"Lianka Custody, DE89 3704 0044 0532 0130 00", "ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００", "\u200eDE89\u00a03704\u20090044 0532 0130 00",
	} {
		require.True(t, bankfile.SameAccount(iban, same), same)
		require.True(t, bankfile.SameAccount(same, iban), same)
		require.False(t, bankfile.SameAccount(same, chinese), same)
	}
	for _, same := range []string{chinese, "1202 0202 0990 0112 233", "1202-0202-0990-0112-233", "账号：1202020209900112233", "1202020209900112233 CNY", "１２０２０２０２０９９００１１２２３３", "[1202020209900112233]"} {
		require.True(t, bankfile.SameAccount(chinese, same), same)
		require.False(t, bankfile.SameAccount(iban, same), same)
	}
	for _, other := range []string{"", "1202020209900112234", "120202020990011223", "1202020209900112233-001", "01202020209900112233", "NRA1202020209900112233", "1202020209900112233X", "custody"} {
		require.False(t, bankfile.SameAccount(chinese, other), other)
	}
	for _, other := range []string{iban + "1", iban + "-001", "DE" + chinese, iban[:21]} {
		require.False(t, bankfile.SameAccount(iban, other), other)
	}
	require.False(t, bankfile.SameAccount("", ""))
	require.False(t, bankfile.SameAccount(" - ", ""))
	require.True(t, bankfile.SameAccount("custody", "Custody"))
	require.Equal(t, "DE89370400440532013000", bankfile.CompactAccount(" de89 3704-0044 0532 0130 00\n"))
}

func TestEveryNumberIsTheSameAccountHoweverItIsGrouped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[A-Z]{0,3}[0-9]{5,30}`).Draw(t, "number")
		spelled := ""
		for _, r := range number {
			spelled += string(r) + rapid.SampledFrom([]string{"", "", "", " ", "-", "\u00a0", "\u200b"}).Draw(t, "separator")
		}
		require.True(t, bankfile.SameAccount(number, spelled))
		require.False(t, bankfile.SameAccount(number, number+"1"))
	})
}
