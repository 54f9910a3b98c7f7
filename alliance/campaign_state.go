package alliance

import (
	"slices"
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// CampaignState is how a campaign stands.
type CampaignState string

// The states, the first that applies counts. A campaign gives only while it is running.
const (
	CampaignStateClosed   CampaignState = "closed"           // for good
	CampaignStateAwaiting CampaignState = "awaiting_consent" // the merchant that funds it has not agreed to it
	CampaignStatePaused   CampaignState = "paused"
	CampaignStateRunning  CampaignState = "running"
)

// CampaignStanding is how a campaign stands from one change of it to the next. A change stands
// between two transactions: what follows the later one is decided by it, and what followed
// the earlier one is not, even if all three have the same instant.
type CampaignStanding struct {
	Version  int       // counted from 1, as it was added
	Seq      int64     // the last transaction before it
	Since    time.Time // when it was changed
	Change   string    // what was done, such as [CampaignPaused]
	By       string    // who did it: clearing.Organiser or a merchant
	Awaiting bool      // the merchant that funds it has to agree to it first
	PausedBy string    // who paused it; "": nobody
	Closed   bool
}

// State returns the first that applies of closed, awaiting consent, paused, running.
func (s *CampaignStanding) State() CampaignState {
	switch {
	case s.Closed:
		return CampaignStateClosed
	case s.Awaiting:
		return CampaignStateAwaiting
	case s.PausedBy != "":
		return CampaignStatePaused
	}
	return CampaignStateRunning
}

// asOf returns the campaign as it stood after a transaction, or nil if it was not there yet.
func (c *Campaign) asOf(seq int64) *Campaign {
	if c.Seq <= seq {
		return c
	}
	for _, earlier := range slices.Backward(c.Earlier) {
		if earlier.Seq <= seq {
			return earlier
		}
	}
	return nil
}

// Added returns a campaign as it stands when a party has added it after a transaction. One
// that another party than its funder has added waits for the funder's consent: nobody spends
// a merchant's money without it.
func (c Campaign) Added(by string, seq int64, at time.Time) Campaign {
	c.CampaignStanding = CampaignStanding{Version: 1, Seq: seq, Since: at, Change: CampaignAdded, By: by, Awaiting: c.FundedBy != "" && by != c.FundedBy}
	return c
}

// Changed returns the campaign as it stands when a party has paused, resumed or closed it, or
// agreed to it, after a transaction. It returns nil if that changes nothing, and
// ErrCampaignEnded for a campaign that is closed. What its funder has paused, another party
// can resume only with the funder's consent.
func (c *Campaign) Changed(change, by string, seq int64, at time.Time) (*Campaign, error) {
	if change == CampaignClosed && c.Closed {
		return nil, nil
	}
	next, err := c.next(change, by, seq, at)
	if err != nil {
		return nil, err
	}
	switch change {
	case CampaignPaused:
		// A merchant's own pause stays the merchant's, whoever pauses as well.
		if c.PausedBy == by || c.PausedBy != "" && c.PausedBy == c.FundedBy {
			return nil, nil
		}
		next.PausedBy = by
	case CampaignResumed:
		if c.PausedBy == "" {
			return nil, nil
		}
		next.Awaiting = c.Awaiting || c.PausedBy == c.FundedBy && by != c.FundedBy
		next.PausedBy = ""
	case CampaignClosed:
		next.Closed = true
	case CampaignAgreed:
		if !c.Awaiting {
			return nil, nil
		}
		next.Awaiting = false
	}
	return next, nil
}

// next returns a copy of the campaign that is one version further.
func (c *Campaign) next(change, by string, seq int64, at time.Time) (*Campaign, error) {
	if c.Closed {
		return nil, ErrCampaignEnded
	}
	next := *c
	next.Earlier = nil
	next.Version, next.Seq, next.Since, next.Change, next.By = c.Version+1, seq, at, change, by
	return &next, nil
}

// CampaignAmendment is what changes of a campaign; nil: nothing. What it gives, to whom, and
// who funds it never change.
type CampaignAmendment struct {
	Until     *string `json:"until,omitempty"`      // an instant of RFC 3339, not before the change
	PerMember *int    `json:"per_member,omitempty"` // more than before
	Budget    *string `json:"budget,omitempty"`     // at least what is committed to it
}

// Amend returns the campaign as it stands when a party has changed it after a transaction, or
// nil if that changes nothing. committed is what is committed to its budget, in minor units.
// An end may be moved, though not into the past; members may get it more often, not less; a
// budget may be raised, or lowered to what is committed. So nothing is taken from anybody to
// whom it was promised. If it can cost the merchant that funds it more, and another
// party has changed it, the campaign waits for the merchant's consent.
func (c *Campaign) Amend(d CampaignAmendment, by string, committed int64, currency money.Currency, seq int64, at time.Time) (*Campaign, error) {
	next, err := c.next(CampaignAmended, by, seq, at)
	if err != nil {
		return nil, err
	}
	r := &reader{currency: currency}
	dearer := false
	if d.Until != nil {
		next.Until = r.instant("campaign.until", d.Until)
		switch {
		case next.Until.Before(at):
			r.fail("campaign.until", "%s is in the past; a campaign ends now at the earliest", *d.Until)
		case !next.Until.After(c.From):
			r.fail("campaign.until", "%s is not after from", *d.Until)
		}
		dearer = !c.Until.IsZero() && next.Until.After(c.Until)
	}
	if d.PerMember != nil {
		next.PerMember = r.between("campaign.per_member", d.PerMember, 0, 1, maxCount)
		switch {
		case c.PerMember == 0:
			r.fail("campaign.per_member", "members get this campaign without limit, which stays so")
		case next.PerMember < c.PerMember:
			r.fail("campaign.per_member", "%d is less than the %d that members were promised", next.PerMember, c.PerMember)
		}
		dearer = dearer || next.PerMember > c.PerMember
	}
	if d.Budget != nil {
		next.Limited, next.Budget = true, r.amount("campaign.budget", *d.Budget)
		if r.err == nil && next.Budget.Minor() < committed {
			r.fail("campaign.budget", "%s is less than the %s that is committed to its gifts", next.Budget, currency.Minor(committed))
		}
		dearer = dearer || c.Limited && next.Budget.Cmp(c.Budget) > 0
	}
	if r.err != nil {
		return nil, r.err
	}
	if next.Until.Equal(c.Until) && next.PerMember == c.PerMember && next.Limited == c.Limited && next.Budget == c.Budget {
		return nil, nil
	}
	next.Awaiting = c.Awaiting || dearer && c.FundedBy != "" && by != c.FundedBy
	return next, nil
}

// Funder returns who pays for the campaign's gifts: a merchant's code or clearing.Organiser.
func (c *Campaign) Funder() string {
	if c.FundedBy == "" {
		return clearing.Organiser
	}
	return c.FundedBy
}

// tierGone refuses new terms under which the campaign would name a tier that is not there, or
// would be for those who reach the first tier, which every card has. A closed one gives
// nothing any more.
func (c *Campaign) tierGone(tiers *Tiers) error {
	switch {
	case c.Tier == "" || c.Closed:
		return nil
	case tiers == nil:
		return NewFieldError("rules.tiers", "are missing; campaign %q names the tier %q", c.Code, c.Tier)
	case tiers.rung(c.Tier) < 0:
		return NewFieldError("rules.tiers.ladder", "lacks the tier %q, which campaign %q names", c.Tier, c.Code)
	case c.When == WhenTier && tiers.rung(c.Tier) == 0:
		return NewFieldError("rules.tiers.ladder", "begins with %q, which campaign %q is for reaching", c.Tier, c.Code)
	}
	return nil
}

// HasNoCouponOf refuses a product of which a benefit has the code of a campaign's coupon.
func (s *Setup) HasNoCouponOf(p *Product) error {
	for i := range p.Benefits {
		code := p.Benefits[i].Code
		if campaign, _ := s.GiftCoupon(code); campaign != nil {
			return NewFieldError("product.benefits["+strconv.Itoa(i)+"].code", "%q is a coupon of the campaign %q; each code means one thing", code, campaign.Code)
		}
	}
	return nil
}

// MayAdd refuses a campaign that nobody can pay for: the merchant that is to fund it has left.
func (s *Setup) MayAdd(c *Campaign, at time.Time) error {
	if s.HasLeft(c.FundedBy, at) {
		return NewFieldError("campaign.funded_by", "%q has left the circle", c.FundedBy)
	}
	return nil
}

// Fits refuses new terms by which a campaign or an item of the setup would not be allowed. The
// error is a *FieldError.
func (s *Setup) Fits(terms *Terms) error {
	for _, c := range s.Campaigns {
		if err := c.tierGone(terms.Tiers); err != nil {
			return err
		}
	}
	for _, item := range s.Items {
		if cost, err := terms.PointCost.Times(item.Points); err == nil && item.Reimbursement.Cmp(cost) > 0 {
			return NewFieldError("rules.points.cost", "is too low for item %q: its %d points would set aside %s, and its merchant is paid %s", item.Code, item.Points, cost, item.Reimbursement)
		}
	}
	return nil
}
