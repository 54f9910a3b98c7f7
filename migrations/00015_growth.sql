-- Growth: holds, replaced and given cards, gifts, tiers, the points mall and refunds.

-- +goose Up
ALTER TABLE cards
    ADD COLUMN held_since      bigint,
    ADD COLUMN replaced_by     text     COLLATE "C",
    ADD COLUMN refunded        boolean  NOT NULL DEFAULT false,
    ADD COLUMN held            bigint   NOT NULL DEFAULT 0,
    ADD COLUMN holds           integer  NOT NULL DEFAULT 0,
    ADD COLUMN gifts           integer  NOT NULL DEFAULT 0,
    ADD COLUMN growth          bigint[],
    ADD COLUMN redeemed        integer  NOT NULL DEFAULT 0,
    ADD COLUMN topped_up       bigint   NOT NULL DEFAULT 0,
    ADD COLUMN topped_up_bonus bigint   NOT NULL DEFAULT 0,
    ADD COLUMN gift_bonus      bigint   NOT NULL DEFAULT 0;

-- What stands on the cards so far is in the log.
UPDATE cards c
SET held_since = c.sold_seq, redeemed = c.unreversed - coalesce(s.standing, 0),
    topped_up = coalesce(s.topped_up, 0), topped_up_bonus = coalesce(s.topped_up_bonus, 0)
FROM cards o LEFT JOIN (
    SELECT t.alliance_id, t.card, count(*) AS standing,
           sum((t.facts->>'amount')::bigint) FILTER (WHERE t.type = 'card.topped_up') AS topped_up,
           sum((t.facts->>'bonus')::bigint) FILTER (WHERE t.type = 'card.topped_up') AS topped_up_bonus
    FROM transactions t LEFT JOIN reversed r ON r.alliance_id = t.alliance_id AND r.seq = t.seq
    WHERE t.type IN ('card.topped_up', 'purchase.recorded') AND NOT coalesce(r.in_full, false)
    GROUP BY t.alliance_id, t.card) s ON s.alliance_id = o.alliance_id AND s.card = o.card
WHERE c.alliance_id = o.alliance_id AND c.card = o.card;

ALTER TABLE cards
    ALTER COLUMN held_since SET NOT NULL,
    ADD CONSTRAINT cards_value_held_check CHECK (held BETWEEN 0 AND value + bonus AND (held > 0) = (holds > 0) AND holds >= 0),
    ADD CONSTRAINT cards_replaced_check CHECK (replaced_by IS NULL OR
        (value = 0 AND bonus = 0 AND pool = 0 AND points = 0 AND unreversed = 0 AND held = 0 AND gifts = 0 AND growth IS NULL)),
    ADD CONSTRAINT cards_refunded_check CHECK (NOT refunded OR (value = 0 AND bonus = 0 AND pool = 0 AND points = 0 AND held = 0)),
    ADD CONSTRAINT cards_growth_check CHECK (cardinality(growth) % 3 = 0),
    ADD CONSTRAINT cards_unreversed_redeemed_check CHECK (redeemed BETWEEN 0 AND unreversed),
    ADD CONSTRAINT cards_sums_check CHECK (gifts >= 0 AND topped_up >= 0 AND topped_up_bonus >= 0 AND gift_bonus >= 0);
COMMENT ON COLUMN cards.member IS 'Who has the card: who bought it, or the one to whom it was given last.';
COMMENT ON COLUMN cards.held_since IS 'The transaction by which its member got it: the sale, or the newest giving.';
COMMENT ON COLUMN cards.replaced_by IS 'The code that has taken over all that was on the card; null: it was not replaced.';
COMMENT ON COLUMN cards.held IS 'What its open holds reserve of value and bonus, in minor units.';
COMMENT ON COLUMN cards.holds IS 'How many holds are open.';
COMMENT ON COLUMN cards.gifts IS 'How many gifts it has ever got, with all codes that it had: so that the table of gifts is asked only about cards that have some.';
COMMENT ON COLUMN cards.growth IS 'By window the month, what was spent in minor units, and the points gained: three numbers each, the oldest first, of the last 36 windows at most. Months are counted from January of the year 0. In the row of the card, because most of what changes it changes the growth too; null: none.';
COMMENT ON COLUMN cards.redeemed IS 'Of unreversed, all but top-ups and purchases: what rules out a refund in the cooling-off time.';
COMMENT ON COLUMN cards.topped_up IS 'The principal of the top-ups that stand, in minor units; topped_up_bonus is their bonus.';
COMMENT ON COLUMN cards.gift_bonus IS 'The bonus that gifts gave and that was not taken back. What stands of spends is topped_up + topped_up_bonus + gift_bonus less value and bonus, so it is not stored.';
COMMENT ON CONSTRAINT cards_value_held_check ON cards IS 'Nobody takes what a hold reserves.';
COMMENT ON CONSTRAINT cards_replaced_check ON cards IS 'On a replaced card there is nothing any more.';

