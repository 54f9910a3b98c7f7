package store

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/money"
)

// queueGrowthReads prepares what gifts and the mall need whatever the commands are: the sums
// of all campaigns and items, once, and the positions of merchants that fund gifts. Who has
// which cards is forgotten: it is kept only as long as orders that were read for are decided.
func (c *allianceState) queueGrowthReads(reads *pgx.Batch) {
	if c.setup == nil || len(c.setup.Campaigns)+len(c.setup.Items) == 0 {
		return
	}
	clear(c.state.Holders)
	clear(c.uses)
	for _, campaign := range c.setup.Campaigns {
		if campaign.FundedBy != "" {
			c.Position(campaign.FundedBy)
		}
	}
	if c.sumsRead {
		return
	}
	c.sumsRead = true
	reads.Queue(`SELECT campaign, given, committed FROM campaign_sums WHERE alliance_id = $1`, c.allianceID).Query(func(rows pgx.Rows) (err error) {
		c.state.Campaigns, err = scanCampaignSums(rows)
		return err
	})
	reads.Queue(`SELECT item, redeemed FROM item_sums WHERE alliance_id = $1`, c.allianceID).Query(func(rows pgx.Rows) (err error) {
		c.state.Items, err = scanItemSums(rows)
		return err
	})
}

// current returns the card that a code has become, or nil if not all of it is in memory.
func (c *allianceState) current(code string) *alliance.Card {
	card := c.state.Cards[code]
	for card != nil && card.ReplacedBy != nil {
		card = c.state.Cards[*card.ReplacedBy]
	}
	return card
}

// whenThere calls use with what a card has become, at once or when it was read. It does not
// call it if there is no such card.
func (c *allianceState) whenThere(code string, use func(*alliance.Card)) {
	if card := c.current(code); card != nil {
		use(card)
		return
	}
	c.missing.then(func() {
		if c.state.Cards[code] != nil {
			c.Card(code)
			c.whenThere(code, use)
		}
	})
}

// Hold asks for a hold that is to end, for gifts to its card, and for what its merchant has
// uploaded late.
func (c *allianceState) Hold(of alliance.Reference) {
	c.Original(of)
	name := func() bool {
		seq := of.Seq
		if seq == 0 {
			seq = c.state.Keys[of]
		}
		hold := c.state.Log[seq]
		if hold == nil {
			return false
		}
		c.use(hold.Card, hold.Facts.Amount)
		c.Uploads(hold.Merchant)
		return true
	}
	if !name() {
		c.missing.then(func() { name() })
	}
}

// Sale asks for a card and its sale.
func (c *allianceState) Sale(card string) {
	c.Card(card)
	c.whenThere(card, func(card *alliance.Card) { c.Original(alliance.Reference{Seq: card.SoldSeq}) })
}

// Use asks for a card, and for what decides on the gifts that its use may cause.
func (c *allianceState) Use(card, amount string) {
	if len(c.setup.Campaigns) == 0 {
		c.Card(card)
		return
	}
	parsed, err := money.Parse(amount, c.head.Alliance.Currency)
	if err != nil {
		c.Card(card) // the command is refused
		return
	}
	c.use(card, parsed.Minor())
}

func (c *allianceState) use(card string, amount int64) {
	c.Card(card)
	if len(c.setup.Campaigns) == 0 {
		return
	}
	if found := c.current(card); found != nil { // as nearly always
		c.usesCard(found, amount)
		return
	}
	c.whenThere(card, func(card *alliance.Card) { c.usesCard(card, amount) })
}

func (c *allianceState) usesCard(card *alliance.Card, amount int64) {
	if c.uses == nil {
		c.uses = make(map[string]int64)
	}
	causes := c.state.UseCauses(card, amount, c.uses[card.Code])
	c.uses[card.Code] = min(c.uses[card.Code]+amount, money.MaxMinor)
	if causes.Referral {
		c.Member(card.Member)
		if c.state.Members[card.Member] != nil {
			c.broughtBy(card.Member)
		} else {
			c.missing.then(func() { c.broughtBy(card.Member) })
		}
	}
	if causes.Gifts {
		c.given(card.Member)
	}
}

// broughtBy asks for what decides on the gifts for a member that was brought.
func (c *allianceState) broughtBy(member string) {
	if m := c.state.Members[member]; m != nil && m.Referrer != "" {
		c.GiftsTo(member)
	}
}

// Gifts asks for a card, and for what decides on gifts to it.
func (c *allianceState) Gifts(card string) {
	c.Card(card)
	if len(c.setup.Campaigns) == 0 {
		return
	}
	if found := c.current(card); found != nil { // as nearly always
		c.GiftsTo(found.Member)
		return
	}
	c.whenThere(card, func(card *alliance.Card) { c.GiftsTo(card.Member) })
}

