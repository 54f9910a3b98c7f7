-- Code and tables say merchant, what people read says shop.

-- +goose Up
ALTER TABLE shops RENAME TO merchants;
ALTER TABLE merchants RENAME COLUMN shop TO merchant;
ALTER TABLE merchants RENAME CONSTRAINT shops_pkey TO merchants_pkey;
ALTER TABLE merchants RENAME CONSTRAINT shops_alliance_fkey TO merchants_alliance_fkey;
ALTER TABLE merchants RENAME CONSTRAINT shops_shop_check TO merchants_merchant_check;
ALTER TABLE merchants RENAME CONSTRAINT shops_debit_cap_check TO merchants_debit_cap_check;
ALTER TABLE merchants RENAME CONSTRAINT shops_leaving_check TO merchants_leaving_check;
ALTER TABLE api_keys RENAME COLUMN shop TO merchant;
ALTER TABLE api_keys RENAME CONSTRAINT api_keys_shop_fkey TO api_keys_merchant_fkey;
COMMENT ON TABLE merchants IS 'The merchants of an alliance: the shops of a circle, as people say.';
COMMENT ON COLUMN merchants.debit_cap IS 'How far the merchant''s position may be lowered below zero by what it does itself, in minor units; null: no limit.';
COMMENT ON TABLE api_keys IS 'API keys by their hash: an organiser''s, or one bound to a merchant and one of its tills. The key itself is shown once and never stored.';

COMMENT ON COLUMN heads.setup_version IS 'Changes with the terms, merchants and products, so that every server knows when its copy is old. It is random: a counted version could be met again after a rollback.';
