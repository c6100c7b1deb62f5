-- A job is written for nearly every command, while somebody waits: each tree that has no row of it is one page less at each
-- commit. Only jobs with a key are found by it, and SQLite keeps a job where its id is.
--- sqlite
CREATE TABLE job_next (
    id {id} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    payload {json} NOT NULL,
    due_at {instant} NOT NULL,
    attempts {int} NOT NULL,
    failed {bool} NOT NULL,
    last_error {text},
    dedup {text},
    since {instant} NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job_next (id, kind, payload, due_at, attempts, failed, last_error, dedup, since)
SELECT id, kind, payload, due_at, attempts, failed, last_error, dedup, since FROM job;
DROP TABLE job;
ALTER TABLE job_next RENAME TO job;
CREATE INDEX job_by_kind ON job (failed, kind, due_at, id);
CREATE UNIQUE INDEX job_by_dedup ON job (dedup) WHERE dedup IS NOT NULL;
--- both
-- PostgreSQL keeps its whole constraint, which nodes of the program of before rely on.