// GiftsTo asks for a member, and for what decides on gifts to it and to its referrer.
func (c *allianceState) GiftsTo(member string) {
	c.Member(member)
	if len(c.setup.Campaigns) == 0 {
		return
	}
	there := c.given(member)
	if !c.setup.AnswersReferrals() {
		return
	}
	if there && c.state.Members[member] != nil {
		c.gifts(member)
	} else {
		c.missing.then(func() { c.gifts(member) })
	}
}

// gifts asks for the referrer of a member, unless all campaigns have answered already that the
// member was brought.
func (c *allianceState) gifts(member string) {
	m := c.state.Members[member]
	if m == nil || m.Referrer == "" {
		return
	}
	answered := c.state.Gifted[member].Fired
	for _, campaign := range c.setup.Campaigns {
		if campaign.AnswersReferral() && !answered[campaign.Code] {
			c.Referrer(m.Referrer)
			return
		}
	}
}

// Referrer asks for a member who brings another, what was given to it, and its cards.
func (c *allianceState) Referrer(member string) {
	c.Member(member)
	if len(c.setup.Campaigns) == 0 || !c.setup.AnswersReferrals() {
		return
	}
	c.given(member)
	if _, asked := c.state.Holders[member]; asked {
		return
	}
	c.state.Holders[member] = nil
	c.missing.holders = append(c.missing.holders, member)
	c.missing.then(func() {
		c.state.Holders[member] = c.holdings(member)
		for _, code := range c.state.Holders[member] {
			c.Card(code)
		}
	})
}

// given asks for what was given to a member, and reports whether it is in memory.
func (c *allianceState) given(member string) bool {
	if c.state.Gifted[member] != nil || c.gifted.Recall(c.state.Gifted, member) {
		return true
	}
	c.state.Gifted[member] = alliance.NewGifted() // to be filled
	c.missing.gifted = append(c.missing.gifted, member)
	return false
}

// readGifted queues the reads of what was given to members in spans that still run. Nothing
// was given in later ones.
func (c *allianceState) readGifted(reads *pgx.Batch, members []string) {
	if len(members) == 0 {
		return
	}
	members = slices.Clone(members)
	count, given := alliance.GiftCount{}, 0
	reads.Queue(`
		SELECT g.* FROM unnest($2::text[]) AS n (member),
		LATERAL (SELECT member, campaign, span, given FROM gift_counts WHERE alliance_id = $1 AND member = n.member AND span = ANY ($3::integer[]) OFFSET 0) g`,
		c.allianceID, members, c.setup.Spans(c.head.BookedThrough)).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&count.Member, &count.Campaign, &count.Span, &given}, func() error {
			c.state.Gifted[count.Member].Given[count] = given
			return nil
		})
		return err
	})
	if !c.setup.AnswersReferrals() {
		return
	}
	var member, campaign string
	reads.Queue(`
		SELECT r.* FROM unnest($2::text[]) AS n (member),
		LATERAL (SELECT member, campaign FROM referrals_answered WHERE alliance_id = $1 AND member = n.member OFFSET 0) r`,
		c.allianceID, members).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&member, &campaign}, func() error {
			c.state.Gifted[member].Fired[campaign] = true
			return nil
		})
		return err
	})
}

// readHolders queues the reads of the cards that members have on disk.
func (c *allianceState) readHolders(reads *pgx.Batch, members []string) {
	if len(members) == 0 {
		return
	}
	var member, card string
	reads.Queue(`
		SELECT c.* FROM unnest($2::text[]) AS n (member),
		LATERAL (SELECT member, card FROM cards WHERE alliance_id = $1 AND member = n.member AND replaced_by IS NULL OFFSET 0) c`,
		c.allianceID, slices.Clone(members)).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&member, &card}, func() error {
			c.state.Holders[member] = append(c.state.Holders[member], card)
			return nil
		})
		return err
	})
}

// holdings returns the cards that a member has, given those on disk: what is in memory is
// newer.
func (c *allianceState) holdings(member string) []string {
	codes := slices.Concat(c.state.Holders[member], c.gained.now[member], c.gained.before[member])
	slices.Sort(codes)
	codes = slices.Compact(codes)
	return slices.DeleteFunc(codes, func(code string) bool {
		return c.cards.Recall(c.state.Cards, code) && (c.state.Cards[code].Member != member || c.state.Cards[code].ReplacedBy != nil)
	})
}

// gained is the cards that members have got in the batch that is being decided, and in the
// one before, which may not be on disk yet.
type gained struct{ now, before map[string][]string }

func (g *gained) rotate() { g.now, g.before = nil, g.now }

// noteGained notes a card that a record gave to a member.
func (c *allianceState) noteGained(r *alliance.Record) {
	code := r.Card
	if r.Facts.Growth != nil && r.Facts.Growth.NewCard != "" {
		code = r.Facts.Growth.NewCard
	} else if card := c.state.Cards[code]; card == nil || card.HeldSince != r.Seq {
		return
	}
	if c.gained.now == nil {
		c.gained.now = make(map[string][]string)
	}
	c.gained.now[r.Member] = append(c.gained.now[r.Member], code)
}
