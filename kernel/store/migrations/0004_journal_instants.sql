-- The instant of the journal's last entry, so that the next one is never older, whatever the clock does meanwhile.
ALTER TABLE journal_head ADD COLUMN at {instant} NOT NULL DEFAULT 0;
UPDATE journal_head SET at = COALESCE((SELECT MAX(at) FROM journal), 0);
