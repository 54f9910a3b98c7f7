-- Circles: who they are, the head row that puts their commands in one order,
-- and the terms that they run by.

-- +goose Up
CREATE TABLE alliances (
    alliance_id bigint      NOT NULL,
    code        text        NOT NULL COLLATE "C",
    name        text        NOT NULL,
    currency    text        NOT NULL COLLATE "C",
    timezone    text        NOT NULL COLLATE "C",
    mode        text        NOT NULL COLLATE "C",
    created_at  timestamptz NOT NULL,
    CONSTRAINT alliances_pkey PRIMARY KEY (alliance_id),
    CONSTRAINT alliances_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT alliances_mode_check CHECK (mode IN ('live', 'test', 'replay'))
);
COMMENT ON TABLE alliances IS 'One row a circle (异业联盟). alliance_id is derived from the code, so that its primary key keeps the code unique too: every key of this schema is led by alliance_id.';
COMMENT ON CONSTRAINT alliances_mode_check ON alliances IS 'live: the server''s clock; test: a clock of its own that the organiser moves forward; replay: the instants of a file, and closed months count as paid at once.';

CREATE TABLE heads (
    alliance_id    bigint      NOT NULL,
    last_seq       bigint      NOT NULL DEFAULT 0,
    last_hash      bytea       NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    booked_through timestamptz NOT NULL DEFAULT '-infinity',
    clock          timestamptz,
    period         text        COLLATE "C",
    cutoff_at      timestamptz,
    next_due_at    timestamptz,
    deadline_at    timestamptz,
    setup_version  bigint      NOT NULL DEFAULT 1,
    version        bigint      NOT NULL DEFAULT 1,
    CONSTRAINT heads_pkey PRIMARY KEY (alliance_id),
    CONSTRAINT heads_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT heads_hash_check CHECK (octet_length(last_hash) = 32),
    CONSTRAINT heads_period_check CHECK ((period IS NULL) = (cutoff_at IS NULL))
) WITH (fillfactor = 20);
COMMENT ON TABLE heads IS 'The head of each circle''s log. Its row lock is the sequencer: whoever holds it decides the next commands. It is locked before any other row.';
COMMENT ON COLUMN heads.booked_through IS 'The latest instant of any command; time in a circle never goes back behind it.';
COMMENT ON COLUMN heads.clock IS 'The clock of a test circle; null in a live one.';
COMMENT ON COLUMN heads.next_due_at IS 'No row of due is earlier; null: there is none. It saves every batch a look at that table.';
COMMENT ON COLUMN heads.deadline_at IS 'The earliest instant at which something comes about by itself in closed windows, or a shop leaves; null: there is none.';
COMMENT ON COLUMN heads.setup_version IS 'Grows with every change to terms, shops or products, and tells a server that its copy is old.';
COMMENT ON COLUMN heads.version IS 'A random number that every change of this row replaces. A server that finds the one that it left knows that nothing of the circle has changed since; a count would not tell it by whom it was changed.';

-- +goose StatementBegin
CREATE FUNCTION heads_renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version = OLD.version THEN
        NEW.version := (random() * 9e18)::bigint;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION heads_renew_version IS 'No change of a head goes unnoticed, whoever makes it; the sequencer names the new version itself.';

CREATE TRIGGER heads_renew_version BEFORE UPDATE ON heads
    FOR EACH ROW EXECUTE FUNCTION heads_renew_version();

-- +goose StatementBegin
CREATE FUNCTION take_head(circle bigint, expected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM heads h WHERE h.alliance_id = circle AND h.version = expected FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the head of circle % is not at version %: somebody else has written', circle, expected
            USING ERRCODE = 'serialization_failure', TABLE = 'heads';
    END IF;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION take_head IS 'Locks the head of a circle if it is as the caller left it, and else fails the transaction: what was decided in memory then does not hold.';

CREATE TABLE terms (
    alliance_id bigint      NOT NULL,
    version     integer     NOT NULL,
    body        json        NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT terms_pkey PRIMARY KEY (alliance_id, version),
    CONSTRAINT terms_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT terms_version_check CHECK (version >= 1)
);
COMMENT ON TABLE terms IS 'The rules of a circle, a row a version. Each transaction names the version that it was decided by, so that parts of an old spend are refunded by the old rules.';
