package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// harbour is a circle that uses all there is of growth.
const harbour = `
alliance: {code: harbour, name: Harbour, currency: CNY, timezone: Asia/Shanghai}
rules:
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.02", value: "0.01"}
  stored_value: {spend_order: principal_first, hold_minutes: 240}
  settlement: {minimum_transfer: "1.00"}
  tiers:
    measure: spent
    months: 2
    ladder: [{code: basic, from: "0.00", points_rate: "1"}, {code: silver, from: "30.00", points_rate: "2"}]
merchants: [{code: cafe, name: Cafe, category: coffee}, {code: gym, name: Gym, category: fitness}]
products:
  - {code: paid, kind: paid, price: "200.00", valid_days: 30, benefits: [{code: coffee, kind: pass, merchant: cafe, uses: 3, reimbursement: "12.00"}]}
campaigns:
  - {code: brought, when: refers, minimum: "1.00", budget: "9.00", gift: {bonus: "1.00"}}
  - {code: climbed, when: tier, tier: silver, gift: {coupons: [{code: tea, merchants: [gym], discount: "2.00", uses: 3, valid_days: 10}]}}
  - {code: granted, when: command, per_member: 3, every: month, gift: {points: 1}}
  - {code: used, when: use, minimum: "1.00", per_member: 5, every: day, funded_by: cafe, budget: "20.00", gift: {points: 10, bonus: "0.30"}}
mall:
  - {code: mug, points: 10, merchants: [cafe], reimbursement: "0.20", stock: 25}
`

// grow lets a circle live in which there is something of everything. Card A has two holds that
// are open, B has become B2 and B3, C and D were refunded, E was given away.
func grow(t *testing.T) *working {
	t.Helper()
	written, err := scenario.ParseAlliance("circle.yaml", []byte(harbour))
	require.NoError(t, err)
	w := &working{T: t, pool: pgtest.Pool(t)}
	w.alliance, err = replay.Establish(t.Context(), w.pool, written, clearing.Live)
	require.NoError(t, err)
	w.sequencer = sequencer.New(w.pool, store.NewSetupCache(alliance.Standard()))
	cafe, ann := "cafe", "ann"
	at := time.Date(2026, 10, 5, 1, 0, 0, 0, time.UTC)
	must := func(command any) int64 { at = at.Add(time.Minute); return w.must(at, command) }
	of := func(seq int64) alliance.Reference { return alliance.Reference{Seq: seq} }
	must(alliance.SellCard{Card: "A", Member: "ann", Product: "paid", Merchant: &cafe})
	must(alliance.TopUp{Card: "A", Amount: "100.00", Merchant: &cafe})
	must(alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "40.00"})
	must(alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "5.00"})
	must(alliance.CaptureHold{Of: of(must(alliance.PlaceHold{Card: "A", Merchant: "cafe", Amount: "10.00"}))})
	must(alliance.VoidHold{Of: of(must(alliance.PlaceHold{Card: "A", Merchant: "cafe", Amount: "10.00"}))})
	must(alliance.SellCard{Card: "B", Member: "bo", Product: "paid", Merchant: &cafe, Referrer: &ann})
	must(alliance.TopUp{Card: "B", Amount: "100.00", Merchant: &cafe})
	must(alliance.SpendValue{Card: "B", Merchant: "cafe", Amount: "35.00"})
	must(alliance.UseCoupon{Card: "B", Merchant: "gym", Benefit: "tea", Bill: "9.00"})
	must(alliance.ReplaceCard{Card: "B", NewCard: "B2"})
	must(alliance.ReplaceCard{Card: "B2", NewCard: "B3"})
	purchase := must(alliance.RecordPurchase{Card: "B3", Merchant: "gym", Bill: "30.00"})
	must(alliance.RecordPurchase{Card: "B3", Merchant: "cafe", Bill: "20.00"})
	must(alliance.Reverse{Of: of(purchase)})
	must(alliance.RedeemItem{Card: "B3", Merchant: "cafe", Item: "mug", Count: 2})
	must(alliance.GrantGift{Card: "B3", Campaign: "granted"})
	must(alliance.SellCard{Card: "C", Member: "cy", Product: "paid", Merchant: &cafe})
	must(alliance.TopUp{Card: "C", Amount: "60.00", Merchant: &cafe})
	must(alliance.UsePass{Card: "C", Merchant: "cafe", Benefit: "coffee", Count: 1})
	must(alliance.SpendValue{Card: "C", Merchant: "gym", Amount: "31.00"})
	must(alliance.RefundCard{Card: "C", Ground: alliance.GroundMember})
	must(alliance.SellCard{Card: "D", Member: "di", Product: "paid", Merchant: &cafe})
	must(alliance.RefundCard{Card: "D", Ground: alliance.GroundCoolingOff, Merchant: &cafe})
	must(alliance.SellCard{Card: "E", Member: "ed", Product: "paid", Merchant: &cafe})
	must(alliance.GiveCard{Card: "E", Member: "flo"})
	return w
}

