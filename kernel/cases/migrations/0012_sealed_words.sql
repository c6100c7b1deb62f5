-- Words of a case that is sealed at rest are sealed as it is.
ALTER TABLE exchange ADD COLUMN sealed {bool} NOT NULL DEFAULT FALSE;
