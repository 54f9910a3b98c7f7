package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// AddCampaign is ProposeCampaign for one that all have agreed to, as to a circle's file.
func AddCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.CampaignDocument, at time.Time) (alliance.Campaign, error) {
	return ProposeCampaign(ctx, tx, allianceID, document, "", at)
}

// ProposeCampaign adds a campaign that a party asks for: clearing.Organiser, a merchant, or ""
// if it is its funder. It returns alliance.ErrCampaignExists if the code is taken.
func ProposeCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.CampaignDocument, by string, at time.Time) (alliance.Campaign, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return alliance.Campaign{}, err
	}
	setup, err := termedSetup(ctx, tx, head.Alliance)
	if err != nil {
		return alliance.Campaign{}, err
	}
	campaign, err := document.Campaign("campaign", setup)
	if setup.Campaign(campaign.Code) != nil { // which says more than that its coupons are those of another
		return campaign, fmt.Errorf("%w: %q", alliance.ErrCampaignExists, campaign.Code)
	}
	if err != nil {
		return campaign, err
	}
	if err := setup.MayAdd(&campaign, head.TimeOf(at)); err != nil {
		return campaign, err
	}
	body, err := json.Marshal(document)
	if err != nil {
		return campaign, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO campaigns (alliance_id, campaign, body, created_at) VALUES ($1, $2, $3::text::json, $4)`,
		allianceID, campaign.Code, string(body), at)
	if taken(err, "campaigns_pkey") {
		return campaign, fmt.Errorf("%w: %q", alliance.ErrCampaignExists, campaign.Code)
	}
	if err != nil {
		return campaign, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO campaign_sums (alliance_id, campaign, budget, given, committed) VALUES ($1, $2, $3, 0, 0)`,
		allianceID, campaign.Code, budgetOf(&campaign))
	if err != nil {
		return campaign, err
	}
	if by == "" {
		by = campaign.Funder()
	}
	campaign = campaign.Added(by, head.LastSeq, head.TimeOf(at))
	return campaign, campaignChanged(ctx, tx, &head, &campaign, at)
}

// ChangeCampaign pauses, resumes or closes a campaign, or agrees to it, as a party asks for;
// change is the type of the event. Done twice, it changes nothing.
func ChangeCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, code, change, by string, at time.Time) error {
	return withCampaign(ctx, tx, allianceID, code, at, func(c *alliance.Campaign, head *clearing.Head) (*alliance.Campaign, error) {
		return c.Changed(change, by, head.LastSeq, head.TimeOf(at))
	})
}

// AgreeToCampaign is ChangeCampaign with which the merchant that funds a campaign agrees to
// what a version of it says. It returns alliance.ErrCampaignChanged if there is a newer one that
// waits for consent.
func AgreeToCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, code string, version int, by string, at time.Time) error {
	return withCampaign(ctx, tx, allianceID, code, at, func(c *alliance.Campaign, head *clearing.Head) (*alliance.Campaign, error) {
		if c.Awaiting && c.Version != version {
			return nil, alliance.ErrCampaignChanged
		}
		return c.Changed(alliance.CampaignAgreed, by, head.LastSeq, head.TimeOf(at))
	})
}

// AmendCampaign changes a campaign's end, budget, and how often members get it, as a party
// asks for.
func AmendCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, code string, amendment alliance.CampaignAmendment, by string, at time.Time) error {
	return withCampaign(ctx, tx, allianceID, code, at, func(c *alliance.Campaign, head *clearing.Head) (*alliance.Campaign, error) {
		var committed int64
		err := tx.QueryRow(ctx, `SELECT committed FROM campaign_sums WHERE alliance_id = $1 AND campaign = $2`, allianceID, code).Scan(&committed)
		if err != nil {
			return nil, err
		}
		next, err := c.Amend(amendment, by, committed, head.Alliance.Currency, head.LastSeq, head.TimeOf(at))
		if err != nil || next == nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `UPDATE campaign_sums SET budget = $3 WHERE alliance_id = $1 AND campaign = $2`, allianceID, code, budgetOf(next))
		return next, err
	})
}

// withCampaign changes a campaign under the lock of the head, unless change returns nil.
func withCampaign(ctx context.Context, tx pgx.Tx, allianceID int64, code string, at time.Time,
	change func(*alliance.Campaign, *clearing.Head) (*alliance.Campaign, error),
) error {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return err
	}
	setup, err := LoadSetup(ctx, tx, head.Alliance)
	if err != nil {
		return err
	}
	campaign := setup.Campaign(code)
	if campaign == nil {
		return fmt.Errorf("%w: %q", alliance.ErrCampaignUnknown, code)
	}
	next, err := change(campaign, &head)
	if err != nil || next == nil {
		return err
	}
	return campaignChanged(ctx, tx, &head, next, at)
}

