-- Each department prints its own letters: a letter lies in the tray of one.
ALTER TABLE letter ADD COLUMN tray {text} NOT NULL DEFAULT '';
DROP INDEX letter_waiting;
CREATE INDEX letter_waiting ON letter (tray, id) WHERE printed_at IS NULL;
CREATE INDEX letter_printed ON letter (tray, printed_at) WHERE printed_at IS NOT NULL;
