-- What every commune's database has, whatever its services: journal, cursors, jobs, idempotency, settings.
CREATE TABLE journal (
    seq {int} NOT NULL PRIMARY KEY,
    at {instant} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {id},
    on_behalf {id},
    channel {text} NOT NULL,
    kind {text} NOT NULL,
    subject_kind {text} NOT NULL,
    subject_id {id} NOT NULL,
    payload {json},
    salt {blob} NOT NULL,
    payload_hash {blob} NOT NULL,
    hash {blob} NOT NULL
) {strict};
CREATE INDEX journal_by_subject ON journal (subject_kind, subject_id, seq);

CREATE TABLE journal_head (
    id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
    seq {int} NOT NULL,
    hash {blob} NOT NULL
) {strict};

CREATE TABLE subscriber (
    name {text} NOT NULL PRIMARY KEY,
    seq {int} NOT NULL
) {strict};

CREATE TABLE job (
    id {id} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    payload {json} NOT NULL,
    due_at {instant} NOT NULL,
    attempts {int} NOT NULL,
    failed {bool} NOT NULL,
    last_error {text},
    dedup {text} UNIQUE
) {strict};
CREATE INDEX job_by_due ON job (failed, due_at, id);

CREATE TABLE idempotency (
    scope {text} NOT NULL,
    key {text} NOT NULL,
    fingerprint {blob} NOT NULL,
    answer {json} NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (scope, key)
) {strict};
CREATE INDEX idempotency_by_age ON idempotency (at);

CREATE TABLE setting (
    name {text} NOT NULL PRIMARY KEY,
    value {json} NOT NULL
) {strict};
