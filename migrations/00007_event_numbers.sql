-- An event's number says which transaction made it, so that the events of a circle sort in the order of its log.

-- +goose Up
-- The events so far get their new numbers: within a transaction they keep their order. What the log's facts and stored answers say of
-- them is covered by the chain of hashes, and keeps the old ones.
ALTER TABLE events DISABLE TRIGGER events_append_only;
ALTER TABLE events DROP CONSTRAINT events_pkey; -- an old number may be another event's new one
UPDATE events e
SET number = n.renumbered, body = regexp_replace(e.body::text, '"number":\s*\d+', '"number":' || n.renumbered)::json
FROM (SELECT alliance_id, number, (seq << 20) + row_number() OVER (PARTITION BY alliance_id, seq ORDER BY number) AS renumbered FROM events) AS n
WHERE e.alliance_id = n.alliance_id AND e.number = n.number;
ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY (alliance_id, number);
ALTER TABLE events ADD CONSTRAINT events_number_check CHECK (number >> 20 = seq AND number & 1048575 > 0);
ALTER TABLE events ENABLE TRIGGER events_append_only;
COMMENT ON TABLE events IS 'Every change of state after a window closed, written in the transaction that made it: what a webhook will tell. Append-only.';
COMMENT ON COLUMN events.number IS 'The transaction''s number times 2^20, plus the event''s own in that transaction, from 1 without a gap.';
COMMENT ON CONSTRAINT events_number_check ON events IS 'Events sort in the order of the log.';
