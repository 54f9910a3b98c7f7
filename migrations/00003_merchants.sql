-- Merchants: the shops of a circle, their tills, and everybody's API keys.

-- +goose Up
CREATE TABLE shops (
    alliance_id bigint      NOT NULL,
    shop        text        NOT NULL COLLATE "C",
    name        text        NOT NULL,
    category    text        NOT NULL,
    debit_cap   bigint,
    created_at  timestamptz NOT NULL,
    suspended   boolean     NOT NULL DEFAULT false,
    leaves_at   timestamptz,
    has_left    boolean     NOT NULL DEFAULT false,
    CONSTRAINT shops_pkey PRIMARY KEY (alliance_id, shop),
    CONSTRAINT shops_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT shops_shop_check CHECK (shop NOT IN ('custody', 'organiser')),
    CONSTRAINT shops_debit_cap_check CHECK (debit_cap >= 0),
    CONSTRAINT shops_leaving_check CHECK (leaves_at IS NOT NULL OR NOT has_left)
);
COMMENT ON TABLE shops IS 'The merchants of a circle.';
COMMENT ON COLUMN shops.debit_cap IS 'How far the shop''s position may be lowered below zero by what it does itself, in minor units; null: no limit.';
COMMENT ON COLUMN shops.suspended IS 'It did not pay: it neither sells nor tops up until the organiser says otherwise.';
COMMENT ON COLUMN shops.leaves_at IS 'Notice was given: it sells no more, and honours cards until then. Null: it stays.';
COMMENT ON COLUMN shops.has_left IS 'That instant has come: its keys are dead, and each month-end squares what is left of it.';
COMMENT ON CONSTRAINT shops_shop_check ON shops IS 'custody and organiser are parties of every circle.';

CREATE TABLE api_keys (
    alliance_id bigint      NOT NULL,
    key_id      text        NOT NULL COLLATE "C",
    secret_hash bytea       NOT NULL,
    role        text        NOT NULL COLLATE "C",
    shop        text        COLLATE "C",
    till        text        COLLATE "C",
    label       text        NOT NULL,
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    replaced_by text        COLLATE "C",
    CONSTRAINT api_keys_pkey PRIMARY KEY (alliance_id, key_id),
    CONSTRAINT api_keys_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT api_keys_shop_fkey FOREIGN KEY (alliance_id, shop) REFERENCES shops (alliance_id, shop),
    CONSTRAINT api_keys_role_check CHECK (
        (role = 'organiser' AND shop IS NULL AND till IS NULL)
        OR (role = 'shop' AND shop IS NOT NULL AND till IS NOT NULL)),
    CONSTRAINT api_keys_secret_hash_check CHECK (octet_length(secret_hash) = 32)
);
COMMENT ON TABLE api_keys IS 'API keys by their hash: an organiser''s, or one bound to a shop and one of its tills. The key itself is shown once and never stored.';

CREATE TABLE keyrings (
    alliance_id bigint NOT NULL,
    changes     bigint NOT NULL,
    CONSTRAINT keyrings_pkey PRIMARY KEY (alliance_id),
    CONSTRAINT keyrings_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
) WITH (fillfactor = 20);
COMMENT ON TABLE keyrings IS 'How often keys of a circle were changed, which is when they are revoked; no row: never. A server that finds the number that it knows may trust the keys that it knows.';

-- +goose StatementBegin
CREATE FUNCTION api_keys_count_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO keyrings AS k (alliance_id, changes) VALUES (OLD.alliance_id, 1)
    ON CONFLICT (alliance_id) DO UPDATE SET changes = k.changes + 1;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION api_keys_count_changes IS 'No key dies unnoticed, whoever ends it.';

CREATE TRIGGER api_keys_count_changes AFTER UPDATE OR DELETE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION api_keys_count_changes();
