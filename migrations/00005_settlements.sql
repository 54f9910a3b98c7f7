-- Settlements: what a month came to, written once when its window closes.

-- +goose Up
CREATE TABLE positions (
    alliance_id bigint NOT NULL,
    period      text   NOT NULL COLLATE "C",
    party       text   NOT NULL COLLATE "C",
    opening     bigint NOT NULL,
    movement    bigint NOT NULL,
    transfer    bigint NOT NULL,
    carried     bigint NOT NULL,
    CONSTRAINT positions_pkey PRIMARY KEY (alliance_id, period, party),
    CONSTRAINT positions_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT positions_sum_check CHECK (opening + movement = transfer + carried),
    CONSTRAINT positions_whole_check CHECK (transfer = 0 OR carried = 0)
);
COMMENT ON TABLE positions IS 'Each party''s position in a closed window, in minor units; positive: the circle owes the party, or pays it. Append-only.';

CREATE TABLE transfers (
    alliance_id bigint  NOT NULL,
    period      text    NOT NULL COLLATE "C",
    number      integer NOT NULL,
    payer       text    NOT NULL COLLATE "C",
    payee       text    NOT NULL COLLATE "C",
    amount      bigint  NOT NULL,
    CONSTRAINT transfers_pkey PRIMARY KEY (alliance_id, period, number),
    CONSTRAINT transfers_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT transfers_amount_check CHECK (amount > 0),
    CONSTRAINT transfers_parties_check CHECK (payer <> payee)
);
COMMENT ON TABLE transfers IS 'The payments that settle a window, in the order in which they were made. Append-only.';

CREATE TABLE commission_statements (
    alliance_id bigint NOT NULL,
    period      text   NOT NULL COLLATE "C",
    member      text   NOT NULL COLLATE "C",
    pending     bigint NOT NULL,
    payable     bigint NOT NULL,
    paid        bigint NOT NULL,
    CONSTRAINT commission_statements_pkey PRIMARY KEY (alliance_id, period, member),
    CONSTRAINT commission_statements_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT commission_statements_paid_check CHECK (paid >= 0)
);
COMMENT ON TABLE commission_statements IS 'Each member''s commission when a window closed, after the payout; paid is what this window paid. Append-only.';

CREATE TRIGGER positions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON positions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commission_statements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commission_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
