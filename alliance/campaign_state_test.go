package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
)

// stands returns a campaign with its newest version and those before.
func stands(versions ...*alliance.Campaign) *alliance.Campaign {
	newest := *versions[len(versions)-1]
	newest.Earlier = versions[:len(versions)-1]
	return &newest
}

func TestAChangeOfACampaignStandsBetweenTwoTransactions(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	const code = "promo"
	n.campaign(t, code, alliance.WhenCommand, func(c *alliance.Campaign) { c.Points, c.PerMember = 1, 9 })
	grant := alliance.GrantGift{Card: "card", Campaign: code}
	at := time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
	put := func(c *alliance.Campaign) {
		for i := range n.setup.Campaigns {
			if n.setup.Campaigns[i].Code == code {
				n.setup.Campaigns[i] = c
			}
		}
	}
	written := *n.setup.Campaign(code)
	last := n.state.LastSeq
	require.EqualValues(t, len(n.records), last)

	// It is not there before it was added.
	added := written.Added(clearing.Organiser, last+1, at)
	put(&added)
	n.refused(t, alliance.CodeUnknownCampaign, grant)
	added = written.Added(clearing.Organiser, last, at)
	paused, err := added.Changed(alliance.CampaignPaused, clearing.Organiser, last, at)
	require.NoError(t, err)
	put(stands(&added, paused))
	n.refused(t, alliance.CodeCampaignClosed, grant)

	// What is paused after a transaction that has not come yet still gives.
	paused, err = added.Changed(alliance.CampaignPaused, clearing.Organiser, last+1, at)
	require.NoError(t, err)
	put(stands(&added, paused))
	n.must(t, grant)
	n.refused(t, alliance.CodeCampaignClosed, grant)
	resumed, err := paused.Changed(alliance.CampaignResumed, clearing.Organiser, n.state.LastSeq, at)
	require.NoError(t, err)
	require.Equal(t, 3, resumed.Version)
	closed, err := resumed.Changed(alliance.CampaignClosed, clearing.Organiser, n.state.LastSeq, at)
	require.NoError(t, err)
	put(stands(&added, paused, resumed, closed))
	n.refused(t, alliance.CodeCampaignClosed, grant)
	_, err = closed.Changed(alliance.CampaignResumed, clearing.Organiser, n.state.LastSeq, at)
	require.ErrorIs(t, err, alliance.ErrCampaignEnded)
}

func TestNobodySpendsAMerchantsMoney(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
	funded := alliance.Campaign{Code: "x", FundedBy: "cafe", PerMember: 1}
	by := func(c alliance.Campaign, party string) alliance.CampaignState {
		c = c.Added(party, 0, at)
		return c.State()
	}
	require.Equal(t, alliance.CampaignStateRunning, by(funded, "cafe"))
	require.Equal(t, alliance.CampaignStateAwaiting, by(funded, clearing.Organiser))
	require.Equal(t, alliance.CampaignStateRunning, by(alliance.Campaign{Code: "x"}, clearing.Organiser))

	// A campaign that waits is closed, paused and resumed as another is, and goes on waiting.
	waits := funded.Added(clearing.Organiser, 0, at)
	paused, err := waits.Changed(alliance.CampaignPaused, "cafe", 0, at)
	require.NoError(t, err)
	require.Equal(t, alliance.CampaignStateAwaiting, paused.State())
	agreed, err := paused.Changed(alliance.CampaignAgreed, "cafe", 0, at)
	require.NoError(t, err)
	require.Equal(t, alliance.CampaignStatePaused, agreed.State(), "it agrees to it, and it is still paused")
	resumed, err := agreed.Changed(alliance.CampaignResumed, "cafe", 0, at)
	require.NoError(t, err)
	require.Equal(t, alliance.CampaignStateRunning, resumed.State())
	closed, err := waits.Changed(alliance.CampaignClosed, clearing.Organiser, 0, at)
	require.NoError(t, err)
	require.Equal(t, alliance.CampaignStateClosed, closed.State())
}
