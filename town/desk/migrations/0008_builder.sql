-- Procedures in the making, written as the catalogue writes them: one of each name at a time.
CREATE TABLE desk_workshop (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    title {text} NOT NULL,
    revision {int} NOT NULL,
    definition {text} NOT NULL,
    changed_by {id},
    changed_at {instant} NOT NULL,
    proposed_by {id},
    proposed_at {instant},
    sent_back {text} NOT NULL
) {strict};
CREATE INDEX desk_workshop_changed ON desk_workshop (changed_at, id);

-- A procedure filled in once, and what came of it: every later version must do the same.
CREATE TABLE desk_trial (
    id {id} NOT NULL PRIMARY KEY,
    procedure {text} NOT NULL,
    name {text} NOT NULL,
    content {json} NOT NULL,
    recorded_by {id},
    recorded_at {instant} NOT NULL
) {strict};
CREATE INDEX desk_trial_procedure ON desk_trial (procedure, id);

-- Questions that several procedures ask alike.
CREATE TABLE desk_block (
    name {text} NOT NULL PRIMARY KEY,
    title {text} NOT NULL,
    revision {int} NOT NULL,
    definition {text} NOT NULL,
    changed_at {instant} NOT NULL
) {strict};

-- Who wrote a version and who published it.
ALTER TABLE desk_procedure ADD COLUMN published_by {id};
ALTER TABLE desk_procedure ADD COLUMN proposed_by {id};
