package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// GiftGranted is a gift that was asked for.
const GiftGranted ledger.Type = "gift.granted"

// GrantGift gives a card the gift of a campaign that gives by command.
type GrantGift struct{ Card, Campaign string }

// Event returns GiftGranted.
func (GrantGift) Event() ledger.Type { return GiftGranted }

func giftGranted() *Kind {
	return &Kind{
		Type:  GiftGranted,
		Label: ledger.Label{Chinese: "赠礼", English: "Gift granted"},
		Command: command(
			[]Field{cardField(), codeField("campaign")},
			func(v Values) GrantGift { return GrantGift{Card: v.Text("card"), Campaign: v.Text("campaign")} },
			func(c GrantGift, l Loader) { l.Gifts(c.Card) },
			(*State).decideGift),
		Apply:     (*State).applyGift,
		Schedules: dueOfGift,
	}
}

func (s *State) decideGift(c GrantGift, at time.Time) (Record, error) {
	card, err := s.card(c.Card)
	if err != nil {
		return Record{}, err
	}
	campaign := s.campaign(c.Campaign)
	if campaign == nil {
		return Record{}, refuse(CodeUnknownCampaign, "no campaign %q is in this circle", c.Campaign)
	}
	if campaign.When != WhenCommand {
		return Record{}, refuse(CodeUnknownCampaign, "%q gives by itself, when: %s; only a campaign with when: command is granted", c.Campaign, campaign.When)
	}
	return s.give(campaign, card, 0, GiftGranted, at)
}
