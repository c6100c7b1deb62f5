-- What of appointments belongs to a case: what an agent proposed to its requester, behind a secret link, and the
-- appointments at which a case was opened, which nobody proposed.
CREATE TABLE appointments_case (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL,
    motive {id} NOT NULL REFERENCES appointments_motive (id),
    link {blob} UNIQUE,
    link_sealed {text} NOT NULL,
    appointment {id} REFERENCES appointments_appointment (id),
    withdrawn {bool} NOT NULL,
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX appointments_case_case ON appointments_case (case_id, made_at, id);
CREATE INDEX appointments_case_appointment ON appointments_case (appointment) WHERE appointment IS NOT NULL;

-- The proposal that a time is held for.
ALTER TABLE appointments_appointment ADD COLUMN proposal {id};