// campaignChanged keeps how a campaign stands now, and tells of it.
func campaignChanged(ctx context.Context, tx pgx.Tx, head *clearing.Head, c *alliance.Campaign, at time.Time) error {
	row := pgx.NamedArgs{
		"alliance": head.Alliance.ID, "campaign": c.Code, "version": c.Version, "seq": c.Seq, "at": c.Since, "change": c.Change, "party": c.By,
		"awaiting": c.Awaiting, "paused_by": c.PausedBy, "closed": c.Closed, "budget": budgetOf(c), "until": nil, "per_member": nil,
	}
	if !c.Until.IsZero() {
		row["until"] = c.Until
	}
	if c.PerMember > 0 {
		row["per_member"] = c.PerMember
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO campaign_changes (alliance_id, campaign, version, seq, changed_at, change, party, awaiting, paused_by, closed, until, per_member, budget)
		VALUES (@alliance, @campaign, @version, @seq, @at, @change, @party, @awaiting, @paused_by, @closed, @until, @per_member, @budget)`, row)
	if err != nil {
		return err
	}
	return changed(ctx, tx, head, at, clearing.SetupEvent{Type: c.Change, Party: c.FundedBy, Data: map[string]string{"campaign": c.Code, "state": string(c.State())}})
}

// budgetOf returns a campaign's budget in minor units, nil for none.
func budgetOf(c *alliance.Campaign) *int64 {
	if !c.Limited {
		return nil
	}
	minor := c.Budget.Minor()
	return &minor
}

// loadCampaigns adds the campaigns to a setup, each as it stands and as it stood before.
func loadCampaigns(ctx context.Context, db ledger.Querier, allianceID int64, s *alliance.Setup) error {
	documents, err := loadCampaignDocuments(ctx, db, allianceID)
	if err != nil || len(documents) == 0 {
		return err
	}
	standings, err := loadStandings(ctx, db, allianceID)
	if err != nil {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(documents)) {
		document, stood := documents[code], standings[code]
		if len(stood) == 0 {
			return fmt.Errorf("campaign %q has no first version", code)
		}
		read := document.Campaign
		if stood[len(stood)-1].standing.Closed {
			read = document.Ended
		}
		written, err := read("campaigns."+code, s)
		if err != nil {
			return err
		}
		versions := make([]*alliance.Campaign, len(stood))
		for j := range stood {
			versions[j] = stood[j].of(written, s)
		}
		newest := versions[len(versions)-1]
		newest.Earlier = versions[:len(versions)-1]
		s.AddCampaign(newest)
	}
	return nil
}

func loadCampaignDocuments(ctx context.Context, db ledger.Querier, allianceID int64) (map[string]*alliance.CampaignDocument, error) {
	rows, err := db.Query(ctx, `SELECT campaign, body::text FROM campaigns WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return nil, err
	}
	documents := make(map[string]*alliance.CampaignDocument)
	var code, body string
	_, err = pgx.ForEachRow(rows, []any{&code, &body}, func() error {
		documents[code] = &alliance.CampaignDocument{}
		return json.Unmarshal([]byte(body), documents[code])
	})
	return documents, err
}

// standing is a row of campaign_changes.
type standing struct {
	standing  alliance.CampaignStanding
	until     *time.Time
	perMember *int
	budget    *int64
}

// of returns the campaign as the row says that it stands.
func (r *standing) of(written alliance.Campaign, s *alliance.Setup) *alliance.Campaign {
	written.CampaignStanding = r.standing
	if r.until != nil {
		written.Until = r.until.UTC()
	}
	if r.perMember != nil {
		written.PerMember = *r.perMember
	}
	if r.budget != nil {
		written.Limited, written.Budget = true, s.Currency.Minor(*r.budget)
	}
	return &written
}

// loadStandings returns how campaigns stood, by their codes, the oldest first.
func loadStandings(ctx context.Context, db ledger.Querier, allianceID int64) (map[string][]standing, error) {
	rows, err := db.Query(ctx, `
		SELECT campaign, version, seq, changed_at, change, party, awaiting, paused_by, closed, until, per_member, budget
		FROM campaign_changes WHERE alliance_id = $1 ORDER BY campaign, version`, allianceID)
	if err != nil {
		return nil, err
	}
	standings := make(map[string][]standing)
	for rows.Next() {
		var code string
		var r standing
		c := &r.standing
		if err := rows.Scan(&code, &c.Version, &c.Seq, &c.Since, &c.Change, &c.By, &c.Awaiting, &c.PausedBy, &c.Closed, &r.until, &r.perMember, &r.budget); err != nil {
			return nil, err
		}
		c.Since = c.Since.UTC()
		standings[code] = append(standings[code], r)
	}
	return standings, rows.Err()
}
