package alliance

import (
	"iter"

	"github.com/lianka/lianka/clearing/ledger"
)

// campaigns yields the campaigns as they stand after the last transaction, without those that
// were added later or are closed.
func (s *State) campaigns() iter.Seq[*Campaign] {
	return func(yield func(*Campaign) bool) {
		for _, c := range s.Setup.Campaigns {
			if c = c.asOf(s.LastSeq); c != nil && !c.Closed && !yield(c) {
				return
			}
		}
	}
}

// causeJoined schedules the gifts for a member's first purchase.
func (s *State) causeJoined(card *Card, sale *Record) {
	q := s.giftsAfter(sale)
	for c := range s.campaigns() {
		if c.When == WhenJoined {
			q.add(c, card)
		}
	}
}

// causeGifts schedules the gifts that a spend, capture or purchase causes.
func (s *State) causeGifts(card *Card, use *Record, climbed climb) {
	q := s.giftsAfter(use)
	for c := range s.campaigns() {
		switch c.When {
		case WhenUse:
			if use.Facts.Amount >= c.Minimum.Minor() {
				q.add(c, card)
			}
		case WhenReferred, WhenRefers:
			if use.Facts.Amount >= c.Minimum.Minor() {
				s.causeReferral(&q, c, card)
			}
		case WhenTier:
			q.addTier(c, card, climbed)
		}
	}
}

// UseCauses says what the gifts that the use of a card may cause depend on.
type UseCauses struct {
	Gifts    bool // on what was given to the member who has the card
	Referral bool // on who brought the member, if somebody did, and on what was given to both
}

// UseCauses returns what gifts may follow the use of a card for an amount or less, in minor
// units. Before it, uses of the card for growth in all may be booked that is not on it yet.
func (s *State) UseCauses(card *Card, amount, growth int64) (causes UseCauses) {
	for _, c := range s.Setup.Campaigns {
		if c.Closed {
			continue
		}
		switch c.When {
		case WhenUse:
			causes.Gifts = causes.Gifts || amount >= c.Minimum.Minor()
		case WhenReferred, WhenRefers:
			causes.Referral = causes.Referral || amount >= c.Minimum.Minor()
		case WhenTier:
			causes.Gifts = causes.Gifts || s.mayReach(card, c.Tier, growth+amount)
		}
	}
	return causes
}

// mayReach reports whether a card may come to a tier in any window, if its growth gains some
// more. Points come from gifts as well, so of these it is not said.
func (s *State) mayReach(card *Card, tier string, more int64) bool {
	tiers := s.Setup.Current().Tiers
	if tiers == nil || tiers.Measure == MeasurePoints {
		return tiers != nil
	}
	for _, g := range card.Growth {
		more += max(g.Spent, 0)
	}
	return more >= tiers.Ladder[tiers.rung(tier)].From
}

// causeTierGifts schedules the gifts that a gift causes, by lifting its card's tier.
func (s *State) causeTierGifts(card *Card, gift *Record, climbed climb) {
	if climbed.before == climbed.after {
		return
	}
	q := s.giftsAfter(gift)
	for c := range s.campaigns() {
		if c.When == WhenTier {
			q.addTier(c, card, climbed)
		}
	}
}

// causeReferral schedules the gift for the first use by a member who has a referrer. It
// fires once for the member, even if nothing can be given.
func (s *State) causeReferral(q *giftQueue, c *Campaign, card *Card) {
	member := s.Members[card.Member]
	if member == nil || member.Referrer == "" {
		return
	}
	fired := Fired{Campaign: c.Code, Member: member.Code}
	gifted := s.withGifted(member.Code)
	if gifted.Fired[c.Code] {
		return
	}
	gifted.Fired[c.Code] = true
	if s.Changes != nil {
		s.Changes.Fired = append(s.Changes.Fired, fired)
	}
	if c.When == WhenRefers {
		card = s.newestCard(member.Referrer)
	}
	if card != nil {
		q.add(c, card)
	}
}

