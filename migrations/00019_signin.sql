-- Who signs in, with what, and what was done about it.

-- +goose Up
CREATE TABLE signin_staff (
    alliance_id bigint      NOT NULL,
    staff_id    text        NOT NULL COLLATE "C",
    role        text        NOT NULL COLLATE "C",
    merchant    text        COLLATE "C",
    name        text        NOT NULL,
    handle      bytea       NOT NULL,
    pin_hash    text,
    added_at    timestamptz NOT NULL,
    removed_at  timestamptz,
    CONSTRAINT signin_staff_pkey PRIMARY KEY (alliance_id, staff_id),
    CONSTRAINT signin_staff_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT signin_staff_merchant_fkey FOREIGN KEY (alliance_id, merchant) REFERENCES merchants (alliance_id, merchant),
    CONSTRAINT signin_staff_handle_key UNIQUE (handle),
    CONSTRAINT signin_staff_role_check CHECK ((role = 'organiser' AND merchant IS NULL) OR (role IN ('owner', 'cashier') AND merchant IS NOT NULL)),
    CONSTRAINT signin_staff_pin_check CHECK (pin_hash IS NULL OR role = 'cashier')
);
CREATE UNIQUE INDEX signin_staff_name_index ON signin_staff (alliance_id, role, coalesce(merchant, ''), name) WHERE removed_at IS NULL;
COMMENT ON TABLE signin_staff IS 'Who signs in for the organiser or for a shop. Members sign in as themselves and have no row here. By the server''s clock, as all sign-in tables.';
COMMENT ON COLUMN signin_staff.handle IS 'Random; by it a passkey names its person.';
COMMENT ON COLUMN signin_staff.pin_hash IS 'argon2id with its salt and parameters; a cashier''s alone.';
COMMENT ON INDEX signin_staff_name_index IS 'Two people of one role and one shop are told apart by their names.';

CREATE TABLE signin_tills (
    alliance_id     bigint      NOT NULL,
    till_id         text        NOT NULL COLLATE "C",
    merchant        text        NOT NULL COLLATE "C",
    till            text        NOT NULL COLLATE "C",
    pair_hash       bytea,
    pair_expires_at timestamptz,
    secret_hash     bytea,
    made_at         timestamptz NOT NULL,
    paired_at       timestamptz,
    revoked_at      timestamptz,
    CONSTRAINT signin_tills_pkey PRIMARY KEY (alliance_id, till_id),
    CONSTRAINT signin_tills_merchant_fkey FOREIGN KEY (alliance_id, merchant) REFERENCES merchants (alliance_id, merchant),
    CONSTRAINT signin_tills_paired_check CHECK ((secret_hash IS NULL) = (paired_at IS NULL)),
    CONSTRAINT signin_tills_pair_check CHECK ((pair_hash IS NULL) = (pair_expires_at IS NULL))
);
CREATE UNIQUE INDEX signin_tills_pair_index ON signin_tills (alliance_id, pair_hash) WHERE pair_hash IS NOT NULL;
CREATE INDEX signin_tills_merchant_index ON signin_tills (alliance_id, merchant, till);
COMMENT ON TABLE signin_tills IS 'Devices on which cashiers sign in with a PIN. A code, used once, pairs one; only hashes of the code and of the device''s secret are kept.';

CREATE TABLE signin_links (
    alliance_id bigint      NOT NULL,
    link_id     text        NOT NULL COLLATE "C",
    secret_hash bytea       NOT NULL,
    staff_id    text        COLLATE "C",
    member      text        COLLATE "C",
    till        text        COLLATE "C",
    made_by     text        NOT NULL,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CONSTRAINT signin_links_pkey PRIMARY KEY (alliance_id, link_id),
    CONSTRAINT signin_links_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT signin_links_staff_fkey FOREIGN KEY (alliance_id, staff_id) REFERENCES signin_staff (alliance_id, staff_id),
    CONSTRAINT signin_links_person_check CHECK ((staff_id IS NULL) <> (member IS NULL))
);
CREATE INDEX signin_links_person_index ON signin_links (alliance_id, coalesce(staff_id, member)) WHERE used_at IS NULL;
COMMENT ON TABLE signin_links IS 'Links that open one session of one person, once. Kept as a hash.';
COMMENT ON COLUMN signin_links.till IS 'At which till a cashier''s session acts.';
COMMENT ON COLUMN signin_links.used_at IS 'When it was opened, or replaced by a newer one of the same person.';

