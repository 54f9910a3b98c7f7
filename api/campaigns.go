package api

import (
	"context"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// actor returns who the caller acts as: the organiser, or a shop.
func (s *scope) actor() string {
	if own := s.grant.Merchant(); own != "" {
		return own
	}
	return clearing.Organiser
}

// readCampaigns runs a function with the setup and the sums of all campaigns, of one instant.
func (h *handlers) readCampaigns(ctx context.Context, f func(*alliance.Setup, map[string]*alliance.CampaignSums) error) error {
	return h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		sums, err := store.CampaignSums(ctx, db, head.Alliance.ID)
		if err != nil {
			return err
		}
		return f(setup, sums)
	})
}

// ListCampaigns returns a page of campaigns in the order of their codes: all, or those that
// the caller's shop funds.
func (h *handlers) ListCampaigns(ctx context.Context, r routes.ListCampaignsRequestObject) (routes.ListCampaignsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var answer routes.ListCampaigns200JSONResponse
	err = h.readCampaigns(ctx, func(setup *alliance.Setup, sums map[string]*alliance.CampaignSums) error {
		var found []*alliance.Campaign
		for _, c := range setup.Campaigns {
			if c.Code > after && sc.grant.Check("campaign", c.FundedBy) == nil {
				found = append(found, c)
			}
		}
		found, next := cut(found, size, sc.operation.id, func(c *alliance.Campaign) string { return c.Code })
		answer = routes.ListCampaigns200JSONResponse{NextCursor: next, Items: each(found, func(c *alliance.Campaign) spec.Campaign {
			return campaignView(c, sums[c.Code], setup)
		})}
		return nil
	})
	return answer, err
}

// campaign returns a campaign that the caller may see.
func (h *handlers) campaign(ctx context.Context, code string) (view spec.Campaign, versions []spec.CampaignVersion, err error) {
	sc := scopeOf(ctx)
	err = h.readCampaigns(ctx, func(setup *alliance.Setup, sums map[string]*alliance.CampaignSums) error {
		c := setup.Campaign(code)
		if c == nil {
			return problem.Absent("campaign")
		}
		if err := sc.grant.Check("campaign", c.FundedBy); err != nil {
			return err
		}
		view = campaignView(c, sums[code], setup)
		for _, earlier := range c.Earlier {
			versions = append(versions, campaignVersion(earlier))
		}
		versions = append(versions, campaignVersion(c))
		return nil
	})
	return view, versions, err
}

// GetCampaign returns a campaign and how it stood before.
func (h *handlers) GetCampaign(ctx context.Context, r routes.GetCampaignRequestObject) (routes.GetCampaignResponseObject, error) {
	view, versions, err := h.campaign(ctx, r.Campaign)
	return routes.GetCampaign200JSONResponse{Campaign: view, Versions: versions}, err
}

// AddCampaign adds a campaign. A shop's owner adds what the shop funds.
func (h *handlers) AddCampaign(ctx context.Context, r routes.AddCampaignRequestObject) (routes.AddCampaignResponseObject, error) {
	sc := scopeOf(ctx)
	document, err := convert[alliance.CampaignDocument](r.Body)
	if err != nil {
		return nil, err
	}
	if own := sc.grant.Merchant(); own != "" {
		if document.FundedBy != "" && document.FundedBy != own {
			return nil, problem.At("funded_by", problem.CodeForbiddenMerchant, "this key acts at %s, which funds what it adds; leave funded_by out", own)
		}
		document.FundedBy = own
	}
	var campaign alliance.Campaign
	err = h.change(ctx, func(tx clearing.Tx) error {
		if campaign, err = store.ProposeCampaign(ctx, tx, sc.alliance.ID, document, sc.actor(), sc.now); err != nil {
			return err
		}
		return store.CheckLive(ctx, tx, sc.alliance, func(setup *alliance.Setup) error { return setup.CheckReferralCampaign(&campaign) })
	})
	if err != nil {
		return nil, err
	}
	view, _, err := h.campaign(ctx, campaign.Code)
	return routes.AddCampaign201JSONResponse(view), err
}

// changeCampaign changes a campaign that the caller may see, and returns it.
func (h *handlers) changeCampaign(ctx context.Context, code string, f func(tx clearing.Tx) error) (spec.Campaign, error) {
	if _, _, err := h.campaign(ctx, code); err != nil {
		return spec.Campaign{}, err
	}
	if err := h.change(ctx, f); err != nil {
		return spec.Campaign{}, err
	}
	view, _, err := h.campaign(ctx, code)
	return view, err
}

// checkCampaign refuses that a campaign of a live circle gives again, if the law forbids it.
func (s *scope) checkCampaign(ctx context.Context, tx clearing.Tx, code string) error {
	return store.CheckLive(ctx, tx, s.alliance, func(setup *alliance.Setup) error {
		c := setup.Campaign(code)
		if c == nil {
			return alliance.ErrCampaignUnknown
		}
		return setup.CheckReferralCampaign(c)
	})
}

