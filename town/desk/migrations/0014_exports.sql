-- Lists of cases that an agent takes out of the house: what they hold, and until when the file is kept.
CREATE TABLE desk_export (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL,
    -- The procedure whose answers stand in columns; none for a list without answers.
    procedure {text} NOT NULL,
    -- The departments whose cases are in it.
    departments {json} NOT NULL,
    received_from {day},
    received_until {day},
    kind {text} NOT NULL,
    state {text} NOT NULL,
    cases {int} NOT NULL,
    bytes {int} NOT NULL,
    asked_at {instant} NOT NULL,
    expires_at {instant} NOT NULL
) {strict};
CREATE INDEX desk_export_account ON desk_export (account, id);
CREATE INDEX desk_export_expiry ON desk_export (expires_at, id);
