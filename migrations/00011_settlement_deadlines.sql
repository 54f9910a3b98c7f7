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