CREATE INDEX cards_of_members ON cards (member, alliance_id);
COMMENT ON INDEX cards_of_members IS 'The cards that a member has: the newest of them may get a gift. The member comes first, as a plan that is made while the table is empty could else take this index to look up a card.';
CREATE INDEX cards_replacing ON cards (alliance_id, replaced_by) WHERE replaced_by IS NOT NULL;
COMMENT ON INDEX cards_replacing IS 'The codes that a card had before.';

-- +goose StatementBegin
CREATE FUNCTION keep_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% has ended: it does not end again', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION keep_ended IS 'Keeps rows as they ended.';

CREATE TABLE holds (
    alliance_id bigint      NOT NULL,
    seq         bigint      NOT NULL,
    card        text        NOT NULL COLLATE "C",
    merchant    text        NOT NULL COLLATE "C",
    amount      bigint      NOT NULL,
    placed_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    state       text        NOT NULL COLLATE "C",
    captured    bigint      NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (alliance_id, seq),
    CONSTRAINT holds_amount_check CHECK (amount > 0),
    CONSTRAINT holds_state_check CHECK (state IN ('open', 'captured', 'voided', 'expired')),
    CONSTRAINT holds_captured_check CHECK (captured BETWEEN 0 AND amount AND (captured > 0) = (state = 'captured'))
) WITH (fillfactor = 80);
COMMENT ON TABLE holds IS 'Stored value that is reserved for a bill, by the transaction that placed it. open -> captured, voided or expired, once.';
COMMENT ON COLUMN holds.card IS 'The code that the card had when the hold was placed; see cards.replaced_by.';
COMMENT ON COLUMN holds.captured IS 'What was taken, whatever was reversed of it since.';
CREATE TRIGGER holds_end_once BEFORE UPDATE ON holds
    FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION keep_ended();
CREATE INDEX holds_of_cards ON holds (alliance_id, card) WHERE state = 'open';
COMMENT ON INDEX holds_of_cards IS 'The open holds of a card.';
CREATE INDEX holds_of_merchants ON holds (alliance_id, merchant, seq) WHERE state = 'open';
COMMENT ON INDEX holds_of_merchants IS 'The open holds of a merchant.';

