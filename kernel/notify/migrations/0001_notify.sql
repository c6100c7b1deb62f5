-- What the commune tells people: mail and its proof, letters for the next batch, short messages.
CREATE TABLE mail (
    id {id} NOT NULL PRIMARY KEY,
    recipient {text} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    html {text},
    secret {bool} NOT NULL,
    about_kind {text} NOT NULL,
    about_id {id} NOT NULL,
    state {text} NOT NULL,
    attempts {int} NOT NULL,
    error {text},
    queued_at {instant} NOT NULL,
    settled_at {instant}
) {strict};
CREATE INDEX mail_by_subject ON mail (about_kind, about_id, id);

CREATE TABLE letter (
    id {id} NOT NULL PRIMARY KEY,
    recipient {text} NOT NULL,
    lines {json} NOT NULL,
    content {json} NOT NULL,
    about_kind {text} NOT NULL,
    about_id {id} NOT NULL,
    queued_at {instant} NOT NULL,
    printed_at {instant}
) {strict};
CREATE INDEX letter_waiting ON letter (id) WHERE printed_at IS NULL;
