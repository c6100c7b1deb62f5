-- Jobs are taken by their kind; when the next one is due is told by the first of each kind.
DROP INDEX job_by_due;
