package scenario_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/scenario"
)

func TestCircleRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"empty":                   {allianceYAML, "", ": is empty; a circle's file has alliance, rules, merchants and products"},
		"comments alone":          {allianceYAML, "# nothing\n", ": is empty; a circle's file"},
		"null":                    {allianceYAML, "---\n", ":2: is null; it has to have the keys alliance, rules, merchants, products"},
		"a list":                  {allianceYAML, "- a\n", ":1: is a list; it has to have the keys"},
		"not YAML":                {`seller: "0.10"`, `seller: "0.10`, ": is not YAML near this line: "},
		"a tab":                   {"    seller:", "\tseller:", ": is not YAML near this line: "},
		"not UTF-8":               {"    seller:", "    \xff:", ":5: is not UTF-8 here"},
		"UTF-16":                  {allianceYAML, "\xff\xfea\x00", ":1: is not UTF-8 here"},
		"two documents":           {"merchants:", "---\nmerchants:", ":13: begins a second document"},
		"unknown key":             {"seller:", "vendor:", `:5: rules.sale: key "vendor" is not known; keys here are seller, organiser`},
		"unknown key at the top":  {"alliance:", "x: 1\nalliance:", `:1: key "x" is not known; keys here are alliance, rules, merchants, products`},
		"wrong case":              {"seller:", "Seller:", `:5: rules.sale: key "Seller" is not known`},
		"a number as key":         {"seller:", "1:", `:5: rules.sale: key "1" is not known`},
		"a list as key":           {"seller:", "? [a]\n    :", `:5: rules.sale: has a key that is no plain text`},
		"key twice":               {`organiser: "0.05"`, `seller: "0.10"`, ":6: rules.sale.seller: is given twice"},
		"key twice in flow":       {"{code: cafe,", "{code: cafe, code: bar,", ":14: merchants[0].code: is given twice"},
		"missing key":             {"    seller: \"0.10\"\n", "", ":4: rules.sale.seller: is missing"},
		"missing section":         {"  redemption:   {clearing_fee: \"0.02\"}\n", "", ":2: rules.redemption: is missing"},
		"missing levels":          {`levels: ["0.08", "0.02"], `, "", ":7: rules.referral.levels: is missing"},
		"missing hold_days":       {"hold_days: 7, ", "", ":7: rules.referral.hold_days: is missing"},
		"missing merchants":       {allianceYAML[strings.Index(allianceYAML, "merchants:"):], "products: []\n", ":1: merchants: is missing"},
		"missing products":        {allianceYAML[strings.Index(allianceYAML, "products:"):], "", ":1: products: is missing"},
		"float for a rate":        {`seller: "0.10"`, "seller: 0.10", `:5: rules.sale.seller: 0.10 is a number, not a text; write "0.10" in quotes`},
		"int for a rate":          {`per_unit: "1"`, "per_unit: 1", `:10: rules.points.per_unit: 1 is a number, not a text; write "1" in quotes`},
		"float for an amount":     {`price: "199.00"`, "price: 199.00", `:19: products[0].price: 199.00 is a number, not a text; write "199.00" in quotes`},
		"float in a list":         {`"0.02"]`, "0.02]", `:7: rules.referral.levels[1]: 0.02 is a number, not a text; write "0.02" in quotes`},
		"int for a code":          {"code: guest", "code: 2026", `:24: products[1].code: 2026 is a number, not a text; write "2026" in quotes`},
		"date for a code":         {"code: guest", "code: 2026-01-01", `products[1].code: 2026-01-01 is a date, not a text; write "2026-01-01" in quotes`},
		"bool for a code":         {"code: guest", "code: true", `products[1].code: true is true or false, not a text; write "true" in quotes`},
		"null for a limit":        {`limit: "5000.00"`, "limit: null", ":11: rules.stored_value.limit: is null; it has to be a text"},
		"nothing for a limit":     {`limit: "5000.00"`, "limit: ", ":11: rules.stored_value.limit: is null; it has to be a text"},
		"null for valid_days":     {"valid_days: 365", "valid_days: ~", ":20: products[0].valid_days: is null; it has to be a whole number"},
		"null for benefits":       {"code: guest, kind: free", "code: guest, kind: free, benefits: ", "products[1].benefits: is null; it has to be a list"},
		"null for a section":      {`{clearing_fee: "0.02"}`, "", ":8: rules.redemption: is null; it has to have the keys clearing_fee"},
		"text for a list":         {"merchants: [hotpot]", "merchants: hotpot", ":23: products[0].benefits[1].merchants: is a text; it has to be a list"},
		"list for a text":         {"name: 滨江异业联盟", "name: [a]", ":1: alliance.name: is a list; it has to be a text"},
		"text for a mapping":      {"  - {code: hotpot}", "  - hotpot", ":15: merchants[1]: is a text; it has to have the keys code"},
		"quoted integer":          {"hold_days: 7", `hold_days: "7"`, `:7: rules.referral.hold_days: "7" is a text; write a whole number without quotes`},
		"fraction for an integer": {"hold_days: 7", "hold_days: 7.0", `rules.referral.hold_days: "7.0" is not a whole number; write decimal digits alone`},
		"hexadecimal":             {"hold_days: 7", "hold_days: 0x7", `"0x7" is not a whole number`},
		"octal":                   {"hold_days: 7", "hold_days: 010", `"010" is not a whole number`},
		"underscores":             {"valid_days: 365", "valid_days: 3_65", `"3_65" is not a whole number`},
		"a plus":                  {"valid_days: 365", "valid_days: +365", `"+365" is not a whole number`},
		"a word for an integer":   {"valid_days: 365", "valid_days: never", `"never" is not a whole number`},
		"list for an integer":     {"valid_days: 365", "valid_days: [365]", "products[0].valid_days: is a list; it has to be a whole number"},
		"a huge integer":          {"uses: 3", "uses: 99999999999999999999", ":22: products[0].benefits[0].uses: 99999999999999999999 is far too large"},
		"negative days":           {"hold_days: 7", "hold_days: -1", ":7: rules.referral.hold_days: -1 is not between"},
		"no uses":                 {"uses: 3", "uses: 0", ":22: products[0].benefits[0].uses: 0 is not between 1"},
		"anchor":                  {`seller: "0.10"`, `seller: &a "0.10"`, ":5: rules.sale.seller: is an anchor or alias"},
		"alias":                   {"\n    organiser: \"0.05\"", " \n    organiser: *b", ": is not YAML near this line: "},
		"alias of an anchor":      {`{clearing_fee: "0.02"}`, "&a {clearing_fee: *a}", ":8: rules.redemption: is an anchor or alias"},
		"merge key":               {"seller:", "<<: {}\n    seller:", `:5: rules.sale: key "<<" is not known`},
		"tag":                     {"seller: ", "seller: !!str ", ":5: rules.sale.seller: has the tag !!str; write the value without one"},
		"own tag":                 {"hold_days: ", "hold_days: !days ", "rules.referral.hold_days: has the tag !days"},
		"NUL":                     {"name: 山丘咖啡", `name: "\0"`, ":14: merchants[0].name: contains a NUL character"},
		"shop twice by a form":    {"code: hotpot}", "code: ｃａｆｅ}", `:15: merchants[1].code: "cafe" is used twice`},
		"custody by a form":       {"code: hotpot}", "code: ｃｕｓｔｏｄｙ}", `:15: merchants[1].code: "custody" is a party of every circle`},
		"code with a space":       {"code: hotpot}", `code: "hotpot "}`, ":15: merchants[1].code: begins or ends with a space"},
		"code of a joiner":        {"code: guest", `code: "gu\u200dest"`, "products[1].code: contains a character that can't be seen; write it without: U+200D"},
		"circle with a mark":      {"code: riverside", `code: "\u200eriverside"`, ":1: alliance.code: contains a character that can't be seen; write it without: U+200E"},
		"circle's name turned":    {"name: 滨江异业联盟", `name: "\u202e滨江"`, ":1: alliance.name: contains a character that can't be seen; write it without: U+202E"},
		"shop's name turned":      {"name: 山丘咖啡", `name: "山\u200b丘"`, ":14: merchants[0].name: contains a character that can't be seen; write it without: U+200B"},
		"no code":                 {"code: riverside", `code: ""`, ":1: alliance.code: is empty"},
		"no name":                 {"name: 滨江异业联盟", `name: ""`, ":1: alliance.name: is empty"},
		"currency":                {"currency: CNY", "currency: RMB", `:1: alliance.currency: "RMB" is no ISO 4217`},
		"timezone":                {"Asia/Shanghai", "Asia/Riverside", `:1: alliance.timezone: "Asia/Riverside" is not a known time zone`},
		"local timezone":          {"Asia/Shanghai", "Local", `alliance.timezone: "Local" is no time zone of its own`},
		"empty timezone":          {"Asia/Shanghai", `""`, `alliance.timezone: "" is no time zone of its own`},
		"timezone with a path":    {"Asia/Shanghai", "../zone", "is not a known time zone"},
		"empty funding":           {"funding: at_issue", `funding: ""`, ":3: rules.funding: is empty; give it a value or leave it out"},
		"unknown funding":         {"funding: at_issue", "funding: never", `:3: rules.funding: "never" is neither at_issue nor at_use`},
		"empty price":             {"code: guest, kind: free", `code: guest, kind: free, price: ""`, "products[1].price: is empty"},
		"price left out":          {"    price: \"199.00\"\n", "", ":17: products[0].price: is missing; write an amount"},
		"negative rate":           {`seller: "0.10"`, `seller: "-0.1"`, `:5: rules.sale.seller: "-0.1": not a rate`},
		"shares over the whole":   {`seller: "0.10"`, `seller: "0.9"`, ":4: rules.sale: the shares of a card's price"},
		"a third level":           {`"0.02"]`, `"0.02", "0.01"]`, ":7: rules.referral.levels[2]: a circle pays one or two levels"},
		"too many decimals":       {`"199.00"`, `"199.001"`, `:19: products[0].price: "199.001": more decimals`},
		"value above cost":        {`value: "0.01"`, `value: "0.02"`, ":10: rules.points.value: "},
		"part of a minor unit":    {`cost: "0.01"`, `cost: "0.015"`, ":10: rules.points.cost: "},
		"merchant called custody": {"code: hotpot}", "code: custody}", `:15: merchants[1].code: "custody" is a party of every circle`},
		"merchant twice":          {"code: hotpot}", "code: cafe}", `:15: merchants[1].code: "cafe" is used twice`},
		"product twice":           {"code: guest", "code: explorer", `:24: products[1].code: "explorer" is used twice`},
		"benefit twice":           {"code: hotpot20", "code: coffee", `:23: products[0].benefits[1].code: "coffee" is used twice`},
		"unknown merchant":        {"merchants: [hotpot]", "merchants: [pub]", `:23: products[0].benefits[1].merchants[0]: no merchant "pub"`},
		"discount left out":       {`discount: "20.00", `, "", ":23: products[0].benefits[1].discount: is missing"},
		"too large":               {allianceYAML, strings.Repeat(" ", 4<<20+1), ": is larger than 4 MiB"},
		"nested too deep":         {allianceYAML, strings.Repeat("[", 100_000), ":1: is not YAML near this line: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(allianceYAML, c.old, c.new, 1)
			require.NotEqual(t, allianceYAML, text)
			read, err := scenario.ParseAlliance("circle.yaml", []byte(text))
			require.ErrorContains(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), "circle.yaml:"), err)
			require.Zero(t, read)
			var wrong *scenario.FileError
			require.True(t, errors.As(err, &wrong))
			require.NoError(t, wrong.Cause)
		})
	}
}

func TestLongValuesAreNotRepeatedInFull(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("滨", 10_000)
	for _, change := range [][2]string{
		{"currency: CNY", "currency: " + long}, {"funding: at_issue", "funding: " + long},
		{"seller:", `"` + long + `":`}, {"code: hotpot}", "code: " + long + "}"},
	} {
		_, err := scenario.ParseAlliance("circle.yaml", []byte(strings.Replace(allianceYAML, change[0], change[1], 1)))
		require.Error(t, err)
		require.Less(t, len(err.Error()), 2000)
	}
}
