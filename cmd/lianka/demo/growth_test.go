package demo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// requireGrowth looks for what is printed of gifts, holds and refunds in the books. The
// circle needs so many members that the salon's budget runs out.
func requireGrowth(t *testing.T, api *client.ClientWithResponses, printed string) {
	t.Helper()
	said := strings.Join(strings.Fields(printed), " ")
	campaign, err := api.GetCampaignWithResponse(t.Context(), "salon")
	require.NoError(t, err)
	require.Equal(t, "salon", campaign.JSON200.Campaign.FundedBy)
	require.Equal(t, "0.00", *campaign.JSON200.Campaign.BudgetLeft)
	require.Contains(t, said, "the budget had run out: m")
	changes := campaign.JSON200.Versions
	require.Equal(t, spec.CampaignStateAwaitingConsent, changes[0].State, "it waits for the salon's owner")

	types := map[string]int{}
	limit := 200
	params := spec.ListTransactionsParams{Limit: &limit}
	for {
		page, err := api.ListTransactionsWithResponse(t.Context(), &params)
		require.NoError(t, err)
		for _, x := range page.JSON200.Items {
			types[x.Type]++
		}
		if params.Cursor = page.JSON200.NextCursor; params.Cursor == nil {
			break
		}
	}
	for kind, count := range map[string]int{
		"hold.placed": 3, "hold.captured": 1, "hold.voided": 1, "hold.expired": 1, "item.redeemed": 3,
		"card.replaced": 1, "card.given": 1, "card.refunded": 3,
	} {
		require.Equal(t, count, types[kind], kind)
	}

	tiers := map[string]int{}
	cards, err := api.ListCardsWithResponse(t.Context(), &spec.ListCardsParams{Limit: &limit})
	require.NoError(t, err)
	for _, c := range cards.JSON200.Items {
		if c.Tier != nil {
			tiers[c.Tier.Code]++
		}
	}
	require.Nil(t, cards.JSON200.NextCursor)
	require.NotZero(t, tiers["silver"])
	require.Contains(t, said, fmt.Sprintf("%d cards rose to silver, for 500.00 spent, and %d to gold", tiers["silver"], tiers["gold"]))

	item, err := api.GetItemWithResponse(t.Context(), "mug")
	require.NoError(t, err)
	require.EqualValues(t, 12, *item.JSON200.Stock)
	require.EqualValues(t, 9, *item.JSON200.Left)

	for _, line := range []string{
		"ana cooling_off price part 199.00 value part 0.00 from florist",
		"mei member price part 181.00 value part 200.00 from custody",
		"hao shop price part 172.54 value part 185.71 from gym",
		"each by its clause:", "told card_replaced", "told out_of_stock",
	} {
		require.Contains(t, said, line)
	}
}
