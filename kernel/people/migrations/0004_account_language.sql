-- The language of the page where the account was asked for: what is written to its owner is in it.
ALTER TABLE account ADD COLUMN language {text} NOT NULL DEFAULT 'fr';
