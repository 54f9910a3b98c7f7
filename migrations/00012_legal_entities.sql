-- Who the parties of a circle are in law, for what is printed and filed.

-- +goose Up
CREATE TABLE legal_entities (
    alliance_id bigint NOT NULL,
    party       text   NOT NULL COLLATE "C",
    legal_name  text   NOT NULL,
    tax_number  text   NOT NULL COLLATE "C",
    CONSTRAINT legal_entities_pkey PRIMARY KEY (alliance_id, party),
    CONSTRAINT legal_entities_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT legal_entities_party_check CHECK (party <> 'custody'),
    CONSTRAINT legal_entities_known_check CHECK (legal_name <> '' OR tax_number <> '')
);
COMMENT ON TABLE legal_entities IS 'The legal names and tax numbers of merchants and the organiser, as statements print them. No row: not known.';
COMMENT ON COLUMN legal_entities.party IS 'A merchant''s code, or organiser.';
COMMENT ON COLUMN legal_entities.tax_number IS 'In a circle of yuan the unified social credit code; empty: not known.';
COMMENT ON CONSTRAINT legal_entities_party_check ON legal_entities IS 'Custody is an account of the circle, and nobody in law.';
COMMENT ON CONSTRAINT legal_entities_known_check ON legal_entities IS 'A row says something.';
