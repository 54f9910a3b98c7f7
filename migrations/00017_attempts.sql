-- How often codes and PINs were tried.

-- +goose Up
CREATE TABLE attempts (
    alliance_id  bigint      NOT NULL,
    subject      text        NOT NULL COLLATE "C",
    name         text        NOT NULL COLLATE "C",
    began_at     timestamptz NOT NULL,
    made         integer     NOT NULL,
    locked_until timestamptz,
    over_at      timestamptz NOT NULL,
    CONSTRAINT attempts_pkey PRIMARY KEY (alliance_id, subject, name),
    CONSTRAINT attempts_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT attempts_made_check CHECK (made >= 0)
);
CREATE INDEX attempts_over_index ON attempts (alliance_id, over_at);
COMMENT ON TABLE attempts IS 'How often a subject tried something lately. A row that is over means nothing and is deleted.';
COMMENT ON COLUMN attempts.subject IS 'Who tried, without a word about a person: the ID of a key, a till, the digest of a telephone number.';
COMMENT ON COLUMN attempts.name IS 'The limit under which it is counted.';
COMMENT ON COLUMN attempts.began_at IS 'The first of the attempts that count. By the server''s clock, as all instants here.';
COMMENT ON COLUMN attempts.locked_until IS 'Null: it is not locked.';
