-- Letters queued before letters had trays: each belongs to the department of its case.
UPDATE letter SET tray = (SELECT department FROM cases WHERE cases.id = letter.about_id)
WHERE tray = '' AND about_kind = 'case' AND EXISTS (SELECT 1 FROM cases WHERE cases.id = letter.about_id);
