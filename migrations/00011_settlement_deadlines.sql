-- Disputes have a time to be answered in, and a default is remembered after it was paid.

-- +goose Up
ALTER TABLE disputes ADD COLUMN answer_by timestamptz;
COMMENT ON COLUMN disputes.answer_by IS 'When the dispute is answered by itself, as the terms say; null: never, because it was opened before there was such a time.';

ALTER TABLE obligations ADD COLUMN defaulted_at timestamptz;
COMMENT ON COLUMN obligations.defaulted_at IS 'When the party defaulted on it last; null: it has not. It stays after the obligation was paid, because money for it is custody''s then.';
UPDATE obligations o SET defaulted_at = e.at
FROM (SELECT alliance_id, body ->> 'reference' AS reference, max(at) AS at FROM events WHERE type = 'payment.defaulted' GROUP BY 1, 2) e
WHERE e.alliance_id = o.alliance_id AND e.reference = o.reference;
CREATE INDEX obligations_sent ON obligations (alliance_id) WHERE state = 'sent';
COMMENT ON INDEX obligations_sent IS 'What is on its way: a payment run sums it, to know what custody has left.';

ALTER TABLE api_keys ADD COLUMN left_at timestamptz;
COMMENT ON COLUMN api_keys.left_at IS 'When the merchant left. Since then the key only reads what is still settled with the merchant. Keys of merchants that left before there was such a column were revoked, and stay so.';

-- What a merchant has uploaded late counts its own uploads alone. Turnovers of open windows
-- counted every late transaction of the account, in an entry of the type 10: it is counted
-- anew. An entry is the type, or 0 with the length of a name and the name, and then count,
-- debits and credits; numbers are varints.
-- +goose StatementBegin
CREATE FUNCTION pg_temp.varint(n bigint) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    packed bytea := '';
BEGIN
    WHILE n >= 128 LOOP
        packed := packed || set_byte('\x00', 0, (n % 128)::integer + 128);
        n := n / 128;
    END LOOP;
    RETURN packed || set_byte('\x00', 0, n::integer);
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION pg_temp.without_late(turnover bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    kept   bytea := '';
    at     integer := 0;
    begun  integer;
    kind   bigint;
    number bigint;
    factor bigint;
BEGIN
    WHILE at < length(turnover) LOOP
        begun := at;
        FOR part IN 1..5 LOOP -- the type, the length of its name, and three numbers
            CONTINUE WHEN part = 2 AND kind <> 0;
            number := 0;
            factor := 1;
            LOOP
                number := number + (get_byte(turnover, at) & 127) * factor;
                factor := factor * 128;
                at := at + 1;
                EXIT WHEN get_byte(turnover, at - 1) < 128;
            END LOOP;
            IF part = 1 THEN
                kind := number;
            ELSIF part = 2 THEN
                at := at + number::integer;
            END IF;
        END LOOP;
        IF kind <> 10 THEN
            kept := kept || substr(turnover, begun + 1, at - begun);
        END IF;
    END LOOP;
    RETURN kept;
END
$$;
-- +goose StatementEnd
WITH late AS (
    SELECT t.alliance_id, t.seq, t.merchant,
           (SELECT coalesce(sum(greatest(e.amount, 0)), 0) FROM unnest(t.accounts, t.amounts) AS e (account, amount) WHERE e.account = 'merchants:' || t.merchant)::bigint AS debits,
           (SELECT coalesce(-sum(least(e.amount, 0)), 0) FROM unnest(t.accounts, t.amounts) AS e (account, amount) WHERE e.account = 'merchants:' || t.merchant)::bigint AS credits
    FROM windows w JOIN transactions t ON t.alliance_id = w.alliance_id AND t.seq >= w.first_seq
    WHERE w.closed_seq IS NULL AND t.facts ->> 'occurred_at' IS NOT NULL
)
UPDATE balances b SET turnover = pg_temp.without_late(b.turnover) || coalesce((
    SELECT pg_temp.varint(10) || pg_temp.varint(count(*)) || pg_temp.varint(sum(l.debits)::bigint) || pg_temp.varint(sum(l.credits)::bigint)
    FROM late l WHERE l.alliance_id = b.alliance_id AND b.account = 'merchants' AND l.merchant = b.owner HAVING count(*) > 0), '')
WHERE b.turnover IS NOT NULL AND b.alliance_id IN (SELECT alliance_id FROM late);
DROP FUNCTION pg_temp.varint(bigint);
DROP FUNCTION pg_temp.without_late(bytea);
