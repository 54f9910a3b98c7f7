package alliance_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
)

// mark is a condition that a card is put in.
type mark func(*alliance.Card)

func cancelled(c *alliance.Card) { c.Cancelled = true }
func frozen(c *alliance.Card)    { c.Frozen = true }
func expired(c *alliance.Card)   { c.Expired = true }

// refusalCase is a command with which something is wrong: want is what the
// contract finds first, "" if nothing is wrong.
type refusalCase struct {
	name    string
	command alliance.Command
	marks   []mark
	want    string
}

var (
	broken     = []mark{cancelled, frozen, expired}
	spoilt     = []mark{frozen, expired}
	onlyFrozen = []mark{frozen}
	ended      = []mark{expired}
)

// check decides each command in a circle of its own, in which the hotpot has
// sold the card "card" with one yuan of value, and everything of spa90 is used.
func check(t *testing.T, funding alliance.Funding, cases []refusalCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newAlliance(t, funding)
			m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
			m.must(t, alliance.TopUp{Card: "card", Merchant: given("hotpot"), Amount: "1.00"})
			m.must(t, alliance.UseCoupon{Card: "card", Merchant: "spa", Benefit: "spa90", Bill: "90.00"})
			for _, mark := range c.marks {
				mark(m.state.Cards["card"])
			}
			refuses(t, m, c.command, c.want)
		})
	}
}

func refuses(t *testing.T, m *model, command alliance.Command, want string) {
	t.Helper()
	before := fingerprint(m.state)
	_, err := m.state.Decide(command, m.now)
	require.Equal(t, before, fingerprint(m.state))
	if want == "" {
		require.NoError(t, err)
		return
	}
	var refusal *clearing.Refusal
	require.True(t, errors.As(err, &refusal), "%v is no refusal", err)
	require.Equal(t, want, refusal.Code, refusal.Detail)
	require.Contains(t, alliance.Codes(), refusal.Code)
}

// In each of these tables a case has all the faults of the one after it, and one
// more, which comes before them in the contract.

func TestASaleLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"merchant", alliance.SellCard{Card: "card", Member: "li", Product: "none", Merchant: given("nowhere"), Referrer: given("nobody")}, nil, "unknown_merchant"},
		{"product", alliance.SellCard{Card: "card", Member: "li", Product: "none", Merchant: given("cafe"), Referrer: given("nobody")}, nil, "unknown_product"},
		{"product that is retired", alliance.SellCard{Card: "card", Member: "li", Product: "old", Merchant: given("cafe"), Referrer: given("nobody")}, nil, "unknown_product"},
		{"referrer", alliance.SellCard{Card: "card", Member: "li", Product: "explorer", Merchant: given("cafe"), Referrer: given("nobody")}, nil, "unknown_member"},
		{"referrer of a first purchase is the buyer", alliance.SellCard{Card: "card", Member: "li", Product: "explorer", Merchant: given("cafe"), Referrer: given("li")}, nil, "unknown_member"},
		{"referrer of one who needs none", alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("cafe"), Referrer: given("nobody")}, nil, "unknown_member"},
		{"card", alliance.SellCard{Card: "card", Member: "li", Product: "explorer", Merchant: given("cafe")}, nil, "card_exists"},
		{"card that is cancelled", alliance.SellCard{Card: "card", Member: "li", Product: "explorer", Merchant: given("cafe")}, broken, "card_exists"},
		{"debit cap", alliance.SellCard{Card: "new", Member: "li", Product: "explorer", Merchant: given("cafe")}, nil, "over_debit_cap"},
		{"nothing for one without a cap", alliance.SellCard{Card: "new", Member: "li", Product: "explorer", Merchant: given("spa")}, nil, ""},
		{"nothing for a free card", alliance.SellCard{Card: "new", Member: "li", Product: "taster", Merchant: given("cafe")}, nil, ""},
		{"nothing online", alliance.SellCard{Card: "new", Member: "li", Product: "explorer"}, nil, ""},
		{"nothing for a later purchase that names the buyer", alliance.SellCard{Card: "new", Member: "mei", Product: "explorer", Referrer: given("mei")}, nil, ""},
	})
}

func TestATopUpLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	const merchant = alliance.FundedByMerchant
	check(t, alliance.AtUse, []refusalCase{
		{"card", alliance.TopUp{Card: "lost", Merchant: given("nowhere"), Amount: "0", Bonus: given("-1")}, broken, "unknown_card"},
		{"merchant", alliance.TopUp{Card: "card", Merchant: given("nowhere"), Amount: "0", Bonus: given("-1")}, broken, "unknown_merchant"},
		{"amount", alliance.TopUp{Card: "card", Amount: "0", Bonus: given("1"), BonusFundedBy: merchant}, broken, "invalid_amount"},
		{"bonus", alliance.TopUp{Card: "card", Amount: "600", Bonus: given("-1"), BonusFundedBy: merchant}, broken, "invalid_amount"},
		{"bonus without its merchant", alliance.TopUp{Card: "card", Amount: "600", Bonus: given("0.01"), BonusFundedBy: merchant}, broken, "unknown_merchant"},
		{"cancelled", alliance.TopUp{Card: "card", Amount: "600", Bonus: given("0"), BonusFundedBy: merchant}, broken, "card_cancelled"},
		{"frozen", alliance.TopUp{Card: "card", Amount: "600"}, spoilt, "card_frozen"},
		{"online, not at the seller", alliance.TopUp{Card: "card", Amount: "600"}, ended, "wrong_merchant"},
		{"not at the seller", alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "600"}, ended, "wrong_merchant"},
		{"over the limit by bonus", alliance.TopUp{Card: "card", Merchant: given("hotpot"), Amount: "400.00", Bonus: given("99.01")}, ended, "over_value_limit"},
		{"nothing on an expired card", alliance.TopUp{Card: "card", Merchant: given("hotpot"), Amount: "400.00", Bonus: given("99.00")}, ended, ""},
	})
	check(t, alliance.AtIssue, []refusalCase{
		{"over the limit", alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "499.01"}, nil, "over_value_limit"},
		{"debit cap", alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "0.01"}, nil, "over_debit_cap"},
		{"debit cap by bonus", alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "0.01", Bonus: given("1"), BonusFundedBy: merchant}, nil, "over_debit_cap"},
		{"nothing elsewhere", alliance.TopUp{Card: "card", Merchant: given("spa"), Amount: "1"}, nil, ""},
		{"nothing online", alliance.TopUp{Card: "card", Amount: "499.00"}, nil, ""},
		{"nothing with a bonus of zero without its merchant", alliance.TopUp{Card: "card", Amount: "1", Bonus: given("0"), BonusFundedBy: merchant}, nil, ""},
	})
}

func TestASpendLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"card", alliance.SpendValue{Card: "lost", Merchant: "nowhere", Amount: "0"}, broken, "unknown_card"},
		{"merchant", alliance.SpendValue{Card: "card", Merchant: "nowhere", Amount: "0"}, broken, "unknown_merchant"},
		{"amount of zero", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "0.00"}, broken, "invalid_amount"},
		{"amount of too many decimals", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.000"}, broken, "invalid_amount"},
		{"cancelled", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.01"}, broken, "card_cancelled"},
		{"frozen", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.01"}, spoilt, "card_frozen"},
		{"value", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.01"}, ended, "insufficient_value"},
		{"nothing on an expired card", alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.00"}, ended, ""},
	})
}

func TestAPassLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"card", alliance.UsePass{Card: "lost", Merchant: "nowhere", Benefit: "none"}, broken, "unknown_card"},
		{"merchant", alliance.UsePass{Card: "card", Merchant: "nowhere", Benefit: "none"}, broken, "unknown_merchant"},
		{"benefit", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "none"}, broken, "unknown_benefit"},
		{"benefit of the other kind", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "hotpot20"}, broken, "unknown_benefit"},
		{"count", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "coffee"}, broken, "invalid_amount"},
		{"cancelled", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "coffee", Count: 4}, broken, "card_cancelled"},
		{"frozen", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "coffee", Count: 4}, spoilt, "card_frozen"},
		{"expired", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "coffee", Count: 4}, ended, "card_expired"},
		{"not at this merchant", alliance.UsePass{Card: "card", Merchant: "hotpot", Benefit: "coffee", Count: 4}, nil, "wrong_merchant"},
		{"uses", alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 4}, nil, "benefit_exhausted"},
		{"nothing", alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 3}, nil, ""},
	})
}

func TestACouponLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"card", alliance.UseCoupon{Card: "lost", Merchant: "nowhere", Benefit: "none", Bill: "x"}, broken, "unknown_card"},
		{"merchant", alliance.UseCoupon{Card: "card", Merchant: "nowhere", Benefit: "none", Bill: "x"}, broken, "unknown_merchant"},
		{"benefit of the other kind", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "coffee", Bill: "x"}, broken, "unknown_benefit"},
		{"bill", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "spa90", Bill: "0"}, broken, "invalid_amount"},
		{"cancelled", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "spa90", Bill: "1"}, broken, "card_cancelled"},
		{"frozen", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "spa90", Bill: "1"}, spoilt, "card_frozen"},
		{"expired", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "spa90", Bill: "1"}, ended, "card_expired"},
		{"not at this merchant", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "spa90", Bill: "1"}, nil, "wrong_merchant"},
		{"uses", alliance.UseCoupon{Card: "card", Merchant: "spa", Benefit: "spa90", Bill: "1"}, nil, "benefit_exhausted"},
		{"threshold", alliance.UseCoupon{Card: "card", Merchant: "hotpot", Benefit: "hotpot20", Bill: "199.99"}, nil, "below_threshold"},
		{"nothing at the threshold", alliance.UseCoupon{Card: "card", Merchant: "hotpot", Benefit: "hotpot20", Bill: "200.00"}, nil, ""},
	})
}

func TestABillBelowTheDiscountIsBelowTheThreshold(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer"})
	refuses(t, m, alliance.UseCoupon{Card: "card", Merchant: "spa", Benefit: "spa90", Bill: "89.99"}, "below_threshold")
	refuses(t, m, alliance.UseCoupon{Card: "card", Merchant: "spa", Benefit: "spa90", Bill: "90.00"}, "")
}

func TestAPurchaseLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"card", alliance.RecordPurchase{Card: "lost", Merchant: "nowhere", Bill: "0"}, broken, "unknown_card"},
		{"merchant", alliance.RecordPurchase{Card: "card", Merchant: "nowhere", Bill: "0"}, broken, "unknown_merchant"},
		{"bill", alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "10000000000000.01"}, broken, "invalid_amount"},
		{"cancelled", alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "100.00"}, broken, "card_cancelled"},
		{"frozen", alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "100.00"}, spoilt, "card_frozen"},
		{"debit cap", alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "100.00"}, ended, "over_debit_cap"},
		{"nothing on an expired card", alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "100.00"}, ended, ""},
		{"nothing that moves money", alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "0.33"}, nil, ""},
	})
}

func TestPointsLookForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"card", alliance.SpendPoints{Card: "lost", Merchant: "nowhere"}, broken, "unknown_card"},
		{"merchant", alliance.SpendPoints{Card: "card", Merchant: "nowhere"}, broken, "unknown_merchant"},
		{"points", alliance.SpendPoints{Card: "card", Merchant: "cafe", Points: -1}, broken, "invalid_amount"},
		{"cancelled", alliance.SpendPoints{Card: "card", Merchant: "cafe", Points: 1}, broken, "card_cancelled"},
		{"frozen", alliance.SpendPoints{Card: "card", Merchant: "cafe", Points: 1}, spoilt, "card_frozen"},
		{"points that are not there", alliance.SpendPoints{Card: "card", Merchant: "cafe", Points: 1}, ended, "insufficient_points"},
	})
}

func TestFreezingAsksOnlyWhetherTheCardIsCancelled(t *testing.T) {
	t.Parallel()
	check(t, alliance.AtIssue, []refusalCase{
		{"freeze no card", alliance.FreezeCard{Card: "lost"}, nil, "unknown_card"},
		{"unfreeze no card", alliance.UnfreezeCard{Card: "lost"}, nil, "unknown_card"},
		{"freeze a cancelled card", alliance.FreezeCard{Card: "card"}, broken, "card_cancelled"},
		{"unfreeze a cancelled card", alliance.UnfreezeCard{Card: "card"}, broken, "card_cancelled"},
		{"freeze a frozen card", alliance.FreezeCard{Card: "card"}, onlyFrozen, ""},
		{"freeze an expired card", alliance.FreezeCard{Card: "card"}, ended, ""},
		{"unfreeze an expired card", alliance.UnfreezeCard{Card: "card"}, spoilt, ""},
		{"unfreeze an active card", alliance.UnfreezeCard{Card: "card"}, nil, ""},
	})
}