// switchCampaign pauses, resumes or closes a campaign.
func (h *handlers) switchCampaign(ctx context.Context, code, change string) (spec.Campaign, error) {
	sc := scopeOf(ctx)
	return h.changeCampaign(ctx, code, func(tx clearing.Tx) error {
		if change == alliance.CampaignResumed {
			if err := sc.checkCampaign(ctx, tx, code); err != nil {
				return err
			}
		}
		return store.ChangeCampaign(ctx, tx, sc.alliance.ID, code, change, sc.actor(), sc.now)
	})
}

// PauseCampaign lets a campaign give nothing for now.
func (h *handlers) PauseCampaign(ctx context.Context, r routes.PauseCampaignRequestObject) (routes.PauseCampaignResponseObject, error) {
	view, err := h.switchCampaign(ctx, r.Campaign, alliance.CampaignPaused)
	return routes.PauseCampaign200JSONResponse(view), err
}

// ResumeCampaign lets a campaign give again.
func (h *handlers) ResumeCampaign(ctx context.Context, r routes.ResumeCampaignRequestObject) (routes.ResumeCampaignResponseObject, error) {
	view, err := h.switchCampaign(ctx, r.Campaign, alliance.CampaignResumed)
	return routes.ResumeCampaign200JSONResponse(view), err
}

// CloseCampaign ends a campaign for good.
func (h *handlers) CloseCampaign(ctx context.Context, r routes.CloseCampaignRequestObject) (routes.CloseCampaignResponseObject, error) {
	view, err := h.switchCampaign(ctx, r.Campaign, alliance.CampaignClosed)
	return routes.CloseCampaign200JSONResponse(view), err
}

// AgreeToCampaign is the consent of the shop that funds a campaign.
func (h *handlers) AgreeToCampaign(ctx context.Context, r routes.AgreeToCampaignRequestObject) (routes.AgreeToCampaignResponseObject, error) {
	sc := scopeOf(ctx)
	view, err := h.changeCampaign(ctx, r.Campaign, func(tx clearing.Tx) error {
		if err := sc.checkCampaign(ctx, tx, r.Campaign); err != nil {
			return err
		}
		return store.AgreeToCampaign(ctx, tx, sc.alliance.ID, r.Campaign, r.Body.Version, sc.actor(), sc.now)
	})
	return routes.AgreeToCampaign200JSONResponse(view), err
}

// AmendCampaign changes a campaign's end, budget, and how often members get it.
func (h *handlers) AmendCampaign(ctx context.Context, r routes.AmendCampaignRequestObject) (routes.AmendCampaignResponseObject, error) {
	sc := scopeOf(ctx)
	amendment, err := convert[alliance.CampaignAmendment](r.Body)
	if err != nil {
		return nil, err
	}
	view, err := h.changeCampaign(ctx, r.Campaign, func(tx clearing.Tx) error {
		return store.AmendCampaign(ctx, tx, sc.alliance.ID, r.Campaign, amendment, sc.actor(), sc.now)
	})
	return routes.AmendCampaign200JSONResponse(view), err
}

func campaignView(c *alliance.Campaign, sums *alliance.CampaignSums, setup *alliance.Setup) spec.Campaign {
	if sums == nil {
		sums = &alliance.CampaignSums{}
	}
	view := spec.Campaign{
		Code: c.Code, When: spec.CampaignWhen(c.When), Minimum: c.Minimum.String(), Tier: given(c.Tier), Home: given(c.Home),
		From: instant(c.From), Until: instant(c.Until), Every: spec.CampaignEvery(c.Every), FundedBy: c.Funder(), Gift: giftView(c),
		State: spec.CampaignState(c.State()), Version: c.Version, ChangedAt: c.Since, ChangedBy: c.By,
		Given: sums.Given, Committed: setup.Currency.Minor(sums.Committed).String(),
	}
	if c.PerMember > 0 {
		view.PerMember = &c.PerMember
	}
	if c.Limited {
		view.Budget, view.BudgetLeft = given(c.Budget.String()), given(setup.Currency.Minor(c.Budget.Minor()-sums.Committed).String())
	}
	return view
}

func giftView(c *alliance.Campaign) spec.GiftSpec {
	var view spec.GiftSpec
	if c.Points > 0 {
		points := int(c.Points)
		view.Points = &points
	}
	if !c.Bonus.IsZero() {
		view.Bonus = given(c.Bonus.String())
	}
	if len(c.Coupons) > 0 {
		coupons := each(c.Coupons, func(g alliance.GiftCoupon) spec.GiftCouponSpec {
			return spec.GiftCouponSpec{
				Code: g.Code, Merchants: g.Merchants, Threshold: given(g.Threshold.String()), Discount: g.Discount.String(), Uses: &g.Uses, ValidDays: g.ValidDays,
			}
		})
		view.Coupons = &coupons
	}
	return view
}

func campaignVersion(c *alliance.Campaign) spec.CampaignVersion {
	view := spec.CampaignVersion{
		Version: c.Version, Change: c.Change, ChangedAt: c.Since, ChangedBy: c.By, State: spec.CampaignState(c.State()), Until: instant(c.Until),
	}
	if c.Seq > 0 {
		view.AfterTransaction = ledger.ID(c.Seq)
	}
	if c.PerMember > 0 {
		view.PerMember = &c.PerMember
	}
	if c.Limited {
		view.Budget = given(c.Budget.String())
	}
	return view
}