// TestEachAlterationOfGrowthIsFoundAndNamed alters what is stored of growth, each column at
// least once, behind the back of the database's own guards.
func TestEachAlterationOfGrowthIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	w := grow(t)
	for _, c := range []struct{ name, alter, check, names string }{
		{"nothing", ``, "", ""},

		{"what is reserved", `UPDATE cards SET held = held + 1 WHERE card = 'A'`, "holds", `card "A" is stored with 45.01`},
		{"how many holds are open", `UPDATE cards SET holds = 1 WHERE card = 'A'`, "holds", `card "A"`},
		{"a hold of nobody", `UPDATE cards SET held = 1, holds = 1 WHERE card = 'B3'`, "holds", `card "B3"`},
		{"a hold's card", `UPDATE holds SET card = 'B' WHERE state = 'open' AND amount = 500`, "holds", `card "B3"`},
		{"a hold's merchant", `UPDATE holds SET merchant = 'cafe' WHERE amount = 500`, "holds", "the log says"},
		{"a hold's amount", `UPDATE holds SET amount = amount + 1 WHERE amount = 500`, "holds", `card "A"`},
		{"when a hold was placed", `UPDATE holds SET placed_at = placed_at - interval '1 hour' WHERE amount = 500`, "holds", "the log says"},
		{"a hold's end", `UPDATE holds SET expires_at = expires_at - interval '1 day' WHERE amount = 500`, "holds", "its time ended"},
		{"a hold that ends again", `UPDATE holds SET state = 'expired' WHERE state = 'voided'`, "holds", "the log says"},
		{"a hold that is opened again", `UPDATE holds SET state = 'open' WHERE state = 'voided'`, "holds", `card "A"`},
		{"what was captured", `UPDATE holds SET captured = captured - 1 WHERE state = 'captured'`, "holds", "9.99 captured"},
		{"a lost hold", `DELETE FROM holds WHERE state = 'voided'`, "holds", "4 holds were placed, and 3 are stored"},

		{"what is committed", `UPDATE campaign_sums SET committed = committed - 1 WHERE campaign = 'used'`, "gifts", `campaign "used" has`},
		{"how often it was given", `UPDATE campaign_sums SET given = given - 1 WHERE campaign = 'used'`, "gifts", `campaign "used" is stored as given`},
		{"a stored budget", `UPDATE campaign_sums SET budget = budget + 1 WHERE campaign = 'used'`, "gifts", `the budget of campaign "used"`},
		{"a budget that was lifted", `UPDATE campaign_sums SET budget = NULL WHERE campaign = 'used'`, "gifts", `the budget of campaign "used"`},
		{"a campaign's budget", `UPDATE campaign_changes SET budget = 50 WHERE campaign = 'brought'`, "gifts", `campaign "brought" has a budget of 0.50`},
		{"what a campaign gives", `UPDATE campaigns SET body = replace(body::text, '"2.00"', '"1.00"')::json WHERE campaign = 'climbed'`, "gifts", `campaign "climbed" has`},
		{"a lost campaign", `DELETE FROM campaign_sums WHERE campaign = 'used'`, "gifts", `what campaign "used" has given`},
		{"a gift's card", `UPDATE gifts SET sold_seq = (SELECT sold_seq FROM cards WHERE card = 'E') WHERE campaign = 'granted'`, "gifts", `card "E" counts 0 gifts`},
		{"a gift's number", `UPDATE gifts SET seq = 1000000 WHERE campaign = 'granted'`, "gifts", "the gift 1000000"},
		{"a gift's campaign", `UPDATE gifts SET campaign = 'used' WHERE campaign = 'granted'`, "gifts", `of "used" on card "B3"`},
		{"a gift's cause", `UPDATE gifts SET cause = 1 WHERE campaign = 'granted'`, "gifts", `of "granted" on card "B3"`},
		{"a gift's points", `UPDATE gifts SET points = points + 1 WHERE campaign = 'granted'`, "gifts", `campaign "granted" has`},
		{"a gift's bonus", `UPDATE gifts SET bonus = bonus + 1 WHERE campaign = 'brought'`, "gifts", `card "A" is stored with`},
		{"a gift's coupon", `UPDATE gifts SET coupons = '{milk}' WHERE campaign = 'climbed'`, "gifts", "milk"},
		{"a coupon's end", `UPDATE gifts SET expires_at[1] = expires_at[1] + interval '1 day' WHERE campaign = 'climbed'`, "gifts", `of "climbed"`},
		{"a coupon's uses", `UPDATE gifts SET uses_left[1] = uses_left[1] + 1 WHERE NOT ended[1]`, "gifts", `campaign "climbed" has`},
		{"a coupon that ended", `UPDATE gifts SET ended[1] = true WHERE NOT ended[1]`, "gifts", `campaign "climbed" has`},
		{"a lost gift", `DELETE FROM gifts WHERE campaign = 'granted'`, "gifts", `card "B3" counts`},
		{"how many gifts a card has", `UPDATE cards SET gifts = gifts + 1 WHERE card = 'B3'`, "gifts", `card "B3" counts`},
		{"bonus from gifts", `UPDATE cards SET gift_bonus = gift_bonus + 1 WHERE card = 'A'`, "gifts", `card "A" is stored with`},
		{"whose count it is", `UPDATE gift_counts SET member = 'di' WHERE campaign = 'granted'`, "gifts", `member "di"`},
		{"a count's campaign", `UPDATE gift_counts SET campaign = 'used' WHERE campaign = 'granted'`, "gifts", `member "bo"`},
		{"a count's span", `UPDATE gift_counts SET span = 202609 WHERE campaign = 'granted'`, "gifts", `member "bo"`},
		{"a count", `UPDATE gift_counts SET given = given + 1 WHERE campaign = 'granted'`, "gifts", `member "bo"`},
		{"a lost count", `DELETE FROM gift_counts WHERE campaign = 'granted'`, "gifts", "1 counts of gifts"},
		{"who was brought", `UPDATE referrals_answered SET member = 'di'`, "gifts", `"di" was brought`},
		{"which campaign has answered", `UPDATE referrals_answered SET campaign = 'used'`, "gifts", `"used" is stored as having answered`},
		{"a lost answer", `DELETE FROM referrals_answered`, "gifts", "1 answers to referrals"},

		{"growth", `UPDATE cards SET growth[2] = growth[2] + 1 WHERE card = 'B3'`, "tiers", `card "B3"`},
		{"growth in points", `UPDATE cards SET growth[3] = growth[3] + 1 WHERE card = 'B3'`, "tiers", `card "B3"`},
		{"growth of another month", `UPDATE cards SET growth[1] = growth[1] - 1 WHERE card = 'B3'`, "tiers", `card "B3"`},
		{"lost growth", `UPDATE cards SET growth = NULL WHERE card = 'B3'`, "tiers", `card "B3"`},
		{"growth of a card that has none", `UPDATE cards SET growth = '{24321,1,0}' WHERE card = 'E'`, "tiers", `card "E"`},

		{"uses on a replaced code", `UPDATE cards SET uses_left = '{3}' WHERE card = 'B'`, "replaced", `card "B"`},
		{"a code that lives again", `UPDATE cards SET replaced_by = NULL WHERE card = 'B'`, "replaced", `card "B" is stored as replaced by none`},
		{"a card that dies", `UPDATE cards SET replaced_by = 'A', value = 0, bonus = 0, pool = 0, points = 0, unreversed = 0, redeemed = 0, growth = NULL WHERE card = 'E'`, "replaced", `card "E"`},
		{"a chain to another card", `UPDATE cards SET replaced_by = 'E' WHERE card = 'B2'`, "replaced", `to "E"`},
		{"a chain that ends nowhere", `UPDATE cards SET replaced_by = 'X' WHERE card = 'B2'`, "replaced", `"X", which is not stored`},
		{"a chain in a circle", `UPDATE cards SET replaced_by = 'B' WHERE card = 'B2'`, "replaced", "in a circle"},
		{"who has it since when", `UPDATE cards SET held_since = sold_seq WHERE card = 'E'`, "balances", `card "E"`},

		{"how many were redeemed", `UPDATE item_sums SET redeemed = redeemed - 1`, "items", `item "mug" is stored as redeemed 1 times`},
		{"a stored stock", `UPDATE item_sums SET stock = stock + 1`, "items", `the stock of item "mug"`},
		{"a stock that was lifted", `UPDATE item_sums SET stock = NULL`, "items", `the stock of item "mug"`},
		{"an item's points", `UPDATE items SET body = replace(body::text, '"points":10', '"points":11')::json`, "items", "and should move -22"},
		{"what was added to a stock", `INSERT INTO restocks SELECT alliance_id, 'x', 'x', item, 5, stock, redeemed, 0, now() FROM item_sums`, "items", `the stock of item "mug"`},
		{"an item's stock", `UPDATE items SET body = replace(body::text, '"stock":25', '"stock":1')::json`, "items", `the stock of item "mug"`},
		{"a lost item", `DELETE FROM item_sums`, "items", `how many of item "mug"`},

		{"a card that was not refunded", `UPDATE cards SET refunded = true, pool = 0 WHERE card = 'E'`, "card refunds", `card "E" is stored as refunded`},
		{"a card that was", `UPDATE cards SET refunded = false WHERE card = 'C'`, "card refunds", `card "C"`},
		{"what was topped up", `UPDATE cards SET topped_up = topped_up + 1 WHERE card = 'B3'`, "card refunds", `card "B3"`},
		{"the bonus of top-ups", `UPDATE cards SET topped_up_bonus = topped_up_bonus + 1 WHERE card = 'B3'`, "card refunds", `card "B3"`},
		{"what rules a refund out", `UPDATE cards SET redeemed = redeemed - 1 WHERE card = 'B3'`, "card refunds", `card "B3"`},
		{"a coupon of a refunded card", `UPDATE gifts SET ended[1] = false WHERE sold_seq = (SELECT sold_seq FROM cards WHERE card = 'C') AND campaign = 'climbed'`, "card refunds", `live on card "C"`},
		{"what was refunded of the price", `UPDATE transactions SET facts = jsonb_set(facts::jsonb, '{growth,refund,price}', '20001')::text::json WHERE type = 'card.refunded' AND card = 'D'`, "card refunds", "200.01 of the price"},
		{"what was refunded of stored value", `UPDATE transactions SET facts = jsonb_set(facts::jsonb, '{growth,refund,value}', '6001')::text::json WHERE type = 'card.refunded' AND card = 'C'`, "card refunds", "60.01 of stored value"},
		{"who pays a refund", `UPDATE transactions SET accounts = array_replace(accounts, 'custody', 'merchants:gym') WHERE type = 'card.refunded' AND card = 'C'`, "card refunds", "credits custody with 0.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := audit.Run(t.Context(), alteredDatabase{w.pool, c.alter}, alliance.Standard(), w.alliance.ID)
			require.NoError(t, err)
			require.Equal(t, c.alter == "", report.Clean())
			i := slices.IndexFunc(report.Checks, func(check audit.Check) bool { return check.Name == c.check })
			if c.alter != "" {
				require.Contains(t, strings.Join(report.Checks[i].Named, "\n"), c.names)
			}
		})
	}
}

// alteredDatabase is a database that is altered as long as it is read: one story serves all
// alterations.
type alteredDatabase struct {
	*pgxpool.Pool
	sql string
}

func (d alteredDatabase) BeginTx(ctx context.Context, _ pgx.TxOptions) (pgx.Tx, error) {
	tx, err := d.Pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil || d.sql == "" {
		return tx, err
	}
	tag, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`)
	if err == nil {
		tag, err = tx.Exec(ctx, d.sql)
	}
	if err == nil && tag.RowsAffected() == 0 {
		err = errors.New("the alteration changed nothing")
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	return discardedTx{tx}, nil
}

// discardedTx is a transaction of which nothing is kept.
type discardedTx struct{ pgx.Tx }

func (tx discardedTx) Commit(ctx context.Context) error { return tx.Rollback(ctx) }
