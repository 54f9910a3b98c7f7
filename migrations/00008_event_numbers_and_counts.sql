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

-- A settlement counts its obligations, so that what is done need not be read to see what is left.
ALTER TABLE settlements ADD COLUMN obligations integer;
ALTER TABLE settlements ADD COLUMN undone integer;
UPDATE settlements s
SET obligations = n.obligations, undone = n.undone
FROM (SELECT s.alliance_id, s.period, count(o.number) AS obligations,
             count(o.number) FILTER (WHERE o.state NOT IN ('paid', 'defaulted', 'confirmed', 'carried')) AS undone
      FROM settlements s LEFT JOIN obligations o USING (alliance_id, period) GROUP BY s.alliance_id, s.period) AS n
WHERE s.alliance_id = n.alliance_id AND s.period = n.period;
ALTER TABLE settlements ALTER COLUMN obligations SET NOT NULL;
ALTER TABLE settlements ALTER COLUMN undone SET NOT NULL;
ALTER TABLE settlements ADD CONSTRAINT settlements_undone_check CHECK (undone BETWEEN 0 AND obligations);
ALTER TABLE settlements ADD CONSTRAINT settlements_settled_check CHECK (state <> 'settled' OR undone = 0);
COMMENT ON COLUMN settlements.obligations IS 'How many obligations there are.';
COMMENT ON COLUMN settlements.undone IS 'How many of them something is left to do of. One that was defaulted on is done: its loss was shared.';
COMMENT ON CONSTRAINT settlements_settled_check ON settlements IS 'A settlement is settled when nothing is left to do.';

DROP INDEX obligations_defaulted;
CREATE INDEX obligations_open ON obligations (alliance_id, period) WHERE kind <> 'commission' AND state NOT IN ('paid', 'confirmed', 'carried');
COMMENT ON INDEX obligations_open IS 'What every command has to know: parties'' obligations that something may still be paid of. Members'' commission is not among them, so a month-end writes no row of it.';
CREATE INDEX disputes_open ON disputes (alliance_id, period) WHERE state = 'open';
COMMENT ON INDEX disputes_open IS 'Disputes that wait for an answer.';
