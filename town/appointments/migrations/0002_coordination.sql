-- The State's coordination service of appointments for identity cards and passports (ANTS): where it is, the town's
-- token, sealed, and how it has fared.
CREATE TABLE appointments_coordination (
    only_one {int} NOT NULL PRIMARY KEY CHECK (only_one = 1),
    address {text} NOT NULL,
    token {text} NOT NULL,
    changed_at {instant} NOT NULL,
    answered_at {instant},
    trouble {text},
    troubled_since {instant}
) {strict};

-- What was declared there of an appointment, one a number: in the very words, so that it is withdrawn by them. What it
-- did not take stands here too, so that it is not asked for ever. Found: what it knew of the number then.
CREATE TABLE appointments_declared (
    appointment {id} NOT NULL REFERENCES appointments_appointment (id),
    number {text} NOT NULL,
    point {text} NOT NULL,
    place {text} NOT NULL,
    at {text} NOT NULL,
    taken {bool} NOT NULL,
    found {text} NOT NULL,
    PRIMARY KEY (appointment, number)
) {strict};
