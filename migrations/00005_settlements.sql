-- Settlements: what a month came to, written once when its window closes, and
-- what has become of it since.

-- +goose Up
CREATE TABLE positions (
    alliance_id bigint NOT NULL,
    period      text   NOT NULL COLLATE "C",
    party       text   NOT NULL COLLATE "C",
    opening     bigint NOT NULL,
    movement    bigint NOT NULL,
    transfer    bigint NOT NULL,
    carried     bigint NOT NULL,
    movements   json   NOT NULL,
    CONSTRAINT positions_pkey PRIMARY KEY (alliance_id, period, party),
    CONSTRAINT positions_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT positions_sum_check CHECK (opening + movement = transfer + carried),
    CONSTRAINT positions_whole_check CHECK (transfer = 0 OR carried = 0)
);
COMMENT ON TABLE positions IS 'Each party''s position in a closed window, in minor units; positive: the circle owes the party, or pays it. Append-only.';
COMMENT ON COLUMN positions.movements IS 'What made up the movement: by type of transaction the count, the debits and the credits, as balances.turnover had them.';

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
    withheld    bigint NOT NULL,
    CONSTRAINT commission_statements_pkey PRIMARY KEY (alliance_id, period, member),
    CONSTRAINT commission_statements_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT commission_statements_paid_check CHECK (paid >= 0 AND withheld BETWEEN 0 AND paid)
);
COMMENT ON TABLE commission_statements IS 'Each member''s commission when a window closed, after the payout; paid is what this window paid, tax included. Append-only.';
COMMENT ON COLUMN commission_statements.withheld IS 'The part of paid that goes to the tax office.';

CREATE TABLE settlements (
    alliance_id  bigint      NOT NULL,
    period       text        NOT NULL COLLATE "C",
    digest       bytea       NOT NULL,
    policy       json        NOT NULL,
    state        text        NOT NULL COLLATE "C",
    review_until timestamptz NOT NULL,
    approved_at  timestamptz,
    settled_at   timestamptz,
    CONSTRAINT settlements_pkey PRIMARY KEY (alliance_id, period),
    CONSTRAINT settlements_window_fkey FOREIGN KEY (alliance_id, period) REFERENCES windows (alliance_id, period),
    CONSTRAINT settlements_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT settlements_state_check CHECK (state IN ('closed', 'in_review', 'approved', 'paying', 'settled'))
);
COMMENT ON TABLE settlements IS 'The life of a closed window. The digest, over the snapshot in windows, positions and transfers, and the policy that it goes by never change.';

CREATE TABLE obligations (
    alliance_id bigint      NOT NULL,
    period      text        NOT NULL COLLATE "C",
    number      integer     NOT NULL,
    reference   text        NOT NULL COLLATE "C",
    kind        text        NOT NULL COLLATE "C",
    payer       text        NOT NULL COLLATE "C",
    payee       text        NOT NULL COLLATE "C",
    covers      integer     NOT NULL,
    amount      bigint      NOT NULL,
    held        bigint      NOT NULL,
    carried     bigint      NOT NULL,
    paid        bigint      NOT NULL,
    sent        bigint      NOT NULL,
    parts       bigint[]    NOT NULL,
    drawn       bigint      NOT NULL,
    state       text        NOT NULL COLLATE "C",
    due_at      timestamptz,
    remind_at   timestamptz,
    default_at  timestamptz,
    reminders   integer     NOT NULL,
    returns     integer     NOT NULL,
    run         bigint      NOT NULL,
    bearers     json        NOT NULL,
    CONSTRAINT obligations_pkey PRIMARY KEY (alliance_id, period, number),
    CONSTRAINT obligations_kind_check CHECK (kind IN ('collection', 'payout', 'direct', 'commission')),
    CONSTRAINT obligations_state_check CHECK (state IN (
        'due', 'part_paid', 'paid', 'defaulted', 'payable', 'sent', 'confirmed', 'returned', 'carried')),
    CONSTRAINT obligations_amount_check CHECK (amount > 0 AND held >= 0 AND carried >= 0 AND paid >= 0 AND sent >= 0 AND drawn BETWEEN 0 AND paid),
    CONSTRAINT obligations_once_check CHECK (held + carried + paid + sent <= amount),
    CONSTRAINT obligations_sent_check CHECK ((sent > 0) = (state = 'sent'))
);
COMMENT ON TABLE obligations IS 'Who is to pay whom for a closed window: its transfers under their numbers, then members'' commission, then what custody pays in the place of a party that did not.';
COMMENT ON CONSTRAINT obligations_pkey ON obligations IS 'The reference needs no index: it is made of the period and the number. A foreign key to settlements would cost each row a look-up more, and a month-end may write one for each member.';
COMMENT ON COLUMN obligations.covers IS 'Of a payout in the place of a direct transfer that was not paid: the number of that; else 0.';
COMMENT ON COLUMN obligations.held IS 'Held out of the transfer while it is disputed.';
COMMENT ON COLUMN obligations.carried IS 'Taken out of the transfer after a dispute and carried to the open window.';
COMMENT ON COLUMN obligations.sent IS 'On its way through the bank, in payment run number run.';
COMMENT ON COLUMN obligations.parts IS 'What was paid through a bank, payment by payment, and has not come back.';
COMMENT ON COLUMN obligations.drawn IS 'The part of paid that came out of the payer''s deposit.';
COMMENT ON COLUMN obligations.bearers IS 'After a default: who bore how much of the loss, and got how much of it back.';
COMMENT ON CONSTRAINT obligations_once_check ON obligations IS 'Nothing is paid twice.';

