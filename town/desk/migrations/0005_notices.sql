-- What a mail or a letter of a case tells: that it was sent proves that the requester was told.
CREATE TABLE desk_notice (
    message {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    tells {text} NOT NULL
) {strict};
CREATE INDEX desk_notice_case ON desk_notice (case_id, tells);
