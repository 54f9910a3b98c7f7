-- Links by which members bring others.

-- +goose Up
CREATE TABLE referral_links (
    alliance_id bigint      NOT NULL,
    code        text        NOT NULL COLLATE "C",
    member      text        NOT NULL COLLATE "C",
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    opened      bigint      NOT NULL DEFAULT 0,
    CONSTRAINT referral_links_pkey PRIMARY KEY (alliance_id, code),
    CONSTRAINT referral_links_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT referral_links_member_fkey FOREIGN KEY (alliance_id, member) REFERENCES members (alliance_id, member),
    CONSTRAINT referral_links_code_check CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    CONSTRAINT referral_links_opened_check CHECK (opened >= 0)
) WITH (fillfactor = 80);
COMMENT ON TABLE referral_links IS 'Links that members share. What they have earned is not here: it is derived from the commissions. All instants are by the server''s clock.';
COMMENT ON COLUMN referral_links.opened IS 'How often the page of the link was opened, without repetitions from one browser within an hour. Nothing is kept of who opened it.';

CREATE INDEX referral_links_code_index ON referral_links (code);
COMMENT ON INDEX referral_links_code_index IS 'A page is asked for by its code alone, so its circle is not known yet. If circles are spread over databases, each is asked.';
CREATE INDEX referral_links_member_index ON referral_links (alliance_id, member, code);
COMMENT ON INDEX referral_links_member_index IS 'The links of a member.';

CREATE TABLE joinings (
    alliance_id bigint      NOT NULL,
    member      text        NOT NULL COLLATE "C",
    code        text        NOT NULL COLLATE "C",
    referrer    text        NOT NULL COLLATE "C",
    joined_at   timestamptz NOT NULL,
    CONSTRAINT joinings_pkey PRIMARY KEY (alliance_id, member),
    CONSTRAINT joinings_link_fkey FOREIGN KEY (alliance_id, code) REFERENCES referral_links (alliance_id, code),
    CONSTRAINT joinings_referrer_check CHECK (referrer <> member)
);
COMMENT ON TABLE joinings IS 'Who joined by which link, before a first purchase. That purchase binds the referrer for good; the books say whether it did.';
COMMENT ON COLUMN joinings.referrer IS 'Whose link it is. A link never changes hands.';

CREATE INDEX joinings_code_index ON joinings (alliance_id, code);
COMMENT ON INDEX joinings_code_index IS 'Who joined by a link.';
