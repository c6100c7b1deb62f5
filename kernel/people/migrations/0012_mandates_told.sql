-- In which language the helped person is written to; and to whom, so that nobody is written to by the dozen.
ALTER TABLE mandate ADD COLUMN lang {text} NOT NULL DEFAULT 'fr';
ALTER TABLE mandate ADD COLUMN recipient {text} NOT NULL DEFAULT '';
CREATE INDEX mandate_by_recipient ON mandate (recipient, asked_at) WHERE recipient <> '';
CREATE INDEX mandate_by_asking ON mandate (account, asked_at);
