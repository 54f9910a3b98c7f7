-- A line of a bank statement is known by all that the bank says of it, and each payment of an obligation by itself: when it was
-- ordered, when it was booked, and whether the bank has shown it.

-- +goose Up
ALTER TYPE account_kind ADD VALUE 'suspense' BEFORE 'withheld_tax';

ALTER TABLE obligations ADD COLUMN payments json NOT NULL DEFAULT '[]';
-- What had moved money is in the events: their amounts have all decimals of their currency. A line of a statement stands under the
-- transaction that it made. A payout that came back while it was on its way had not moved any.
CREATE UNLOGGED TABLE told AS
SELECT e.alliance_id, e.number, e.seq, e.type, e.body ->> 'reference' AS reference, replace(e.body -> 'data' ->> 'amount', '.', '')::bigint AS amount,
       (e.at AT TIME ZONE a.timezone)::date AS told_on, l.booked_on AS seen_on
FROM events e JOIN alliances a USING (alliance_id) LEFT JOIN bank_lines l ON l.alliance_id = e.alliance_id AND l.seq = e.seq
WHERE e.type IN ('payment.received', 'payment.defaulted', 'payout.sent', 'payout.confirmed')
   OR e.type = 'payout.returned' AND EXISTS (SELECT FROM transactions t WHERE t.alliance_id = e.alliance_id AND t.seq = e.seq AND 'custody' = ANY (t.accounts));
