-- What was set up before a booking, or cleaned after it.
CREATE TABLE rooms_task (
    booking {id} NOT NULL,
    kind {text} NOT NULL,
    -- Of which date, where it comes again.
    starts_at {instant} NOT NULL,
    done_at {instant} NOT NULL,
    PRIMARY KEY (booking, kind, starts_at)
) {strict};
CREATE INDEX rooms_task_done ON rooms_task (done_at);
