-- Since when a job is due, so that it is not tried for ever; and each kind of jobs by itself.
ALTER TABLE job ADD COLUMN since {instant} NOT NULL DEFAULT 0;
UPDATE job SET since = due_at;
CREATE INDEX job_by_kind ON job (failed, kind, due_at, id);
