-- A shop's key has a right: a till need not be able to move the shop's money.

-- +goose Up
ALTER TABLE api_keys ADD COLUMN key_right text COLLATE "C";
UPDATE api_keys SET key_right = 'owner' WHERE role = 'shop';
ALTER TABLE api_keys DROP CONSTRAINT api_keys_role_check;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_role_check CHECK (
    (role = 'organiser' AND merchant IS NULL AND till IS NULL AND key_right IS NULL)
    OR (role = 'shop' AND merchant IS NOT NULL AND till IS NOT NULL AND key_right IS NOT NULL));
ALTER TABLE api_keys ADD CONSTRAINT api_keys_right_check CHECK (key_right IN ('cashier', 'owner'));
COMMENT ON COLUMN api_keys.key_right IS 'For whom a shop key acts: cashier or owner. Keys of before there were rights are owners'', as they could do all that.';
COMMENT ON CONSTRAINT api_keys_role_check ON api_keys IS 'A shop key belongs to a shop and one of its tills, and has a right; an organiser key has none of them.';
