-- The persons that members are, apart from the books.

-- +goose Up
CREATE TABLE people_master_key (
    one         boolean     NOT NULL DEFAULT true,
    fingerprint text        NOT NULL COLLATE "C",
    since       timestamptz NOT NULL,
    CONSTRAINT people_master_key_pkey PRIMARY KEY (one),
    CONSTRAINT people_master_key_one_check CHECK (one)
);
COMMENT ON TABLE people_master_key IS 'Which master key the people of all circles are kept with. One row, or none before the first server that has a master key. The key itself is never in the database.';
COMMENT ON COLUMN people_master_key.fingerprint IS 'Names the key without giving it away. Writers hold the row in share mode, rotating takes it for update.';
COMMENT ON CONSTRAINT people_master_key_one_check ON people_master_key IS 'A database has one master key.';

CREATE TABLE persons (
    alliance_id     bigint      NOT NULL,
    member          text        NOT NULL COLLATE "C",
    wrapped_key     bytea       NOT NULL,
    master_key      text        NOT NULL COLLATE "C",
    telephone_index bytea       NOT NULL,
    details         bytea       NOT NULL,
    payout          bytea,
    registered_by   text        NOT NULL COLLATE "C",
    registered_at   timestamptz NOT NULL,
    amended_at      timestamptz NOT NULL,
    CONSTRAINT persons_pkey PRIMARY KEY (alliance_id, member),
    CONSTRAINT persons_telephone_key UNIQUE (alliance_id, telephone_index),
    CONSTRAINT persons_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
CREATE INDEX persons_master_key_index ON persons (master_key);
COMMENT ON TABLE persons IS 'The persons that members are. What is personal is sealed with the person''s own key. Erasing a person deletes the row.';
COMMENT ON COLUMN persons.wrapped_key IS 'The person''s key, wrapped by the master key.';
COMMENT ON COLUMN persons.master_key IS 'The fingerprint of the master key that wraps it and made the index.';
COMMENT ON COLUMN persons.telephone_index IS 'HMAC of the telephone by the master key.';
COMMENT ON COLUMN persons.details IS 'Sealed: telephone, name, birthday, language, tags.';
COMMENT ON COLUMN persons.payout IS 'Sealed: where the member wants to be paid, and its tax number. Null: not named.';
COMMENT ON COLUMN persons.registered_by IS 'A merchant''s code, or organiser.';
COMMENT ON CONSTRAINT persons_telephone_key ON persons IS 'A telephone is one person''s in a circle.';
COMMENT ON INDEX persons_master_key_index IS 'Rotating finds what an older master key still wraps.';

CREATE TABLE erasures (
    alliance_id bigint      NOT NULL,
    member      text        NOT NULL COLLATE "C",
    erased_at   timestamptz NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (alliance_id, member),
    CONSTRAINT erasures_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE erasures IS 'Whose persons were erased, and when. The same is in a file outside the database, from which a restored backup is brought up to date.';
CREATE TRIGGER erasures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE consent_texts (
    alliance_id bigint      NOT NULL,
    purpose     text        NOT NULL COLLATE "C",
    version     integer     NOT NULL,
    chinese     text        NOT NULL,
    english     text        NOT NULL,
    set_at      timestamptz NOT NULL,
    CONSTRAINT consent_texts_pkey PRIMARY KEY (alliance_id, purpose, version),
    CONSTRAINT consent_texts_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT consent_texts_version_check CHECK (version > 1)
);
COMMENT ON TABLE consent_texts IS 'What members of a circle are asked to consent to. Version 1 is Lianka''s own text; a circle''s own begin at 2. Append-only: who consented, consented to a version.';
CREATE TRIGGER consent_texts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_texts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE consents (
    alliance_id bigint      NOT NULL,
    member      text        NOT NULL COLLATE "C",
    number      bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    purpose     text        NOT NULL COLLATE "C",
    party       text        NOT NULL COLLATE "C",
    decision    text        NOT NULL COLLATE "C",
    version     integer     NOT NULL,
    decided_at  timestamptz NOT NULL,
    place       text        NOT NULL COLLATE "C",
    CONSTRAINT consents_pkey PRIMARY KEY (alliance_id, member, number),
    CONSTRAINT consents_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT consents_decision_check CHECK (decision IN ('given', 'refused', 'withdrawn'))
);
COMMENT ON TABLE consents IS 'What members decided, each decision a row; the newest of a purpose and party counts. Append-only: it is the proof.';
COMMENT ON COLUMN consents.party IS 'To whom it was given: a merchant''s code, or organiser.';
COMMENT ON COLUMN consents.version IS 'Of the text that was shown.';
COMMENT ON COLUMN consents.place IS 'Where it was decided: member (in the member''s own session), organiser, or till MERCHANT/TILL.';
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE person_reads (
    alliance_id bigint      NOT NULL,
    member      text        NOT NULL COLLATE "C",
    number      bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    read_at     timestamptz NOT NULL,
    role        text        NOT NULL COLLATE "C",
    party       text        NOT NULL COLLATE "C",
    credential  text        NOT NULL COLLATE "C",
    operation   text        NOT NULL COLLATE "C",
    fields      text[]      NOT NULL,
    CONSTRAINT person_reads_pkey PRIMARY KEY (alliance_id, member, number),
    CONSTRAINT person_reads_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
CREATE INDEX person_reads_read_at_index ON person_reads (alliance_id, read_at);
COMMENT ON TABLE person_reads IS 'Who read what of a person, except the person itself. Kept for three years, and shown to the person.';
COMMENT ON COLUMN person_reads.party IS 'A merchant''s code, or organiser.';
COMMENT ON COLUMN person_reads.credential IS 'The ID of the key or session.';
COMMENT ON COLUMN person_reads.fields IS 'The names of what was read; never what they say.';
COMMENT ON INDEX person_reads_read_at_index IS 'What is old enough is deleted.';
