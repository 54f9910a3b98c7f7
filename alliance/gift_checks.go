package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing"
)

// giftRefused returns the code with which a gift to a card is refused, or "". The order of the
// checks is that of the rules; what is left is the debit cap of its funder. It writes no text,
// because it is asked of each campaign after each use of a card.
func (s *State) giftRefused(c *Campaign, card *Card, at time.Time) string {
	terms := s.Setup.Current()
	switch {
	case card.ReplacedBy != nil:
		return CodeCardReplaced
	case card.Cancelled:
		return CodeCardCancelled
	case card.Refunded:
		return CodeCardRefunded
	case card.Frozen:
		return CodeCardFrozen
	case card.Expired:
		return CodeCardExpired
	case !s.reaches(card, c.Tier, at):
		return CodeTierTooLow
	case c.Home != "" && c.Home != s.home(card):
		return CodeWrongMerchant
	case terms.HomeOnly && !c.Bonus.IsZero() && s.home(card) == "":
		return CodeWrongMerchant
	case !c.open(at):
		return CodeCampaignClosed
	case c.PerMember > 0 && s.given(c, card, at) >= c.PerMember:
		return CodeGiftExhausted
	case c.Limited && c.cost(terms.PointCost) > s.budgetLeft(c):
		return CodeOverBudget
	}
	return ""
}

// reaches reports whether a card has a tier, or one above it.
func (s *State) reaches(card *Card, tier string, at time.Time) bool {
	tiers := s.Setup.Current().Tiers
	if tier == "" || tiers == nil {
		return true
	}
	_, rung := tiers.growth(card, s.Setup.monthOf(at))
	return rung >= tiers.rung(tier)
}

// given returns how often the member who has a card got a campaign's gift in its running span.
func (s *State) given(c *Campaign, card *Card, at time.Time) int {
	gifted := s.gifted(card.Member)
	if gifted == nil {
		return 0
	}
	return gifted.Given[GiftCount{Campaign: c.Code, Member: card.Member, Span: c.span(at, s.Setup.location())}]
}

// budgetLeft returns what is left of a campaign's budget, in minor units.
func (s *State) budgetLeft(c *Campaign) int64 {
	if sums := s.Campaigns[c.Code]; sums != nil {
		return c.Budget.Minor() - sums.Committed
	}
	return c.Budget.Minor()
}

// refuseGift returns the refusal of a gift in words.
func (s *State) refuseGift(code string, c *Campaign, card *Card, at time.Time) error {
	switch code {
	case CodeTierTooLow:
		tier, _ := s.Standing(card, at)
		return refuse(CodeTierTooLow, "card %q has the tier %q, and %q is for %q and above", card.Code, tier.Code, c.Code, c.Tier)
	case CodeWrongMerchant:
		if c.Home != "" && c.Home != s.home(card) {
			return refuse(CodeWrongMerchant, "%q is for cards that %q sold", c.Code, c.Home)
		}
		return refuse(CodeWrongMerchant, "card %q has no home, so no stored value can be on it", card.Code)
	case CodeCampaignClosed:
		switch c.State() {
		case CampaignStateAwaiting:
			return refuse(CodeCampaignClosed, "%q gives nothing until %q, who funds it, agrees to it", c.Code, c.FundedBy)
		case CampaignStatePaused:
			return refuse(CodeCampaignClosed, "%q is paused", c.Code)
		case CampaignStateClosed:
			return refuse(CodeCampaignClosed, "%q is closed", c.Code)
		}
		return refuse(CodeCampaignClosed, "%q gives nothing at %s", c.Code, at.Format(time.RFC3339))
	case CodeGiftExhausted:
		return refuse(CodeGiftExhausted, "the member has got %q already, as often as it is given: %d", c.Code, s.given(c, card, at))
	case CodeOverBudget:
		return s.overBudget(c)
	case CodeCardExpired:
		return card.unexpired()
	}
	return card.usable()
}

func (s *State) overBudget(c *Campaign) *clearing.Refusal {
	left, cost := s.Setup.Currency.Minor(s.budgetLeft(c)), s.Setup.Currency.Minor(c.cost(s.Setup.Current().PointCost))
	r := refuse(CodeOverBudget, "a gift of %q costs %s, and %s of its budget is left", c.Code, cost, left)
	r.Data = map[string]string{"available": left.String(), "required": cost.String()}
	return r
}
