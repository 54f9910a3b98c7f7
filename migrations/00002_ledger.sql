-- The ledger: transactions, their entries, balances of shared accounts, and
-- the requests that asked for them.

-- +goose Up
CREATE TYPE account_kind AS ENUM (
    'allowances', 'card_bonus', 'card_pool', 'card_value', 'commission_payable', 'commission_pending', 'custody', 'deposits',
    'issuers', 'merchants', 'organiser', 'payables', 'payouts', 'points_pool', 'receivables', 'withheld_tax'
);
COMMENT ON TYPE account_kind IS 'The chart of accounts; with an owner (card, merchant or member) it names an account.';

CREATE TABLE windows (
    alliance_id bigint      NOT NULL,
    period      text        NOT NULL COLLATE "C",
    opens_at    timestamptz NOT NULL,
    cutoff_at   timestamptz NOT NULL,
    first_seq   bigint      NOT NULL,
    closed_seq  bigint,
    CONSTRAINT windows_pkey PRIMARY KEY (alliance_id, period),
    CONSTRAINT windows_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id),
    CONSTRAINT windows_period_check CHECK (period ~ '^\d{4}-\d{2}$'),
    CONSTRAINT windows_span_check CHECK (opens_at < cutoff_at),
    CONSTRAINT windows_closed_check CHECK (closed_seq >= first_seq)
);
COMMENT ON TABLE windows IS 'Settlement windows: calendar months in the circle''s timezone. A window holds the transactions first_seq to closed_seq.';
COMMENT ON COLUMN windows.closed_seq IS 'The last transaction of the window, set when it closes; null while it is open. Nothing enters after that.';