CREATE TABLE campaigns (
    alliance_id bigint      NOT NULL,
    campaign    text        NOT NULL COLLATE "C",
    body        json        NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT campaigns_pkey PRIMARY KEY (alliance_id, campaign),
    CONSTRAINT campaigns_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE campaigns IS 'Campaigns as they were written. What they have given is in campaign_sums.';

CREATE TABLE campaign_sums (
    alliance_id bigint NOT NULL,
    campaign    text   NOT NULL COLLATE "C",
    budget      bigint,
    given       bigint NOT NULL,
    committed   bigint NOT NULL,
    CONSTRAINT campaign_sums_pkey PRIMARY KEY (alliance_id, campaign),
    CONSTRAINT campaign_sums_campaign_fkey FOREIGN KEY (alliance_id, campaign) REFERENCES campaigns (alliance_id, campaign),
    CONSTRAINT campaign_sums_budget_check CHECK (committed BETWEEN 0 AND budget),
    CONSTRAINT campaign_sums_committed_check CHECK (committed >= 0 AND given >= 0)
) WITH (fillfactor = 20);
COMMENT ON TABLE campaign_sums IS 'What campaigns have given, a row each, which every gift writes.';
COMMENT ON COLUMN campaign_sums.budget IS 'The most that its gifts may cost, in minor units; null: no limit.';
COMMENT ON COLUMN campaign_sums.given IS 'How often it was given; what was taken back still counts.';
COMMENT ON COLUMN campaign_sums.committed IS 'What its gifts cost, less what was given back to the budget, in minor units.';
COMMENT ON CONSTRAINT campaign_sums_budget_check ON campaign_sums IS 'A budget is never overdrawn.';

CREATE TABLE gifts (
    alliance_id bigint        NOT NULL,
    sold_seq    bigint        NOT NULL,
    seq         bigint        NOT NULL,
    campaign    text          NOT NULL COLLATE "C",
    cause       bigint        NOT NULL,
    points      bigint        NOT NULL,
    bonus       bigint        NOT NULL,
    coupons     text[]        NOT NULL COLLATE "C",
    expires_at  timestamptz[] NOT NULL,
    uses_left   integer[]     NOT NULL,
    ended       boolean[]     NOT NULL,
    CONSTRAINT gifts_pkey PRIMARY KEY (alliance_id, sold_seq, seq),
    CONSTRAINT gifts_left_check CHECK (points >= 0 AND bonus >= 0),
    CONSTRAINT gifts_uses_left_check CHECK (0 <= ALL (uses_left)),
    CONSTRAINT gifts_coupons_check CHECK (cardinality(expires_at) = cardinality(coupons) AND cardinality(uses_left) = cardinality(coupons)
        AND cardinality(ended) = cardinality(coupons))
) WITH (fillfactor = 80);
COMMENT ON TABLE gifts IS 'What campaigns gave to cards. Its coupons are arrays, as a card''s own uses are: codes, ends, uses left, and whether they have ended.';
COMMENT ON COLUMN gifts.sold_seq IS 'The sale of the card, which is the same whatever code the card has.';
COMMENT ON COLUMN gifts.seq IS 'The transaction that gave it.';
COMMENT ON COLUMN gifts.cause IS 'The transaction that it followed; 0: it was granted by command.';
COMMENT ON COLUMN gifts.points IS 'What was not taken back of its points, whatever the card has spent since; bonus, in minor units, likewise.';

CREATE TABLE gift_counts (
    alliance_id bigint  NOT NULL,
    member      text    NOT NULL COLLATE "C",
    campaign    text    NOT NULL COLLATE "C",
    span        integer NOT NULL,
    given       integer NOT NULL,
    CONSTRAINT gift_counts_pkey PRIMARY KEY (alliance_id, member, campaign, span),
    CONSTRAINT gift_counts_given_check CHECK (given > 0)
) WITH (fillfactor = 80);
COMMENT ON TABLE gift_counts IS 'How often a member got a campaign''s gift, over all cards that it had then.';
COMMENT ON COLUMN gift_counts.span IS 'The day, month or year by the circle''s calendar, such as 20261005, 202610, 2026; 0: ever.';

CREATE TABLE referrals_answered (
    alliance_id bigint NOT NULL,
    member      text   NOT NULL COLLATE "C",
    campaign    text   NOT NULL COLLATE "C",
    CONSTRAINT referrals_answered_pkey PRIMARY KEY (alliance_id, member, campaign)
);
COMMENT ON TABLE referrals_answered IS 'The campaigns that have answered that a member was brought: each does it once, by the member''s first use that counts, even if nothing could be given. Append-only.';
CREATE TRIGGER referrals_answered_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON referrals_answered
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE items (
    alliance_id bigint      NOT NULL,
    item        text        NOT NULL COLLATE "C",
    body        json        NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT items_pkey PRIMARY KEY (alliance_id, item),
    CONSTRAINT items_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE items IS 'Items of the points mall as they were written. How many were redeemed is in item_sums.';

CREATE TABLE item_sums (
    alliance_id bigint NOT NULL,
    item        text   NOT NULL COLLATE "C",
    stock       bigint,
    redeemed    bigint NOT NULL,
    CONSTRAINT item_sums_pkey PRIMARY KEY (alliance_id, item),
    CONSTRAINT item_sums_item_fkey FOREIGN KEY (alliance_id, item) REFERENCES items (alliance_id, item),
    CONSTRAINT item_sums_stock_check CHECK (redeemed BETWEEN 0 AND stock),
    CONSTRAINT item_sums_redeemed_check CHECK (redeemed >= 0)
) WITH (fillfactor = 20);
COMMENT ON TABLE item_sums IS 'How many of an item were redeemed, less what was reversed.';
COMMENT ON COLUMN item_sums.stock IS 'How many there ever were; null: no limit. stock - redeemed are left.';
COMMENT ON CONSTRAINT item_sums_stock_check ON item_sums IS 'Nothing is handed out that is not there.';
COMMENT ON COLUMN due.rank IS 'Its place among the work of one instant: 10 releases commission, 20 ends holds, 30 ends coupons of gifts, 40 expires cards. 0 would be a consequence, which is done right after its command and never gets here.';
COMMENT ON COLUMN due.part IS 'Which of the works of that transaction it is: of a release, the level of the commission; of a gift, the coupon.';
