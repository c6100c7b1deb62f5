-- Short messages and what became of them. Number and words are forgotten as soon as a message is settled.
CREATE TABLE short_message (
    id {id} NOT NULL PRIMARY KEY,
    way {text} NOT NULL,
    recipient {text} NOT NULL,
    words {text} NOT NULL,
    about_kind {text} NOT NULL,
    about_id {id} NOT NULL,
    once {text},
    state {text} NOT NULL,
    error {text},
    queued_at {instant} NOT NULL,
    settled_at {instant}
) {strict};
CREATE INDEX short_message_by_subject ON short_message (about_kind, about_id, id);
CREATE UNIQUE INDEX short_message_once ON short_message (once);
