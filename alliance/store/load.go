package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
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
	clear(c.state.Joinings)
	c.missing.reset()
	c.queueGrowthReads(reads)
	for i := range orders {
		if orders[i].Presented != nil {
			c.codeShown(&orders[i])
		}
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
	c.queueMissing(reads)
}

// QueueFurtherReads queues the reads of what follows from what was read.
func (c *allianceState) QueueFurtherReads(reads *pgx.Batch) {
	follow := c.missing.follow
	if len(follow) == 0 {
		return
	}
	sought := c.missing.sought
	c.missing.reset()
	if c.missing.sought = sought; sought == nil {
		c.missing.sought = make(map[string]bool)
	}
	for _, name := range follow {
		name()
	}
	c.queueMissing(reads)
}

func (c *allianceState) queueMissing(reads *pgx.Batch) {
	c.readCards(reads, c.missing.cards)
	c.readMembers(reads, c.missing.members)
	c.readOriginals(reads, c.missing.originals)
	c.readGifted(reads, c.missing.gifted)
	c.readHolders(reads, c.missing.holders)
	c.readCodes(reads, c.missing.codes)
}

// missing is what commands name and memory does not have.
type missing struct {
	cards, members  []string
	originals       []alliance.Reference
	gifted, holders []string        // members
	codes           [][]byte        // digests of codes
	follow          []func()        // names what follows from it
	sought          map[string]bool // cards that were asked for because of what was read
}

func (m *missing) reset() {
	m.cards, m.members, m.originals = m.cards[:0], m.members[:0], m.originals[:0]
	m.gifted, m.holders, m.follow, m.sought = m.gifted[:0], m.holders[:0], nil, nil
	m.codes = nil
}

// then names more as soon as what is missing is in memory.
func (m *missing) then(name func()) { m.follow = append(m.follow, name) }

// The methods of alliance.Loader: each makes sure that something is in memory, or
// will be read.
var _ alliance.Loader = (*allianceState)(nil)

// Card asks for a card, and for what it has become.
func (c *allianceState) Card(code string) {
	card := c.state.Cards[code]
	if card == nil {
		if !c.cards.Recall(c.state.Cards, code) {
			c.cardMissing(code)
			return
		}
		card = c.state.Cards[code]
	}
	if card.ReplacedBy != nil {
		c.Card(*card.ReplacedBy)
	}
}

// cardMissing asks for a card that memory does not have. What follows from a reading is
// asked for once: a card that is named and not there must not be sought for ever.
func (c *allianceState) cardMissing(code string) {
	if c.missing.sought != nil {
		if c.missing.sought[code] {
			return
		}
		c.missing.sought[code] = true
	}
	c.missing.cards = append(c.missing.cards, code)
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
		code := cards[i].Code
		if !c.cards.Recall(c.state.Cards, code) {
			c.state.Cards[code] = &cards[i]
		}
		if next := c.state.Cards[code].ReplacedBy; next != nil {
			c.missing.then(func() { c.Card(*next) })
		}
	}
	return err
}

// readMembers queues the reads of members, and of how those were brought who are none yet. Who
// has joined is forgotten with the next batch, as it changes outside the books.
func (c *allianceState) readMembers(reads *pgx.Batch, codes []string) {
	if len(codes) == 0 {
		return
	}
	reads.Queue(`
		SELECT n.code, m.member IS NOT NULL, coalesce(m.referrer, j.referrer, ''), coalesce(m.second, ''), coalesce(j.code, '')
		FROM unnest($2::text[]) AS n (code)
		LEFT JOIN LATERAL (SELECT member, referrer, second FROM members WHERE alliance_id = $1 AND member = n.code OFFSET 0) m ON true
		LEFT JOIN LATERAL (SELECT code, referrer FROM joinings WHERE alliance_id = $1 AND member = n.code AND m.member IS NULL OFFSET 0) j ON true
		WHERE m.member IS NOT NULL OR j.code IS NOT NULL`, c.allianceID, codes).
		Query(func(rows pgx.Rows) error {
			var code, referrer, second, link string
			var known bool
			_, err := pgx.ForEachRow(rows, []any{&code, &known, &referrer, &second, &link}, func() error {
				if known {
					c.state.Members[code] = &alliance.Member{Code: code, Referrer: referrer, Second: second}
					return nil
				}
				c.state.Joinings[code] = alliance.Joining{Link: link, Referrer: referrer}
				brought := referrer
				c.missing.then(func() { c.Referrer(brought) })
				return nil
			})
			return err
		})
}