CREATE TABLE transactions (
    alliance_id      bigint      NOT NULL,
    seq              bigint      NOT NULL,
    type             text        NOT NULL COLLATE "C",
    booked_at        timestamptz NOT NULL,
    period           text        NOT NULL COLLATE "C",
    terms            integer     NOT NULL,
    card             text        NOT NULL COLLATE "C",
    merchant         text        NOT NULL COLLATE "C",
    home             text        NOT NULL COLLATE "C",
    member           text        NOT NULL COLLATE "C",
    corrects         bigint      NOT NULL,
    previous         bigint      NOT NULL,
    merchants        text[]      NOT NULL COLLATE "C",
    merchants_before bigint[]    NOT NULL,
    accounts         text[]      NOT NULL COLLATE "C",
    amounts          bigint[]    NOT NULL,
    facts            json        NOT NULL,
    hash             bytea       NOT NULL,
    CONSTRAINT transactions_pkey PRIMARY KEY (alliance_id, seq),
    CONSTRAINT transactions_seq_check CHECK (seq >= 1),
    CONSTRAINT transactions_corrects_check CHECK (corrects >= 0 AND corrects < seq),
    CONSTRAINT transactions_previous_check CHECK (previous >= 0 AND previous < seq),
    CONSTRAINT transactions_merchants_check CHECK (cardinality(merchants) = cardinality(merchants_before) AND seq > ALL (merchants_before)),
    CONSTRAINT transactions_entries_check CHECK (cardinality(accounts) = cardinality(amounts)),
    CONSTRAINT transactions_amounts_check CHECK (0 <> ALL (amounts)),
    CONSTRAINT transactions_hash_check CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE transactions IS 'The log of a circle: append-only, numbered from 1 without a gap, each row carrying its entries and the SHA-256 over itself and the row before it. Names that do not apply are empty, not null.';
COMMENT ON COLUMN transactions.corrects IS 'The transaction that this one reverses, or 0.';
COMMENT ON COLUMN transactions.previous IS 'The card''s transaction before this one, or 0: a card''s history is walked back along it, which costs the hot path no index.';
COMMENT ON COLUMN transactions.merchants IS 'The merchants whom it concerns: who acted, and whose clearing account it moved.';
COMMENT ON COLUMN transactions.merchants_before IS 'Of each of them the transaction before this one, or 0: a shop''s lines are walked back along them, as a card''s are along previous.';
COMMENT ON COLUMN transactions.accounts IS 'The accounts of its entries: a kind of the chart of accounts, with the owner after a colon (merchants:cafe) where each owner has one. The view entries takes them apart.';
COMMENT ON COLUMN transactions.amounts IS 'The amounts of its entries in minor units of the circle''s currency: debit positive, credit negative. They sum to zero. The entries stand in the row of their transaction, because rows and an index of their own took half of a redemption''s time, and so they are written whole or not at all.';
COMMENT ON COLUMN transactions.facts IS 'What the rule book recorded beside the entries. json, not jsonb: the hash covers these very bytes.';

CREATE VIEW entries AS
SELECT t.alliance_id, t.seq, e.line::integer AS line,
       split_part(e.account, ':', 1)::account_kind AS account,
       substr(e.account, strpos(e.account || ':', ':') + 1) AS owner,
       e.amount
FROM transactions t, unnest(t.accounts, t.amounts) WITH ORDINALITY AS e (account, amount, line);
COMMENT ON VIEW entries IS 'The lines of the transactions, a row each; owner is empty where a circle has one account of the kind.';

CREATE TABLE member_transactions (
    alliance_id bigint NOT NULL,
    member      text   NOT NULL COLLATE "C",
    seq         bigint NOT NULL,
    CONSTRAINT member_transactions_pkey PRIMARY KEY (alliance_id, member, seq)
);
COMMENT ON TABLE member_transactions IS 'The transactions that moved a member''s commission: few of all, so they are listed. Append-only.';

CREATE TABLE balances (
    alliance_id bigint       NOT NULL,
    account     account_kind NOT NULL,
    owner       text         NOT NULL COLLATE "C",
    balance     bigint       NOT NULL,
    last_seq    bigint       NOT NULL,
    turnover    bytea,
    CONSTRAINT balances_pkey PRIMARY KEY (alliance_id, account, owner)
) WITH (fillfactor = 20);
COMMENT ON TABLE balances IS 'Balances, debit positive, of all accounts but those of cards and members: custody, issuers, merchants, organiser, points pool, and what parties owe, are owed and have lodged. Those of a card and of a member stand in the card''s and the member''s own row.';
COMMENT ON CONSTRAINT balances_pkey ON balances IS 'The table is small and a large batch changes most of it: the fillfactor leaves room for that on every page, so that the index stays as it is.';
COMMENT ON COLUMN balances.turnover IS 'Of a clearing account, what has moved it since the window opened: by type of transaction the count, the debits and the credits. It is kept as the month goes, so that its end need not read all entries; packed, because a row is written with every batch that moves it.';
COMMENT ON COLUMN balances.last_seq IS 'The newest transaction that concerned the account''s owner: the head of the chain along transactions.merchants_before.';

CREATE TABLE requests (
    alliance_id  bigint      NOT NULL,
    caller       text        NOT NULL COLLATE "C",
    key          text        NOT NULL COLLATE "C",
    request_hash bytea       NOT NULL,
    received_at  timestamptz NOT NULL,
    seq          bigint,
    refusal      text        COLLATE "C",
    answer       text        NOT NULL,
    CONSTRAINT requests_pkey PRIMARY KEY (alliance_id, key, caller),
    CONSTRAINT requests_hash_check CHECK (octet_length(request_hash) = 32),
    CONSTRAINT requests_outcome_check CHECK ((seq IS NULL) <> (refusal IS NULL))
);
COMMENT ON TABLE requests IS 'Every command that was decided, by caller and idempotency key, with its answer: written in the transaction that decided it, so that a retry is answered and never booked twice. Append-only.';
COMMENT ON CONSTRAINT requests_pkey ON requests IS 'The key before the caller: keys that grow with time, such as UUIDs of version 7, are then added at the end of the index, whoever sends them.';
COMMENT ON COLUMN requests.answer IS 'The answer as JSON, byte for byte as it was given; text, because the database need not understand it.';
COMMENT ON CONSTRAINT requests_outcome_check ON requests IS 'A command was either booked as a transaction or refused.';

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is not allowed; a mistake is corrected by a new transaction', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION refuse_change IS 'Keeps a table append-only.';

CREATE TRIGGER transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER member_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON member_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER requests_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
CREATE FUNCTION transactions_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    run record;
BEGIN
    -- One pass over the new rows, and a look-up by primary key or two for each circle and window: a join could be planned as a
    -- scan of the whole log.
    FOR run IN
        SELECT a.alliance_id, a.period, min(a.seq) AS first, max(a.seq) AS last, count(*) AS rows,
               min(a.seq) FILTER (WHERE (SELECT sum(amount) FROM unnest(a.amounts) AS amount) <> 0) AS unbalanced
        FROM added a GROUP BY a.alliance_id, a.period ORDER BY a.alliance_id, first
    LOOP
        IF run.unbalanced IS NOT NULL THEN
            RAISE EXCEPTION 'transaction %: its entries must sum to zero', run.unbalanced
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transactions_balance', TABLE = TG_TABLE_NAME;
        END IF;
        IF run.first > 1 THEN
            PERFORM FROM transactions t WHERE t.alliance_id = run.alliance_id AND t.seq = run.first - 1;
        END IF;
        IF run.rows <> run.last - run.first + 1 OR (run.first > 1 AND NOT FOUND) THEN
            RAISE EXCEPTION 'transaction %: the numbers of a circle''s transactions have no gap', run.first
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transactions_in_order', TABLE = TG_TABLE_NAME;
        END IF;
        PERFORM FROM windows w WHERE w.alliance_id = run.alliance_id AND w.period = run.period AND w.closed_seq IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'transaction %: its window is not open', run.first
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transactions_window_open', TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION transactions_hold IS 'Holds double entry, the numbering without gaps, and that nothing enters a closed window.';

CREATE TRIGGER transactions_hold AFTER INSERT ON transactions
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION transactions_hold();

-- +goose StatementBegin
CREATE FUNCTION windows_stay_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_seq IS NOT NULL THEN
        RAISE EXCEPTION 'window %: a closed window never changes', OLD.period
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION windows_stay_closed IS 'A month closes once.';

CREATE TRIGGER windows_stay_closed BEFORE UPDATE OR DELETE ON windows
    FOR EACH ROW EXECUTE FUNCTION windows_stay_closed();
