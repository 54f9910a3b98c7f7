-- Currencies have the decimals of ISO 4217. Before, some had those with which prices are usually written, by the data of Unicode CLDR: a circle
-- in one of them keeps its books in other minor units, and its amounts would silently be a hundredth or a thousandth of what they are.

-- +goose Up
-- +goose StatementBegin
DO $$
DECLARE
    circle record;
BEGIN
    SELECT a.code, a.currency INTO circle
    FROM alliances a JOIN heads h USING (alliance_id)
    WHERE a.currency IN ('AFN', 'ALL', 'AMD', 'COP', 'GYD', 'IDR', 'IQD', 'IRR', 'KPW', 'LAK', 'LBP', 'MGA', 'MMK', 'MNT', 'MUR', 'PKR', 'RSD', 'SOS', 'SYP', 'TZS',
                         'UZS', 'YER')
      AND (h.last_seq > 0 OR EXISTS (SELECT FROM merchants m WHERE m.alliance_id = a.alliance_id AND m.debit_cap IS NOT NULL))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the circle % keeps its books in % without decimals, and from this version on % has those of ISO 4217. Export its books with the version before (lianka export), remove the circle, and begin it anew',
            circle.code, circle.currency, circle.currency USING ERRCODE = 'feature_not_supported';
    END IF;
END $$;
-- +goose StatementEnd
