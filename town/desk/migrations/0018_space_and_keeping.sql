-- Whoever has begun a request is reminded before it is forgotten.
ALTER TABLE desk_draft ADD COLUMN reminded_at {instant};
CREATE INDEX desk_draft_to_remind ON desk_draft (kept_until, id) WHERE reminded_at IS NULL;

-- What becomes of a case, who was told before, and who had it kept longer, and why.
ALTER TABLE desk_retention ADD COLUMN disposal {text} NOT NULL DEFAULT 'erase';
ALTER TABLE desk_retention ADD COLUMN warned_at {instant};
ALTER TABLE desk_retention ADD COLUMN prolonged_at {instant};
ALTER TABLE desk_retention ADD COLUMN prolonged_by {id};
ALTER TABLE desk_retention ADD COLUMN prolonged_why {text};
ALTER TABLE desk_retention ADD COLUMN slip {id};
DROP INDEX desk_retention_due;
CREATE INDEX desk_retention_due ON desk_retention (disposal, due_on, case_id);
CREATE INDEX desk_retention_to_warn ON desk_retention (due_on, case_id) WHERE warned_at IS NULL;
CREATE INDEX desk_retention_slip ON desk_retention (slip, case_id) WHERE slip IS NOT NULL;

-- What goes to the archives, or is destroyed with their visa: one list for many cases.
CREATE TABLE desk_slip (
    id {id} NOT NULL PRIMARY KEY,
    number {text} NOT NULL UNIQUE,
    purpose {text} NOT NULL,
    procedure {text} NOT NULL,
    cases {int} NOT NULL,
    made_at {instant} NOT NULL,
    made_by {id} NOT NULL,
    visa_name {text} NOT NULL,
    visa_on {day},
    signed_at {instant},
    signed_by {id}
) {strict};

-- How far sweeps of the journal have come.
CREATE TABLE desk_swept (
    name {text} NOT NULL PRIMARY KEY,
    seq {int} NOT NULL
) {strict};

-- Cases that go to the archives, and those that are only made anonymous, were not noted before: what is over is gone
-- through once more. What was erased already is passed over.
UPDATE subscriber SET seq = 0 WHERE name = 'desk.retention';