CREATE INDEX obligations_defaulted ON obligations (alliance_id, period) WHERE state = 'defaulted';
COMMENT ON INDEX obligations_defaulted IS 'Months of which something may still be paid, though they are settled.';

CREATE TABLE disputes (
    alliance_id bigint      NOT NULL,
    number      bigint      NOT NULL,
    period      text        NOT NULL COLLATE "C",
    party       text        NOT NULL COLLATE "C",
    seq         bigint      NOT NULL,
    effect      bigint      NOT NULL,
    holds       json        NOT NULL,
    reason      text        NOT NULL,
    state       text        NOT NULL COLLATE "C",
    opened_at   timestamptz NOT NULL,
    answered_at timestamptz,
    answer      text        NOT NULL,
    against     text        NOT NULL COLLATE "C",
    adjusted    bigint      NOT NULL,
    CONSTRAINT disputes_pkey PRIMARY KEY (alliance_id, number),
    CONSTRAINT disputes_line_key UNIQUE (alliance_id, party, seq),
    CONSTRAINT disputes_settlement_fkey FOREIGN KEY (alliance_id, period) REFERENCES settlements (alliance_id, period),
    CONSTRAINT disputes_state_check CHECK (state IN ('open', 'refused', 'adjusted', 'withdrawn')),
    CONSTRAINT disputes_answer_check CHECK ((state = 'open') = (answered_at IS NULL))
);
COMMENT ON TABLE disputes IS 'Lines of a closed window that a party objects to, and what became of that.';
COMMENT ON COLUMN disputes.effect IS 'What the line did to the party''s position, in minor units; positive: in its favour.';
COMMENT ON COLUMN disputes.holds IS 'How much of which obligations is held out of them meanwhile.';
COMMENT ON CONSTRAINT disputes_line_key ON disputes IS 'A line is disputed once by a party.';

CREATE TABLE payment_runs (
    alliance_id bigint      NOT NULL,
    run         bigint      NOT NULL,
    made_at     timestamptz NOT NULL,
    execute_on  date        NOT NULL,
    debtor      json        NOT NULL,
    CONSTRAINT payment_runs_pkey PRIMARY KEY (alliance_id, run)
);
COMMENT ON TABLE payment_runs IS 'What was given to the bank to be paid, at one time. Append-only.';

CREATE TABLE payment_orders (
    alliance_id bigint  NOT NULL,
    run         bigint  NOT NULL,
    line        integer NOT NULL,
    period      text    NOT NULL COLLATE "C",
    number      integer NOT NULL,
    reference   text    NOT NULL COLLATE "C",
    amount      bigint  NOT NULL,
    payee       json    NOT NULL,
    CONSTRAINT payment_orders_pkey PRIMARY KEY (alliance_id, run, line),
    CONSTRAINT payment_orders_once_key UNIQUE (alliance_id, run, period, number),
    CONSTRAINT payment_orders_obligation_fkey FOREIGN KEY (alliance_id, period, number) REFERENCES obligations (alliance_id, period, number),
    CONSTRAINT payment_orders_amount_check CHECK (amount > 0)
);
COMMENT ON TABLE payment_orders IS 'The payments of a run, with the payee''s account as it was then. Append-only.';

