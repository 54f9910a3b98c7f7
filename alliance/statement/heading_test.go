package statement_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/alliance/statement/font"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// promenade is a circle in which the cafe gives things away, and the gym hands things out.
const promenade = `
alliance: {code: promenade, name: Promenade, currency: CNY, timezone: Asia/Shanghai}
rules:
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.02", value: "0.01"}
  stored_value: {spend_order: principal_first}
  settlement: {minimum_transfer: "1.00"}
merchants: [{code: cafe, name: Cafe, category: coffee}, {code: gym, name: Gym, category: fitness}]
products: [{code: paid, kind: paid, price: "200.00", valid_days: 30}]
campaigns:
  - {code: used, when: use, minimum: "1.00", per_member: 9, funded_by: cafe, gift: {points: 10, bonus: "0.30"}}
  - {code: tea, when: command, funded_by: cafe, gift: {coupons: [{code: tea, merchants: [gym, cafe], discount: "2.00", uses: 3, valid_days: 30}]}}
mall: [{code: mug, points: 100, merchants: [gym], reimbursement: "1.50"}]
`

// lived returns a circle of promenade after an October of its own, and what was booked by name.
func lived(t *testing.T) (*pgxpool.Pool, clearing.Alliance, map[string]int64) {
	t.Helper()
	written, err := scenario.ParseAlliance("circle.yaml", []byte(promenade))
	require.NoError(t, err)
	pool := pgtest.Pool(t)
	al, err := replay.Establish(t.Context(), pool, written, clearing.Replay)
	require.NoError(t, err)
	books := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	seqs := make(map[string]int64)
	at := time.Date(2026, 10, 2, 9, 0, 0, 0, al.Location)
	do := func(name string, command any) {
		at = at.Add(time.Minute)
		outcome, err := books.Submit(t.Context(), al.ID, sequencer.Order{Caller: "till", Key: name, Hash: sha256.Sum256([]byte(name)), At: at, Command: command})
		require.NoError(t, err)
		require.Nil(t, outcome.Refusal, name)
		seqs[name] = outcome.Seq
	}
	of := func(name string) alliance.Reference { return alliance.Reference{Seq: seqs[name]} }
	cafe := "cafe"
	do("sale", alliance.SellCard{Card: "A", Member: "ann", Product: "paid", Merchant: &cafe})
	do("top-up", alliance.TopUp{Card: "A", Amount: "100.00", Merchant: &cafe})
	do("hold", alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "20.00"})
	part := "15.00"
	do("capture", alliance.CaptureHold{Of: of("hold"), Amount: &part}) // and a gift of 0.50
	do("grant", alliance.GrantGift{Card: "A", Campaign: "tea"})
	do("coupon", alliance.UseCoupon{Card: "A", Merchant: "gym", Benefit: "tea", Bill: "10.00"})
	do("undone coupon", alliance.UseCoupon{Card: "A", Merchant: "gym", Benefit: "tea", Bill: "10.00"})
	do("coupon undone", alliance.Reverse{Of: of("undone coupon")})
	do("purchase", alliance.RecordPurchase{Card: "A", Merchant: "gym", Bill: "300.00"}) // and a gift of 0.50
	do("item", alliance.RedeemItem{Card: "A", Merchant: "gym", Item: "mug", Count: 2})
	do("undone item", alliance.RedeemItem{Card: "A", Merchant: "gym", Item: "mug", Count: 1})
	do("item undone", alliance.Reverse{Of: of("undone item")})
	do("undone purchase", alliance.RecordPurchase{Card: "A", Merchant: "gym", Bill: "100.00"}) // and a gift of 0.50
	do("purchase undone", alliance.Reverse{Of: of("undone purchase")})
	do("replacement", alliance.ReplaceCard{Card: "A", NewCard: "B"})
	do("giving", alliance.GiveCard{Card: "B", Member: "bo"})
	do("refund", alliance.RefundCard{Card: "B", Ground: alliance.GroundShop, Merchant: &cafe})
	do("other sale", alliance.SellCard{Card: "C", Member: "cy", Product: "paid", Merchant: &cafe})
	do("other refund", alliance.RefundCard{Card: "C", Ground: alliance.GroundCoolingOff}) // from custody
	require.NoError(t, books.Advance(t.Context(), al.ID, time.Date(2026, 11, 1, 0, 0, 0, 0, al.Location)))
	return pool, al, seqs
}

func headingsOf(s statement.Statement) map[statement.Heading]string {
	sums := make(map[statement.Heading]string)
	for _, h := range s.Headings {
		sums[h.Heading] = fmt.Sprintf("%d: %s", h.Count, h.Amount)
	}
	return sums
}