CREATE INDEX ON told (alliance_id, reference);
-- What came back was the newest of its amount: a payout stands unless as many have come back since as had left since, and one more.
CREATE UNLOGGED TABLE told_standing AS
SELECT alliance_id, reference, amount, seq, seen_on, row_number() OVER (PARTITION BY alliance_id, reference, amount ORDER BY number) AS nth
FROM (SELECT *, min(left_by_then) OVER (PARTITION BY alliance_id, reference, amount ORDER BY number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS fewest_since
      FROM (SELECT *, sum(CASE type WHEN 'payout.confirmed' THEN 1 ELSE -1 END) OVER (PARTITION BY alliance_id, reference, amount ORDER BY number) AS left_by_then
            FROM told WHERE type IN ('payout.confirmed', 'payout.returned')) AS moved) AS counted
WHERE type = 'payout.confirmed' AND coalesce(fewest_since >= left_by_then, true);
CREATE INDEX ON told_standing (alliance_id, reference);
ANALYZE told, told_standing;
-- What custody had paid through a bank and what is on its way. Banks know these by the bare reference.
UPDATE obligations o SET payments = (
    SELECT coalesce(json_agg(json_strip_nulls(p.payment) ORDER BY p.number), '[]')
    FROM (SELECT t.number, json_build_object('number', t.number, 'amount', t.amount, 'state', 'made', 'booked_seq', s.seq, 'unnamed', true, 'seen_on', s.seen_on) AS payment
          FROM (SELECT amount, number, row_number() OVER (PARTITION BY amount ORDER BY number) AS nth FROM unnest(o.parts) WITH ORDINALITY AS part (amount, number)) AS t
          LEFT JOIN told_standing s ON s.alliance_id = o.alliance_id AND s.reference = o.reference AND s.amount = t.amount AND s.nth = t.nth
          UNION ALL
          SELECT cardinality(o.parts) + 1, json_build_object('number', cardinality(o.parts) + 1, 'run', o.run, 'amount', o.sent, 'state', 'ordered', 'unnamed', true,
                     'made_on', (SELECT (r.made_at AT TIME ZONE a.timezone)::date FROM payment_runs r JOIN alliances a USING (alliance_id)
                                 WHERE r.alliance_id = o.alliance_id AND r.run = o.run),
                     'made_seq', (SELECT max(e.seq) FROM told e WHERE e.alliance_id = o.alliance_id AND e.reference = o.reference AND e.type = 'payout.sent'))
          WHERE o.sent > 0) AS p)
WHERE o.sent > 0 OR o.parts <> '{}';
-- What parties had paid.
UPDATE obligations o SET payments = (
    SELECT coalesce(json_agg(json_strip_nulls(p.payment) ORDER BY p.number), '[]')
    FROM (SELECT row_number() OVER (ORDER BY e.number) AS number,
                 json_build_object('number', row_number() OVER (ORDER BY e.number), 'amount', e.amount, 'state', 'made', 'made_on', e.told_on,
                     'made_seq', e.seq, 'booked_seq', e.seq, 'seen_on', e.seen_on,
                     'to_party', CASE WHEN o.kind = 'direct' AND NOT EXISTS (
                         SELECT FROM told d WHERE d.alliance_id = e.alliance_id AND d.type = 'payment.defaulted' AND d.reference = o.reference AND d.number < e.number)
                         THEN true END) AS payment
          FROM told e WHERE e.alliance_id = o.alliance_id AND e.type = 'payment.received' AND e.reference = o.reference) AS p)
WHERE o.kind IN ('collection', 'direct') AND o.paid > 0;
DROP TABLE told, told_standing;
ALTER TABLE obligations DROP COLUMN parts;
COMMENT ON COLUMN obligations.payments IS 'Each time that money moved, or was to move, for the obligation: of a payout its attempts. What was booked, and what lines of bank statements have shown of it.';

ALTER TABLE payment_orders ADD COLUMN attempt text NOT NULL DEFAULT '' COLLATE "C";
ALTER TABLE payment_orders ALTER COLUMN attempt DROP DEFAULT;
COMMENT ON COLUMN payment_orders.attempt IS 'What the bank knows the payment by, and no other: the reference with the number of the attempt. Empty in old runs, which gave the bare reference.';

ALTER TABLE bank_lines DISABLE TRIGGER bank_lines_append_only;
DROP TRIGGER bank_lines_append_only ON bank_lines;
ALTER TABLE bank_lines ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE bank_lines ADD COLUMN format text NOT NULL DEFAULT '' COLLATE "C";
ALTER TABLE bank_lines ADD COLUMN fingerprint bytea;
ALTER TABLE bank_lines ADD COLUMN occurrence integer NOT NULL DEFAULT 0;
ALTER TABLE bank_lines ADD COLUMN attempt integer NOT NULL DEFAULT 0;
ALTER TABLE bank_lines ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE bank_lines ADD COLUMN problem text NOT NULL DEFAULT '' COLLATE "C";
ALTER TABLE bank_lines ADD COLUMN waits boolean NOT NULL DEFAULT false;
ALTER TABLE bank_lines ADD COLUMN twin bigint NOT NULL DEFAULT 0;
ALTER TABLE bank_lines ADD COLUMN resolved_seq bigint NOT NULL DEFAULT 0;
-- One account may have been spelled in several ways, with the same line under each.
ALTER TABLE bank_lines DROP CONSTRAINT bank_lines_pkey;
-- Of old lines not all is kept that a fingerprint covers. As their format is unknown, a line of a file that has their number,
-- day, way, amount and references is found to be the same.
UPDATE bank_lines SET fingerprint = sha256(convert_to('before fingerprints ' || seq, 'UTF8')), waits = outcome NOT IN ('received', 'confirmed', 'returned'),
       account = upper(regexp_replace(normalize(account, NFKC), '[\s\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u2069\u2212\ufeff-]', '', 'g'));
ALTER TABLE bank_lines ALTER COLUMN fingerprint SET NOT NULL;
ALTER TABLE bank_lines ALTER COLUMN place DROP DEFAULT, ALTER COLUMN format DROP DEFAULT, ALTER COLUMN occurrence DROP DEFAULT, ALTER COLUMN attempt DROP DEFAULT,
    ALTER COLUMN reason DROP DEFAULT, ALTER COLUMN problem DROP DEFAULT, ALTER COLUMN waits DROP DEFAULT, ALTER COLUMN twin DROP DEFAULT,
    ALTER COLUMN resolved_seq DROP DEFAULT;
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_pkey PRIMARY KEY (alliance_id, seq);
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_once_key UNIQUE (alliance_id, account, fingerprint, occurrence);
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_fingerprint_check CHECK (octet_length(fingerprint) = 32);
COMMENT ON TABLE bank_lines IS 'The lines of imported bank statements, each once, with what they were taken for; those that wait are for a person. What the bank says never changes.';
COMMENT ON CONSTRAINT bank_lines_once_key ON bank_lines IS 'A line is taken in once: it is known by all that the bank says of it, and by how often one statement says just that.';
COMMENT ON COLUMN bank_lines.line IS 'The bank''s own number of it, as it is: it may be empty, and may repeat.';
COMMENT ON COLUMN bank_lines.place IS 'Where it stands in its file.';
COMMENT ON COLUMN bank_lines.fingerprint IS 'SHA-256 over all that the bank says of it.';
COMMENT ON COLUMN bank_lines.occurrence IS 'How many equal lines stand before it in its statement.';
COMMENT ON COLUMN bank_lines.attempt IS 'The attempt to pay its reference that it names; 0: none, below: several.';
COMMENT ON COLUMN bank_lines.problem IS 'Why it can''t be booked by itself; empty: nothing is wrong with it.';
COMMENT ON COLUMN bank_lines.outcome IS 'What it was taken for; else why it waits.';
COMMENT ON COLUMN bank_lines.waits IS 'It waits for a person, or for what it names.';
COMMENT ON COLUMN bank_lines.twin IS 'The line, by its transaction, that it may be or is in the words of another file.';
COMMENT ON COLUMN bank_lines.resolved_seq IS 'The transaction that made it wait no more.';
CREATE INDEX bank_lines_waiting ON bank_lines (alliance_id, seq) WHERE waits;
COMMENT ON INDEX bank_lines_waiting IS 'Every command about closed months tries again what waits for it.';
CREATE INDEX bank_lines_days ON bank_lines (alliance_id, account, booked_on);
COMMENT ON INDEX bank_lines_days IS 'An import compares its lines with those of the same days.';

-- +goose StatementBegin
CREATE FUNCTION bank_lines_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.account, OLD.line, OLD.place, OLD.statement, OLD.format, OLD.fingerprint, OLD.occurrence, OLD.seq, OLD.booked_on, OLD.credit,
                            OLD.returned, OLD.amount, OLD.reference, OLD.attempt, OLD.counterparty, OLD.text, OLD.reason, OLD.problem)
       IS DISTINCT FROM    (NEW.account, NEW.line, NEW.place, NEW.statement, NEW.format, NEW.fingerprint, NEW.occurrence, NEW.seq, NEW.booked_on, NEW.credit,
                            NEW.returned, NEW.amount, NEW.reference, NEW.attempt, NEW.counterparty, NEW.text, NEW.reason, NEW.problem)
       OR (NEW.waits AND NOT OLD.waits) THEN
        RAISE EXCEPTION 'bank line %: what the bank says of it never changes, and what was resolved stays so', OLD.seq
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION bank_lines_keep_text IS 'Of a line only what it was taken for changes.';
CREATE TRIGGER bank_lines_keep_text BEFORE UPDATE OR DELETE ON bank_lines
    FOR EACH ROW EXECUTE FUNCTION bank_lines_keep_text();

