-- Campaigns and items of the mall change: who agreed to, paused or closed a campaign and when, and what was added to a stock.

-- +goose Up
CREATE TABLE campaign_changes (
    alliance_id bigint      NOT NULL,
    campaign    text        NOT NULL COLLATE "C",
    version     integer     NOT NULL,
    seq         bigint      NOT NULL,
    changed_at  timestamptz NOT NULL,
    change      text        NOT NULL COLLATE "C",
    party       text        NOT NULL COLLATE "C",
    awaiting    boolean     NOT NULL,
    paused_by   text        NOT NULL COLLATE "C",
    closed      boolean     NOT NULL,
    until       timestamptz,
    per_member  integer,
    budget      bigint,
    CONSTRAINT campaign_changes_pkey PRIMARY KEY (alliance_id, campaign, version),
    CONSTRAINT campaign_changes_campaign_fkey FOREIGN KEY (alliance_id, campaign) REFERENCES campaigns (alliance_id, campaign),
    CONSTRAINT campaign_changes_version_check CHECK (version > 0 AND (version = 1) = (change = 'campaign.added')),
    CONSTRAINT campaign_changes_seq_check CHECK (seq >= 0),
    CONSTRAINT campaign_changes_per_member_check CHECK (per_member > 0),
    CONSTRAINT campaign_changes_budget_check CHECK (budget >= 0)
);
COMMENT ON TABLE campaign_changes IS 'How each campaign stands from one change of it to the next. Append-only: an audit takes in each transaction with the campaigns as they stood before it.';
COMMENT ON COLUMN campaign_changes.version IS 'Counted from 1, as the campaign was added. A merchant agrees to a version.';
COMMENT ON COLUMN campaign_changes.seq IS 'The last transaction before the change. The time alone would not do: several transactions may have one instant.';
COMMENT ON COLUMN campaign_changes.party IS 'Who changed it: organiser or a merchant.';
COMMENT ON COLUMN campaign_changes.awaiting IS 'The merchant that funds it has to agree first.';
COMMENT ON COLUMN campaign_changes.paused_by IS 'Who paused it; empty: nobody.';
COMMENT ON COLUMN campaign_changes.until IS 'Null: as in the campaign''s document; so are per_member and budget, which is in minor units.';
CREATE TRIGGER campaign_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The campaigns so far were there from their circle's beginning, with the consent of all.
INSERT INTO campaign_changes (alliance_id, campaign, version, seq, changed_at, change, party, awaiting, paused_by, closed)
SELECT alliance_id, campaign, 1, 0, created_at, 'campaign.added', 'organiser', false, '', false FROM campaigns;

ALTER TABLE items ADD COLUMN retired boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN items.retired IS 'No longer handed out, for good.';

CREATE TABLE restocks (
    alliance_id bigint      NOT NULL,
    caller      text        NOT NULL COLLATE "C",
    key         text        NOT NULL COLLATE "C",
    item        text        NOT NULL COLLATE "C",
    amount      bigint      NOT NULL,
    stock       bigint      NOT NULL,
    redeemed    bigint      NOT NULL,
    seq         bigint      NOT NULL,
    restocked_at timestamptz NOT NULL,
    CONSTRAINT restocks_pkey PRIMARY KEY (alliance_id, caller, key),
    CONSTRAINT restocks_item_fkey FOREIGN KEY (alliance_id, item) REFERENCES item_sums (alliance_id, item),
    CONSTRAINT restocks_amount_check CHECK (amount > 0),
    CONSTRAINT restocks_stock_check CHECK (redeemed BETWEEN 0 AND stock)
);
COMMENT ON TABLE restocks IS 'What was added to stocks, by the caller and key of the request, so that a repeat adds nothing and gets the same answer. Append-only.';
COMMENT ON COLUMN restocks.stock IS 'How many there ever were, with these; redeemed: how many of them were redeemed by then.';
COMMENT ON COLUMN restocks.seq IS 'The last transaction before it.';
CREATE TRIGGER restocks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restocks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
