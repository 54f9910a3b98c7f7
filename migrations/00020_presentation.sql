-- What is shown at a till to use a card: single-use codes, PINs of printed cards, and what the circle asks for.

-- +goose Up
CREATE TABLE presentation_settings (
    alliance_id  bigint      NOT NULL,
    version      integer     NOT NULL,
    presentation text        NOT NULL COLLATE "C",
    above        bigint,
    offline      text        NOT NULL COLLATE "C",
    seq          bigint      NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT presentation_settings_pkey PRIMARY KEY (alliance_id, version),
    CONSTRAINT presentation_settings_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT presentation_settings_version_check CHECK (version > 0),
    CONSTRAINT presentation_settings_presentation_check CHECK (presentation IN ('number', 'code', 'code_above')),
    CONSTRAINT presentation_settings_above_check CHECK (above >= 0 AND (above IS NULL) = (presentation <> 'code_above')),
    CONSTRAINT presentation_settings_offline_check CHECK (offline IN ('pin', 'number')),
    CONSTRAINT presentation_settings_seq_check CHECK (seq >= 0)
);
COMMENT ON TABLE presentation_settings IS 'What a circle asks to be shown for a redemption, from one change to the next; the last is in force. A circle without a row asks for the number alone. Append-only.';
COMMENT ON COLUMN presentation_settings.above IS 'Of code_above, in minor units: what is worth more needs a code.';
COMMENT ON COLUMN presentation_settings.offline IS 'What a late upload needs where a code would be asked for: the card''s number with its PIN, or the number.';
COMMENT ON COLUMN presentation_settings.seq IS 'The last transaction before the change.';
CREATE TRIGGER presentation_settings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON presentation_settings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE card_code_salts (
    alliance_id bigint NOT NULL,
    salt        bytea  NOT NULL,
    CONSTRAINT card_code_salts_pkey PRIMARY KEY (alliance_id),
    CONSTRAINT card_code_salts_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT card_code_salts_salt_check CHECK (octet_length(salt) = 16)
);
COMMENT ON TABLE card_code_salts IS 'What the eight digits of a circle''s codes are hashed with. It is made with the first code and never changes.';

CREATE TABLE card_codes (
    alliance_id bigint      NOT NULL,
    code_hash   bytea       NOT NULL,
    digits_hash bytea       NOT NULL,
    card        text        NOT NULL COLLATE "C",
    member      text        NOT NULL COLLATE "C",
    merchant    text        COLLATE "C",
    most        bigint,
    issued_at   timestamptz NOT NULL,
    issued_by   text        NOT NULL COLLATE "C",
    expires_at  timestamptz NOT NULL,
    used_seq    bigint,
    CONSTRAINT card_codes_pkey PRIMARY KEY (alliance_id, code_hash),
    CONSTRAINT card_codes_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT card_codes_digits_key UNIQUE (alliance_id, digits_hash),
    CONSTRAINT card_codes_hash_check CHECK (octet_length(code_hash) = 32 AND octet_length(digits_hash) = 32),
    CONSTRAINT card_codes_most_check CHECK (most > 0),
    CONSTRAINT card_codes_expires_check CHECK (expires_at > issued_at),
    CONSTRAINT card_codes_used_check CHECK (used_seq > 0)
) WITH (fillfactor = 80);
COMMENT ON TABLE card_codes IS 'Codes to be shown at a till, hashed. Each is good for one booking. They are deleted a day after they have expired.';
COMMENT ON COLUMN card_codes.code_hash IS 'SHA-256 of the 128 random bits that the QR text holds.';
COMMENT ON COLUMN card_codes.digits_hash IS 'Argon2id of the eight digits with the circle''s salt: slow, as there are only 10^8 of them.';
COMMENT ON COLUMN card_codes.card IS 'The card''s code when it was issued.';
COMMENT ON COLUMN card_codes.member IS 'Who had the card then. A code ends when the card is given to somebody else.';
COMMENT ON COLUMN card_codes.merchant IS 'The only merchant where it is good; null: at all.';
COMMENT ON COLUMN card_codes.most IS 'The most that may be taken with it, in minor units; null: no limit.';
COMMENT ON COLUMN card_codes.issued_by IS 'The caller that asked for it.';
COMMENT ON COLUMN card_codes.expires_at IS 'By the server''s clock, in test circles too.';
COMMENT ON COLUMN card_codes.used_seq IS 'The transaction that was booked with it; null: it was not used.';
CREATE TRIGGER card_codes_used_once BEFORE UPDATE ON card_codes
    FOR EACH ROW WHEN (OLD.used_seq IS NOT NULL) EXECUTE FUNCTION keep_ended();
CREATE INDEX card_codes_expired ON card_codes (alliance_id, expires_at);
COMMENT ON INDEX card_codes_expired IS 'Those that are to be deleted.';

CREATE TABLE card_numbers (
    alliance_id bigint      NOT NULL,
    number      text        NOT NULL COLLATE "C",
    made_at     timestamptz NOT NULL,
    CONSTRAINT card_numbers_pkey PRIMARY KEY (alliance_id, number),
    CONSTRAINT card_numbers_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE card_numbers IS 'Numbers that were made to be printed on cards. A card is sold by one of them, or by any other code. Append-only.';
CREATE TRIGGER card_numbers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON card_numbers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE card_pins (
    alliance_id bigint      NOT NULL,
    card        text        NOT NULL COLLATE "C",
    salt        bytea       NOT NULL,
    pin_hash    bytea       NOT NULL,
    set_at      timestamptz NOT NULL,
    set_by      text        NOT NULL COLLATE "C",
    CONSTRAINT card_pins_pkey PRIMARY KEY (alliance_id, card),
    CONSTRAINT card_pins_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT card_pins_hash_check CHECK (octet_length(salt) = 16 AND octet_length(pin_hash) = 32)
);
COMMENT ON TABLE card_pins IS 'The PINs of cards, hashed with Argon2id and a salt each. A number that was printed may have one before it is sold.';
COMMENT ON COLUMN card_pins.card IS 'The code that the card has. A card that is replaced gets a new one, without a PIN.';
COMMENT ON COLUMN card_pins.set_by IS 'The caller that set it.';
