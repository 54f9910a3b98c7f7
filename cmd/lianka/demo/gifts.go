package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/lianka/lianka/api/spec"
)

// The campaigns: the circle welcomes each member with points, and the salon adds a bonus
// for who joins there. The salon has one till, so who gets the last bonus of its budget is
// the same in each run of a seed.
const (
	welcome       = "welcome"
	welcomePoints = 50
	sponsor       = "salon"
	sponsorBonus  = 20 * yuan
	sponsorBudget = 100 * yuan
)

// giftPart is what a gift moves to a card from who funds it.
type giftPart struct {
	card, funder string
	amount       fen
}

// gifts predicts what the campaigns give by themselves.
type gifts struct {
	unseen    map[giftPart]int // predicted, and not in a log that was read
	welcomed  int64
	sponsored int64
	committed map[string]fen // by campaign
	ranOut    time.Time      // when a member was the first to get no bonus; zero: none was
	without   string         // that member
}

func newGifts() gifts { return gifts{unseen: make(map[giftPart]int), committed: make(map[string]fen)} }

// joined predicts the gifts for a new member: it returns the bonus. The points are
// the same for all.
func (g *gifts) joined(code, member string, home *merchant, at time.Time) fen {
	g.welcomed++
	g.committed[welcome] += welcomePoints * pointWorth
	g.unseen[giftPart{code, organiser, welcomePoints * pointWorth}]++
	if home == nil || home.code != sponsor {
		return 0
	}
	if g.committed[sponsor]+sponsorBonus > sponsorBudget {
		if g.ranOut.IsZero() {
			g.ranOut, g.without = at, member
		}
		return 0
	}
	g.sponsored++
	g.committed[sponsor] += sponsorBonus
	g.unseen[giftPart{code, sponsor, sponsorBonus}]++
	return sponsorBonus
}

// takenBack predicts what the reversal of an unused card's sale gives back.
func (g *gifts) takenBack(bonus fen) {
	g.committed[welcome] -= welcomePoints * pointWorth
	g.committed[sponsor] -= bonus
}

// seen takes a gift of the log off the predicted ones.
func (g *gifts) seen(t *spec.Transaction) error {
	for i := range t.Entries {
		e := &t.Entries[i]
		funder := partyOf(e)
		if funder == holders {
			continue
		}
		amount, err := moved(e)
		if err != nil {
			return err
		}
		part := giftPart{*t.Card, funder, -amount}
		if g.unseen[part] == 0 {
			return fmt.Errorf("%s: %s gave %s to card %s, which no campaign provides", t.Transaction, funder, -amount, *t.Card)
		}
		if g.unseen[part]--; g.unseen[part] == 0 {
			delete(g.unseen, part)
		}
	}
	return nil
}

// addCampaigns sets the campaigns up. The organiser adds both; the salon's owner agrees to
// the one that the salon pays for.
func (s *story) addCampaigns(ctx context.Context) error {
	points := welcomePoints
	added, err := s.org.AddCampaignWithResponse(ctx, spec.CampaignSpec{Code: welcome, When: "joined", Gift: spec.GiftSpec{Points: &points}})
	if err != nil {
		return err
	}
	if _, err := expect200(added.JSON201, added.Body); err != nil {
		return err
	}
	added, err = s.org.AddCampaignWithResponse(ctx, spec.CampaignSpec{
		Code: sponsor, When: "joined", Home: ptr(sponsor), FundedBy: ptr(sponsor), Budget: ptr(sponsorBudget.String()),
		Gift: spec.GiftSpec{Bonus: ptr(sponsorBonus.String())},
	})
	if err != nil {
		return err
	}
	campaign, err := expect200(added.JSON201, added.Body)
	if err != nil {
		return err
	}
	if campaign.State != spec.CampaignStateAwaitingConsent {
		return fmt.Errorf("the campaign that %s funds should wait for its consent, and is %s", sponsor, campaign.State)
	}
	owner := s.merchant(sponsor).office.asks()
	agreed, err := owner.AgreeToCampaignWithResponse(ctx, sponsor, spec.CampaignConsent{Version: campaign.Version})
	if err != nil {
		return err
	}
	_, err = expect200(agreed.JSON200, agreed.Body)
	return err
}

// checkCampaigns compares what the campaigns gave with the prediction.
func (s *story) checkCampaigns(ctx context.Context) error {
	g := &s.simulation.gifts
	for code, given := range map[string]int64{welcome: g.welcomed, sponsor: g.sponsored} {
		answer, err := s.org.GetCampaignWithResponse(ctx, code)
		if err != nil {
			return err
		}
		campaign, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return err
		}
		committed, err := parseFen(campaign.Campaign.Committed)
		if err != nil {
			return err
		}
		if campaign.Campaign.Given != given || committed != g.committed[code] {
			return fmt.Errorf("campaign %s has given %d times, %s, and should have %d times, %s", code, campaign.Campaign.Given, committed, given, g.committed[code])
		}
	}
	return nil
}