func linesBySeq(t *testing.T, s statement.Statement) map[int64]statement.Line {
	t.Helper()
	lines := make(map[int64]statement.Line)
	for _, l := range collect(t, s) {
		lines[l.Seq] = l
	}
	return lines
}

func TestAShopFindsWhatItGaveAndHandedOut(t *testing.T) {
	t.Parallel()
	pool, al, seqs := lived(t)
	cafe, gym := loadWhole(t, pool, al, "2026-10", "cafe"), loadWhole(t, pool, al, "2026-10", "gym")
	organiser := loadWhole(t, pool, al, "2026-10", clearing.Organiser)
	for _, s := range []statement.Statement{cafe, gym, organiser} {
		require.NoError(t, s.Check(t.Context()))
	}

	// Three gifts of 10 points at 0.02 and 0.30, one of them taken back; a coupon of 2.00 used, another used and given back.
	// The refund on the shops' fault pays 200.00 of a card without benefits for 30 days left of 30, and 100.00 of stored value
	// less 15.00 that were spent, of which the gifts' bonus of 0.60 was spent first. The cafe gives back its 20.00.
	require.Equal(t, map[statement.Heading]string{
		statement.GiftsFunded:       "7: -3.00",
		statement.RefundsShop:       "1: 265.60",
		statement.RefundsCoolingOff: "1: -20.00",
	}, headingsOf(cafe))
	// Two mugs of 1.50, less 2 %.
	require.Equal(t, map[statement.Heading]string{
		statement.GiftCoupons: "3: 2.00",
		statement.MallItems:   "3: 2.94",
	}, headingsOf(gym))
	require.NotContains(t, headingsOf(organiser), statement.GiftsFunded)
	require.Contains(t, headingsOf(organiser), statement.MallItems)

	lines := linesBySeq(t, cafe)
	require.Equal(t, "tea", lines[seqs["coupon"]].Campaign)
	require.Equal(t, "-2.00", lines[seqs["coupon"]].Headed.String())
	undone := lines[seqs["purchase undone"]]
	require.Equal(t, statement.GiftsFunded, undone.Heading)
	require.Equal(t, "0.50", undone.Headed.String(), "the gift that came back")
	require.Equal(t, "-2.50", undone.Effect.String(), "and the traffic share of 3.00 that went")
	require.Equal(t, "used", lines[seqs["capture"]+1].Campaign, "what follows at once is numbered behind it")

	lines = linesBySeq(t, gym)
	require.Equal(t, seqs["hold"], lines[seqs["capture"]].Hold)
	require.Equal(t, ledger.Type("hold.captured"), lines[seqs["capture"]].Type)
	require.Equal(t, "14.70", lines[seqs["capture"]].Effect.String())
	require.Equal(t, "mug", lines[seqs["item"]].Item)
	require.Equal(t, "-1.47", lines[seqs["item undone"]].Headed.String())

	for _, s := range []statement.Statement{cafe, gym, organiser} {
		lines := linesBySeq(t, s)
		for _, nothing := range []string{"hold", "grant", "replacement", "giving"} {
			require.NotContains(t, lines, seqs[nothing], "it moved nobody's position")
		}
	}
}

func TestTheHeadingsAreInEveryForm(t *testing.T) {
	t.Parallel()
	pool, al, seqs := lived(t)
	cafe, gym := loadWhole(t, pool, al, "2026-10", "cafe"), loadWhole(t, pool, al, "2026-10", "gym")

	var head struct {
		Headings []struct{ Heading, Amount string }
		Lines    []struct{ Transaction, Heading, Headed, Campaign, Item, Hold string }
	}
	require.NoError(t, json.Unmarshal(written(t, "json", cafe), &head))
	require.Equal(t, "gifts_funded", head.Headings[0].Heading)
	require.Equal(t, "-3.00", head.Headings[0].Amount)
	found := 0
	for _, l := range head.Lines {
		if l.Heading == "gifts_funded" {
			found++
			require.NotEmpty(t, l.Headed)
		}
	}
	require.Equal(t, 7, found)

	require.Contains(t, string(written(t, "summary.csv", cafe)), "2026-10,cafe,CNY,heading,gifts_funded,由你承担的赠礼 Gifts funded by you,7,,-3.00\r\n")
	require.Contains(t, string(written(t, "summary.csv", gym)), "2026-10,gym,CNY,heading,mall_items,积分商城兑换 Mall items handed out,3,,2.94\r\n")
	require.Contains(t, string(written(t, "csv", gym)), fmt.Sprintf(",,,,,%s\r\n", ledger.ID(seqs["hold"]))[1:])
	require.Contains(t, string(written(t, "csv", gym)), ",mall_items,2.94,,mug,\r\n")
	require.Contains(t, string(written(t, "csv", cafe)), ",gifts_funded,-2.00,tea,,\r\n")

	rows := raw(t, workbook(t, cafe), "Lines 明细")
	require.Equal(t, []string{"归类 Heading", "其中 Of which (CNY)", "活动 Campaign", "商品 Mall item", "预授权 Hold"}, rows[0][13:])
	require.Contains(t, fmt.Sprint(rows), "由你承担的赠礼 Gifts funded by you -2 tea")
	require.Contains(t, fmt.Sprint(raw(t, workbook(t, gym), "Summary 汇总")), "积分商城兑换 Mall items handed out 3 2.94")
	for _, s := range []statement.Statement{cafe, gym} {
		require.NotEmpty(t, written(t, "pdf", s))
	}
}