CREATE TABLE signin_sessions (
    alliance_id bigint      NOT NULL,
    session_id  text        NOT NULL COLLATE "C",
    secret_hash bytea       NOT NULL,
    staff_id    text        COLLATE "C",
    member      text        COLLATE "C",
    till        text        COLLATE "C",
    till_id     text        COLLATE "C",
    opened_with text        NOT NULL COLLATE "C",
    opened_at   timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    ended_at    timestamptz,
    CONSTRAINT signin_sessions_pkey PRIMARY KEY (alliance_id, session_id),
    CONSTRAINT signin_sessions_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT signin_sessions_staff_fkey FOREIGN KEY (alliance_id, staff_id) REFERENCES signin_staff (alliance_id, staff_id),
    CONSTRAINT signin_sessions_till_fkey FOREIGN KEY (alliance_id, till_id) REFERENCES signin_tills (alliance_id, till_id),
    CONSTRAINT signin_sessions_person_check CHECK ((staff_id IS NULL) <> (member IS NULL)),
    CONSTRAINT signin_sessions_secret_check CHECK (octet_length(secret_hash) = 32)
);
CREATE INDEX signin_sessions_person_index ON signin_sessions (alliance_id, coalesce(staff_id, member), session_id);
COMMENT ON TABLE signin_sessions IS 'Sessions by the hash of the token that their cookie holds.';
COMMENT ON COLUMN signin_sessions.till IS 'At which till a cashier acts; it has the till''s idempotency keys.';
COMMENT ON COLUMN signin_sessions.till_id IS 'The paired till that the session ends with; null: it was opened by a link.';
COMMENT ON COLUMN signin_sessions.seen_at IS 'To the minute: a session that is used is not written at each request.';
COMMENT ON COLUMN signin_sessions.ends_at IS 'However often it is used.';

CREATE TABLE signin_codes (
    alliance_id bigint      NOT NULL,
    code_id     bigint      GENERATED ALWAYS AS IDENTITY,
    member      text        COLLATE "C",
    code_hash   bytea       NOT NULL,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CONSTRAINT signin_codes_pkey PRIMARY KEY (alliance_id, code_id),
    CONSTRAINT signin_codes_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
CREATE INDEX signin_codes_member_index ON signin_codes (alliance_id, member);
CREATE INDEX signin_codes_expiry_index ON signin_codes (alliance_id, expires_at);
COMMENT ON TABLE signin_codes IS 'One-time codes by telephone. They say no telephone; expired ones are deleted.';
COMMENT ON COLUMN signin_codes.member IS 'Null: the telephone is nobody''s. The row is written all the same, so that it takes as long.';

CREATE TABLE signin_messages (
    alliance_id bigint      NOT NULL,
    message_id  bigint      GENERATED ALWAYS AS IDENTITY,
    member      text        COLLATE "C",
    body        text,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT signin_messages_pkey PRIMARY KEY (alliance_id, message_id),
    CONSTRAINT signin_messages_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
CREATE INDEX signin_messages_member_index ON signin_messages (alliance_id, member);
CREATE INDEX signin_messages_expiry_index ON signin_messages (alliance_id, expires_at) WHERE body IS NOT NULL;
COMMENT ON TABLE signin_messages IS 'Messages that wait for the organiser to pass them on.';
COMMENT ON COLUMN signin_messages.body IS 'Null: what it says was used or has expired.';

CREATE TABLE signin_passkeys (
    alliance_id   bigint      NOT NULL,
    passkey_id    text        NOT NULL COLLATE "C",
    staff_id      text        NOT NULL COLLATE "C",
    credential_id bytea       NOT NULL,
    credential    jsonb       NOT NULL,
    label         text        NOT NULL,
    added_at      timestamptz NOT NULL,
    used_at       timestamptz,
    CONSTRAINT signin_passkeys_pkey PRIMARY KEY (alliance_id, passkey_id),
    CONSTRAINT signin_passkeys_staff_fkey FOREIGN KEY (alliance_id, staff_id) REFERENCES signin_staff (alliance_id, staff_id),
    CONSTRAINT signin_passkeys_credential_key UNIQUE (credential_id)
);
COMMENT ON TABLE signin_passkeys IS 'Passkeys of organisers and owners: public keys and counters, no secrets.';

CREATE TABLE signin_ceremonies (
    ceremony_id text        NOT NULL COLLATE "C",
    alliance_id bigint,
    staff_id    text        COLLATE "C",
    data        jsonb       NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT signin_ceremonies_pkey PRIMARY KEY (ceremony_id),
    CONSTRAINT signin_ceremonies_staff_fkey FOREIGN KEY (alliance_id, staff_id) REFERENCES signin_staff (alliance_id, staff_id)
);
CREATE INDEX signin_ceremonies_expiry_index ON signin_ceremonies (expires_at);
COMMENT ON TABLE signin_ceremonies IS 'Challenges to passkeys that wait for their answer; used once.';
COMMENT ON COLUMN signin_ceremonies.staff_id IS 'Who adds a passkey; null: somebody signs in, and the passkey says who.';

CREATE TABLE signin_events (
    alliance_id bigint      NOT NULL,
    event_id    bigint      GENERATED ALWAYS AS IDENTITY,
    staff_id    text        COLLATE "C",
    member      text        COLLATE "C",
    type        text        NOT NULL COLLATE "C",
    made_by     text        NOT NULL,
    subject     text        COLLATE "C",
    at          timestamptz NOT NULL,
    CONSTRAINT signin_events_pkey PRIMARY KEY (alliance_id, event_id),
    CONSTRAINT signin_events_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT signin_events_person_check CHECK ((staff_id IS NULL) <> (member IS NULL))
);
CREATE INDEX signin_events_person_index ON signin_events (alliance_id, coalesce(staff_id, member), event_id);
COMMENT ON TABLE signin_events IS 'What was done about a person''s ways of signing in, and by whom. The person is shown all of it.';
COMMENT ON COLUMN signin_events.made_by IS 'The person itself, a till, an owner, the organiser, or the command line.';
COMMENT ON COLUMN signin_events.subject IS 'The session, link, passkey or till that it is about.';
