-- The platform's registry: which communes there are, under which host names, kept where, and who has work waiting.
CREATE TABLE commune (
    slug {text} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    database {text} NOT NULL,
    created_at {instant} NOT NULL
) {strict};

CREATE TABLE host (
    name {text} NOT NULL PRIMARY KEY,
    commune {text} NOT NULL REFERENCES commune (slug)
) {strict};
CREATE INDEX host_by_commune ON host (commune, name);

CREATE TABLE wakeup (
    commune {text} NOT NULL PRIMARY KEY REFERENCES commune (slug),
    due_at {instant} NOT NULL
) {strict};
CREATE INDEX wakeup_by_due ON wakeup (due_at, commune);