func TestAWrongSumUnderAHeadingIsFound(t *testing.T) {
	t.Parallel()
	pool, al, _ := lived(t)
	for what, spoil := range map[string]func(*statement.Statement){
		"the number of headings":                   func(s *statement.Statement) { s.Headings = nil },
		"whether mall_items is among the headings": func(s *statement.Statement) { s.Headings[0].Heading = statement.MallItems },
		"the number of lines under gifts_funded":   func(s *statement.Statement) { s.Headings[0].Count++ },
		"the sum under gifts_funded":               func(s *statement.Statement) { s.Headings[0].Amount = yuan(1) },
	} {
		s := loadWhole(t, pool, al, "2026-10", "cafe")
		spoil(&s)
		var wrong *statement.MismatchError
		require.ErrorAs(t, s.Check(t.Context()), &wrong)
		require.Equal(t, what, wrong.What)
	}
}

// TestStatementsOfGrowthTieToTheSettlement holds every statement of the worked scenarios
// against what they should come to, and the headings against the log.
func TestStatementsOfGrowthTieToTheSettlement(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	for _, name := range []string{"growth-hands", "growth-tiers", "growth-town-a", "growth-town-b", "growth-town-c", "growth-town-d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := scenarioFolder(name)
			text, err := os.ReadFile(filepath.Join(dir, "until"))
			require.NoError(t, err)
			until, err := scenario.ParseInstant([]byte(strings.TrimSpace(string(text))))
			require.NoError(t, err)
			pool := pgtest.Pool(t)
			summary, err := replay.Run(t.Context(), pool, replay.Options{Scenario: dir, Out: t.TempDir(), Until: until}, time.Now)
			require.NoError(t, err)
			file, err := os.Open(filepath.Join(dir, "expected", "positions.csv"))
			require.NoError(t, err)
			defer file.Close()
			expected, err := csv.NewReader(file).ReadAll()
			require.NoError(t, err)
			lines := 0
			for _, row := range expected[1:] {
				s := loadWhole(t, pool, summary.Alliance, row[0], row[1])
				lines += addsUp(t, s, row)
				for _, l := range collect(t, s) {
					switch l.Type {
					case alliance.GiftGranted, alliance.GiftEarned:
						require.Equal(t, statement.GiftsFunded, l.Heading)
						require.Equal(t, l.Effect, l.Headed)
						require.Negative(t, l.Effect.Sign())
					case alliance.ItemRedeemed:
						require.Equal(t, statement.MallItems, l.Heading)
						require.NotEmpty(t, l.Item)
					case alliance.CardRefunded:
						require.Contains(t, l.Heading, "refunds_")
					case alliance.HoldCaptured:
						require.NotZero(t, l.Hold)
					case alliance.CardReplaced, alliance.CardGiven, alliance.HoldPlaced, alliance.HoldVoided, alliance.HoldExpired, alliance.GiftExpired:
						t.Fatalf("%s moved a position: %+v", l.Type, l)
					}
				}
			}
			require.NotZero(t, lines)
		})
	}
}

// loadWhole is load for a circle with growth.
func loadWhole(t *testing.T, db ledger.Querier, al clearing.Alliance, period, party string) statement.Statement {
	t.Helper()
	s, err := statement.Load(t.Context(), db, alliance.Standard(), al, period, party)
	require.NoError(t, err)
	return s
}

func TestEveryHeadingHasWordsThatCanBePrinted(t *testing.T) {
	t.Parallel()
	face, err := font.Open()
	require.NoError(t, err)
	seen := make(map[string]bool)
	for _, h := range statement.Headings() {
		words := statement.HeadingLabel(h).String()
		require.NotContains(t, seen, words)
		seen[words] = true
		require.NotEmpty(t, statement.HeadingLabel(h).Chinese)
		require.Equal(t, words, face.Printable(words))
	}
	require.Empty(t, statement.HeadingLabel("").String())
	for _, words := range []string{"其中  Of which", "归类 Heading"} {
		require.Equal(t, words, face.Printable(words))
	}
}