// newestCard returns the active card that a member has had for the shortest time, or nil.
func (s *State) newestCard(member string) *Card {
	var newest *Card
	for _, code := range s.Holders[member] {
		if card := s.Cards[code]; card != nil && card.Status() == Active && (newest == nil || card.HeldSince > newest.HeldSince) {
			newest = card
		}
	}
	return newest
}

// giftQueue schedules the gifts that follow a record, in the order of the campaigns' codes.
type giftQueue struct {
	s     *State
	cause *Record
	part  int
}

func (s *State) giftsAfter(cause *Record) giftQueue { return giftQueue{s: s, cause: cause} }

// add schedules a gift. One that would come next and is refused is left out at once: nothing
// can happen before it that changes the answer.
func (q *giftQueue) add(c *Campaign, to *Card) {
	part := q.part
	q.part++
	next, ok := q.s.Due.Next()
	if waits := ok && next.Rank == RankConsequence; !waits && q.s.giftRefused(c, to, q.cause.BookedAt) != "" {
		return
	}
	q.s.Schedule(DueWork{
		At: q.cause.BookedAt, Rank: RankConsequence, Kind: GiftEarned, Subject: q.cause.Seq, Part: part, Card: to.Code, Campaign: c.Code,
	}, q.cause.BookedAt)
}

func (q *giftQueue) addTier(c *Campaign, to *Card, climbed climb) {
	if tiers := q.s.Setup.Current().Tiers; tiers != nil && climbed.reached(tiers.rung(c.Tier)) {
		q.add(c, to)
	}
}

// refusesGift reports whether a gift that is to follow can't be given.
func (s *State) refusesGift(work DueWork) bool {
	campaign, card := s.campaign(work.Campaign), s.current(work.Card)
	if campaign == nil || card == nil || s.giftRefused(campaign, card, work.At) != "" {
		return true
	}
	_, err := s.runGift(work)
	return err != nil
}

// dropRefused removes from the front of the agenda the gifts that can't be given. A gift is
// asked for only when it is the next, because those before it count. It is called after each
// record, so that [State.NextDue] always finds work that makes a transaction.
func (s *State) dropRefused() {
	for {
		work, ok := s.Due.Next()
		if !ok || work.Kind != GiftEarned || !s.refusesGift(work) {
			return
		}
		s.Due.Pop()
		s.noteEnded(work)
	}
}

// noteHolder notes that a member has got a card. Only campaigns ask who has which cards.
func (s *State) noteHolder(member, card string) {
	if len(s.Setup.Campaigns) == 0 {
		return
	}
	if cards, known := s.Holders[member]; known || !s.Partial {
		s.Holders[member] = append(cards, card)
	}
}

// dropHolder notes that a member no longer has a card.
func (s *State) dropHolder(member, card string) {
	cards := s.Holders[member]
	for i, code := range cards {
		if code == card {
			s.Holders[member] = append(cards[:i:i], cards[i+1:]...)
			return
		}
	}
}

// GiftEarned is a gift that follows the event that caused it.
const GiftEarned ledger.Type = "gift.earned"

func giftEarned() *Kind {
	return &Kind{
		Type:  GiftEarned,
		Label: ledger.Label{Chinese: "自动赠礼", English: "Gift earned"},
		Due: &DueKind{
			Rank:  RankConsequence,
			Names: func(w DueWork, l Loader) { l.Card(w.Card) },
			Run:   (*State).runGift,
		},
		Apply:     (*State).applyGift,
		Schedules: dueOfGift,
	}
}

// runGift gives a gift that an event has caused.
func (s *State) runGift(work DueWork) (Record, error) {
	campaign, card := s.campaign(work.Campaign), s.current(work.Card)
	if campaign == nil || card == nil {
		return Record{}, refuse(CodeUnknownCampaign, "no campaign %q is in this circle", work.Campaign)
	}
	return s.give(campaign, card, work.Subject, GiftEarned, work.At)
}
