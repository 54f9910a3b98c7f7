-- Cards: what a circle sells, who holds it, and what falls due on it.

-- +goose Up
CREATE TABLE products (
    alliance_id bigint      NOT NULL,
    product     text        NOT NULL COLLATE "C",
    body        json        NOT NULL,
    retired     boolean     NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (alliance_id, product),
    CONSTRAINT products_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE products IS 'Card products. A product never changes once it is there, because sold cards go by it; it is retired and another one takes its place.';

CREATE TABLE members (
    alliance_id  bigint NOT NULL,
    member       text   NOT NULL COLLATE "C",
    referrer     text   COLLATE "C",
    second       text   COLLATE "C",
    joined_seq   bigint NOT NULL,
    pending      bigint NOT NULL DEFAULT 0,
    payable      bigint NOT NULL DEFAULT 0,
    earned       bigint NOT NULL DEFAULT 0,
    clawed_back  bigint NOT NULL DEFAULT 0,
    paid         bigint NOT NULL DEFAULT 0,
    CONSTRAINT members_pkey PRIMARY KEY (alliance_id, member),
    CONSTRAINT members_referrer_check CHECK (referrer IS DISTINCT FROM member AND (second IS NULL OR referrer IS NOT NULL)),
    CONSTRAINT members_pending_check CHECK (pending >= 0),
    CONSTRAINT members_earned_check CHECK (earned >= 0 AND clawed_back >= 0 AND paid >= 0),
    CONSTRAINT members_commission_check CHECK (pending + payable = earned - clawed_back - paid)
) WITH (fillfactor = 80);
COMMENT ON TABLE members IS 'Members and their commission, in minor units as credit balances. The referrer was bound by the first purchase, for good; second is the referrer''s own: two levels, never more.';
COMMENT ON COLUMN members.payable IS 'Released and not yet paid; negative after a clawback of what was already paid, and then it waits for later commission.';

CREATE INDEX members_payable ON members (alliance_id, member) WHERE payable > 0;
COMMENT ON INDEX members_payable IS 'Whom a month-end may pay, among all the members it need not look at.';
CREATE INDEX members_earning ON members (alliance_id, member) WHERE earned > 0;
COMMENT ON INDEX members_earning IS 'Who gets a commission statement when a window closes.';

CREATE TABLE cards (
    alliance_id bigint      NOT NULL,
    card        text        NOT NULL COLLATE "C",
    product     text        NOT NULL COLLATE "C",
    member      text        NOT NULL COLLATE "C",
    home        text        NOT NULL COLLATE "C",
    sold_seq    bigint      NOT NULL,
    sold_at     timestamptz NOT NULL,
    expires_at  timestamptz,
    cancelled   boolean     NOT NULL,
    frozen      boolean     NOT NULL,
    expired     boolean     NOT NULL,
    value       bigint      NOT NULL,
    bonus       bigint      NOT NULL,
    pool        bigint      NOT NULL,
    points      bigint      NOT NULL,
    standing    integer     NOT NULL,
    uses_left   integer[]   NOT NULL,
    last_seq    bigint      NOT NULL,
    CONSTRAINT cards_pkey PRIMARY KEY (alliance_id, card),
    CONSTRAINT cards_value_check CHECK (value >= 0),
    CONSTRAINT cards_bonus_check CHECK (bonus >= 0),
    CONSTRAINT cards_pool_check CHECK (pool >= 0),
    CONSTRAINT cards_points_check CHECK (points >= 0),
    CONSTRAINT cards_standing_check CHECK (standing >= 0),
    CONSTRAINT cards_uses_left_check CHECK (0 <= ALL (uses_left))
) WITH (fillfactor = 70);
COMMENT ON TABLE cards IS 'Cards with the balances of their three accounts (value, bonus, pool; credit balances in minor units), points, and uses left by the position of the benefit in the product.';
COMMENT ON COLUMN cards.standing IS 'Transactions on the card that are not reversed in full; a sale is reversed only while there are none.';
COMMENT ON COLUMN cards.last_seq IS 'The newest transaction on the card: the head of the chain along transactions.previous, and the guard of updates.';

CREATE TABLE commissions (
    alliance_id bigint      NOT NULL,
    sale_seq    bigint      NOT NULL,
    level       smallint    NOT NULL,
    member      text        NOT NULL COLLATE "C",
    amount      bigint      NOT NULL,
    release_at  timestamptz NOT NULL,
    state       text        NOT NULL COLLATE "C",
    CONSTRAINT commissions_pkey PRIMARY KEY (alliance_id, sale_seq, level),
    CONSTRAINT commissions_level_check CHECK (level IN (1, 2)),
    CONSTRAINT commissions_amount_check CHECK (amount > 0),
    CONSTRAINT commissions_state_check CHECK (state IN ('pending', 'released', 'clawed_back'))
) WITH (fillfactor = 80);
COMMENT ON TABLE commissions IS 'Commission earned by a sale, a row a level. pending -> released at release_at; either -> clawed_back when the sale is reversed.';
COMMENT ON CONSTRAINT commissions_level_check ON commissions IS 'Two levels at most, as Chinese law on multi-level selling asks.';

CREATE INDEX commissions_of_members ON commissions (alliance_id, member, sale_seq);
COMMENT ON INDEX commissions_of_members IS 'What a member has earned, newest first.';

CREATE TABLE due (
    alliance_id bigint      NOT NULL,
    due_at      timestamptz NOT NULL,
    rank        smallint    NOT NULL,
    sale_seq    bigint      NOT NULL,
    level       smallint    NOT NULL,
    CONSTRAINT due_pkey PRIMARY KEY (alliance_id, due_at, rank, sale_seq, level),
    CONSTRAINT due_rank_check CHECK ((rank = 1 AND level IN (1, 2)) OR (rank = 2 AND level = 0))
);
COMMENT ON TABLE due IS 'Work that falls due, in the order in which it is done: 1 releases a commission, 2 expires a card. The cut-off of the window comes after both.';

CREATE TABLE reversed (
    alliance_id bigint  NOT NULL,
    seq         bigint  NOT NULL,
    amount      bigint  NOT NULL,
    in_full     boolean NOT NULL,
    CONSTRAINT reversed_pkey PRIMARY KEY (alliance_id, seq),
    CONSTRAINT reversed_amount_check CHECK (amount >= 0)
);
COMMENT ON TABLE reversed IS 'What has been undone of a transaction so far; there is no row while it stands whole.';
COMMENT ON COLUMN reversed.amount IS 'Of a spend: the part undone, in minor units; of anything else 0.';