CREATE TABLE bank_line_twins (
    alliance_id bigint  NOT NULL,
    account     text    NOT NULL COLLATE "C",
    fingerprint bytea   NOT NULL,
    occurrence  integer NOT NULL,
    line        bigint  NOT NULL,
    CONSTRAINT bank_line_twins_pkey PRIMARY KEY (alliance_id, account, fingerprint, occurrence),
    CONSTRAINT bank_line_twins_line_fkey FOREIGN KEY (alliance_id, line) REFERENCES bank_lines (alliance_id, seq)
);
COMMENT ON TABLE bank_line_twins IS 'Lines that files of another format have told of before, in other words, and which line each is. Append-only.';
CREATE INDEX bank_line_twins_line ON bank_line_twins (alliance_id, line);
COMMENT ON INDEX bank_line_twins_line IS 'An import looks up what is known of the lines of its days.';

CREATE TABLE custody_bookings (
    alliance_id bigint NOT NULL,
    seq         bigint NOT NULL,
    amount      bigint NOT NULL,
    line        bigint,
    CONSTRAINT custody_bookings_pkey PRIMARY KEY (alliance_id, seq),
    CONSTRAINT custody_bookings_amount_check CHECK (amount <> 0)
);
COMMENT ON TABLE custody_bookings IS 'What settlement''s transactions have moved in custody, and the line of a bank statement that shows it: of what was booked by hand there is none yet.';
CREATE INDEX custody_bookings_line ON custody_bookings (alliance_id, line);
COMMENT ON INDEX custody_bookings_line IS 'The reconciliation adds up what each line has booked.';
INSERT INTO custody_bookings (alliance_id, seq, amount, line)
SELECT t.alliance_id, t.seq, sum(e.amount), (SELECT l.seq FROM bank_lines l WHERE l.alliance_id = t.alliance_id AND l.seq = t.seq)
FROM transactions t, LATERAL unnest(t.accounts, t.amounts) AS e (account, amount)
WHERE e.account = 'custody' AND t.type IN ('payment.received', 'payout.confirmed', 'payout.returned', 'deposit.lodged', 'deposit.returned', 'tax.remitted')
GROUP BY t.alliance_id, t.seq HAVING sum(e.amount) <> 0;

CREATE TABLE bank_statements (
    alliance_id bigint  NOT NULL,
    seq         bigint  NOT NULL,
    part        integer NOT NULL,
    account     text    NOT NULL COLLATE "C",
    statement   text    NOT NULL COLLATE "C",
    from_on     date,
    to_on       date,
    opening     bigint,
    opening_on  date,
    closing     bigint,
    closing_on  date,
    lines       integer NOT NULL,
    CONSTRAINT bank_statements_pkey PRIMARY KEY (alliance_id, seq, part)
);
COMMENT ON TABLE bank_statements IS 'The statements that were imported, by the transaction that did, with what the bank says was on the account before and after. Append-only.';

CREATE TABLE statement_profiles (
    alliance_id bigint NOT NULL,
    account     text   NOT NULL COLLATE "C",
    profile     text   NOT NULL COLLATE "C",
    mapping     json   NOT NULL,
    CONSTRAINT statement_profiles_pkey PRIMARY KEY (alliance_id, account),
    CONSTRAINT statement_profiles_alliance_fkey FOREIGN KEY (alliance_id) REFERENCES alliances (alliance_id)
);
COMMENT ON TABLE statement_profiles IS 'How the newest export of an account was read, which serves for the next one.';

-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bank_line_twins', 'bank_statements'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name || '_append_only', name);
    END LOOP;
END $$;
-- +goose StatementEnd
