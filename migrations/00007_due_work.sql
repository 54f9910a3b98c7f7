-- Due work of every kind; the count of a card's uses has a plain name.

-- +goose Up
-- Due work is one mechanism: an instant, a rank, the transaction that it comes from, and a kind that the rule book knows.
ALTER TABLE due DROP CONSTRAINT due_rank_check;
ALTER TABLE due RENAME COLUMN sale_seq TO subject;
ALTER TABLE due RENAME COLUMN level TO part;
ALTER TABLE due ALTER COLUMN part TYPE integer;
ALTER TABLE due ADD COLUMN kind text COLLATE "C";
UPDATE due SET kind = CASE rank WHEN 1 THEN 'commission.released' ELSE 'card.expired' END, rank = CASE rank WHEN 1 THEN 10 ELSE 40 END;
ALTER TABLE due ALTER COLUMN kind SET NOT NULL;
ALTER TABLE due ADD CONSTRAINT due_kind_check CHECK (kind <> '' AND rank > 0 AND subject > 0 AND part >= 0);
COMMENT ON TABLE due IS 'Work that comes about by itself, in the order in which it is done. What it is follows from the transaction that it comes from. The deadlines of closed windows and the cut-off of the open one come after all work of their instant.';
COMMENT ON COLUMN due.rank IS 'Its place among the work of one instant: 10 releases commission, 40 expires cards. 0 would be a consequence, which is done right after its command and never gets here.';
COMMENT ON COLUMN due.kind IS 'The type of the transaction that the work makes.';
COMMENT ON COLUMN due.subject IS 'The transaction that it comes from.';
COMMENT ON COLUMN due.part IS 'Which of the works of that transaction it is: of a release, the level of the commission.';
COMMENT ON CONSTRAINT due_kind_check ON due IS 'Which kinds there are, the rule book knows.';

ALTER TABLE cards RENAME COLUMN standing TO unreversed;
ALTER TABLE cards RENAME CONSTRAINT cards_standing_check TO cards_unreversed_check;
COMMENT ON COLUMN cards.unreversed IS 'Uses of the card that are not reversed in full; its sale is reversed only while there are none.';
