package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
)

const (
	// maxDue is how much due work is in memory at once.
	maxDue = 10_000
	// dueAhead is how far ahead it is loaded.
	dueAhead = 24 * time.Hour
)

// QueueReads queues the reads that orders need, and the work that falls due at or before
// an instant.
func (c *allianceState) QueueReads(reads *pgx.Batch, orders []sequencer.Order, through time.Time) {
	c.foresee(through)
	clear(c.state.Positions)
	clear(c.state.Owed)
	clear(c.state.Late)
	c.missing.reset()
	for i := range orders {
		if command, ok := orders[i].Command.(alliance.Command); ok {
			if kind := c.state.Registry.Kind(command.Event()); kind != nil && kind.Command != nil {
				kind.Command.Names(command, c)
			}
		}
	}
	c.state.Due.Through(through, func(work alliance.DueWork) {
		if kind := c.state.Registry.Kind(work.Kind); kind != nil && kind.Due.Names != nil {
			kind.Due.Names(work, c)
		}
	})
	c.readCards(reads, c.missing.cards)
	c.readMembers(reads, c.missing.members)
	c.readOriginals(reads, c.missing.originals)
}

// missing is what commands name and memory does not have.
type missing struct {
	cards, members []string
	originals      []alliance.Reference
}

func (m *missing) reset() {
	m.cards, m.members, m.originals = m.cards[:0], m.members[:0], m.originals[:0]
}

// The methods of alliance.Loader: each makes sure that something is in memory, or
// will be read.
var _ alliance.Loader = (*allianceState)(nil)

// Card asks for a card.
func (c *allianceState) Card(code string) {
	if !c.cards.Recall(c.state.Cards, code) {
		c.missing.cards = append(c.missing.cards, code)
	}
}

// Member asks for a member.
func (c *allianceState) Member(code string) {
	if !c.members.Recall(c.state.Members, code) {
		c.missing.members = append(c.missing.members, code)
	}
}

// Position asks for the position of a merchant, and what it owes.
func (c *allianceState) Position(merchant string) {
	currency := c.head.Alliance.Currency
	c.state.Positions[merchant] = currency.Minor(-c.balances.Of(clearing.PartyAccount(merchant)))
	c.state.Owed[merchant] = currency.Minor(c.balances.Of(ledger.Account{Kind: ledger.Receivables, Owner: merchant}))
}

// Uploads asks for what a merchant has uploaded late.
func (c *allianceState) Uploads(merchant string) {
	late := c.balances.Turnover(clearing.PartyAccount(merchant)).Of(ledger.Late)
	c.state.Late[merchant] = alliance.Uploads{Count: late.Count, Moved: late.Debits + late.Credits}
}

// Original asks for a transaction that is to be reversed, and its card.
func (c *allianceState) Original(of alliance.Reference) {
	seq := of.Seq
	if seq == 0 {
		if !c.keys.Recall(c.state.Keys, of) {
			c.missing.originals = append(c.missing.originals, of)
			return
		}
		seq = c.state.Keys[of]
	}
	c.originals.Recall(c.state.Log, seq)
	if original := c.state.Log[seq]; original != nil {
		c.Card(original.Card)
	} else {
		c.missing.originals = append(c.missing.originals, of)
	}
}

// LoadSetup reads the setup unless the cached one is current.
func (c *allianceState) LoadSetup(ctx context.Context, db ledger.Querier) error {
	var err error
	if c.setup, err = c.setups.Setup(ctx, db, c.head); err != nil {
		return err
	}
	c.state.Setup = c.setup
	return nil
}

// Hold, Sale and Gifts ask for what holds, refunds and gifts need. It is not kept yet: no command
// of the standard registry holds or refunds, and no stored circle has campaigns.

// Hold asks for a hold and its card.
func (c *allianceState) Hold(of alliance.Reference) { c.Original(of) }

// Sale asks for a card; its sale is not read.
func (c *allianceState) Sale(card string) { c.Card(card) }

// Gifts asks for a card; without campaigns nothing is given to it.
func (c *allianceState) Gifts(card string) { c.Card(card) }

func (c *allianceState) readCards(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT c.* FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = n.code OFFSET 0) c`, c.allianceID, codes).
		Query(c.scanCards)
}

// scanCards reads cards into memory. It skips those that are there: they may be newer
// than on disk.
func (c *allianceState) scanCards(rows pgx.Rows) error {
	cards, err := pgx.CollectRows(rows, scanCard(c.head.Alliance.Currency))
	for i := range cards {
		if card := &cards[i]; !c.cards.Recall(c.state.Cards, card.Code) {
			c.state.Cards[card.Code] = card
		}
	}
	return err
}

const cardColumns = `card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
	value, bonus, pool, points, unreversed, uses_left, last_seq`

func scanCard(currency money.Currency) pgx.RowToFunc[alliance.Card] {
	return func(row pgx.CollectableRow) (card alliance.Card, err error) {
		var value, bonus, pool int64
		var expires *time.Time
		err = row.Scan(&card.Code, &card.Product, &card.Member, &card.Home, &card.SoldSeq, &card.SoldAt, &expires,
			&card.Cancelled, &card.Frozen, &card.Expired,
			&value, &bonus, &pool, &card.Points, &card.Unreversed, &card.UsesLeft, &card.LastSeq)
		card.Value, card.Bonus, card.Pool = currency.Minor(value), currency.Minor(bonus), currency.Minor(pool)
		card.SoldAt = card.SoldAt.UTC()
		if expires != nil {
			card.ExpiresAt = expires.UTC()
		}
		return card, err
	}
}

func (c *allianceState) readMembers(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT member, coalesce(referrer, ''), coalesce(second, '') FROM unnest($2::text[]) AS n (code),
		LATERAL (SELECT member, referrer, second FROM members WHERE alliance_id = $1 AND member = n.code OFFSET 0) m`, c.allianceID, codes).
		Query(func(rows pgx.Rows) error {
			members, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m alliance.Member, err error) {
				return m, row.Scan(&m.Code, &m.Referrer, &m.Second)
			})
			for i := range members {
				c.state.Members[members[i].Code] = &members[i]
			}
			return err
		})
}