CREATE TABLE payment_files (
    alliance_id bigint NOT NULL,
    run         bigint NOT NULL,
    format      text   NOT NULL COLLATE "C",
    body        bytea  NOT NULL,
    CONSTRAINT payment_files_pkey PRIMARY KEY (alliance_id, run, format),
    CONSTRAINT payment_files_run_fkey FOREIGN KEY (alliance_id, run) REFERENCES payment_runs (alliance_id, run)
);
COMMENT ON TABLE payment_files IS 'The files of a run as they were first handed out: making one again gives the same bytes. Append-only.';

CREATE TABLE bank_accounts (
    alliance_id bigint NOT NULL,
    kind        text   NOT NULL COLLATE "C",
    owner       text   NOT NULL COLLATE "C",
    body        json   NOT NULL,
    CONSTRAINT bank_accounts_pkey PRIMARY KEY (alliance_id, kind, owner),
    CONSTRAINT bank_accounts_kind_check CHECK (kind IN ('party', 'member')),
    CONSTRAINT bank_accounts_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE bank_accounts IS 'Where parties and members are paid, and what custody pays from. An account may be changed and deleted: it is personal data; what was paid keeps its copy in payment_orders.';

CREATE TABLE bank_lines (
    alliance_id bigint  NOT NULL,
    account     text    NOT NULL COLLATE "C",
    line        text    NOT NULL COLLATE "C",
    statement   text    NOT NULL COLLATE "C",
    seq         bigint  NOT NULL,
    booked_on   date    NOT NULL,
    credit      boolean NOT NULL,
    returned    boolean NOT NULL,
    amount      bigint  NOT NULL,
    reference   text    NOT NULL,
    counterparty text   NOT NULL,
    text        text    NOT NULL,
    outcome     text    NOT NULL COLLATE "C",
    CONSTRAINT bank_lines_pkey PRIMARY KEY (alliance_id, account, line)
);
COMMENT ON TABLE bank_lines IS 'The lines of imported bank statements, each once by the bank''s own number, with what they were taken for; unmatched ones wait for a person. Append-only.';
COMMENT ON COLUMN bank_lines.outcome IS 'received, confirmed or returned; else why it was not matched.';

CREATE TABLE events (
    alliance_id bigint      NOT NULL,
    number      bigint      NOT NULL,
    at          timestamptz NOT NULL,
    type        text        NOT NULL COLLATE "C",
    seq         bigint      NOT NULL,
    period      text        NOT NULL COLLATE "C",
    party       text        NOT NULL COLLATE "C",
    body        json        NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (alliance_id, number)
);
COMMENT ON TABLE events IS 'Every change of state after a window closed, numbered from 1 without a gap, written in the transaction that made it: what a webhook will tell. Append-only.';
COMMENT ON COLUMN events.seq IS 'The transaction of the log that made the change.';
COMMENT ON COLUMN events.party IS 'The party whom it concerns; empty if all.';

-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['positions', 'transfers', 'commission_statements', 'payment_runs', 'payment_orders', 'payment_files', 'bank_lines', 'events'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name || '_append_only', name);
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION settlements_keep_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.digest <> NEW.digest OR OLD.policy::text <> NEW.policy::text OR OLD.period <> NEW.period THEN
        RAISE EXCEPTION 'settlement %: its snapshot never changes', OLD.period
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION settlements_keep_snapshot IS 'Of a settlement only its life goes on.';

CREATE TRIGGER settlements_keep_snapshot BEFORE UPDATE OR DELETE ON settlements
    FOR EACH ROW EXECUTE FUNCTION settlements_keep_snapshot();

-- +goose StatementBegin
CREATE FUNCTION obligations_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.reference, OLD.kind, OLD.payer, OLD.payee, OLD.covers, OLD.amount)
                        <> (NEW.reference, NEW.kind, NEW.payer, NEW.payee, NEW.covers, NEW.amount) THEN
        RAISE EXCEPTION 'obligation % of %: who owes whom how much never changes', OLD.number, OLD.period
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION obligations_keep_terms IS 'Of an obligation only its life goes on.';

CREATE TRIGGER obligations_keep_terms BEFORE UPDATE OR DELETE ON obligations
    FOR EACH ROW EXECUTE FUNCTION obligations_keep_terms();
