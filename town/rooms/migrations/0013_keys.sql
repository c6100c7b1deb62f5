-- Keys and badges of a room, and to which booking each is handed over.
CREATE TABLE rooms_key (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    label {text} NOT NULL,
    number {text} NOT NULL,
    -- Whether it is still handed over.
    active {bool} NOT NULL
) {strict};
CREATE INDEX rooms_key_resource ON rooms_key (resource, id);

CREATE TABLE rooms_key_loan (
    id {id} NOT NULL PRIMARY KEY,
    key_id {id} NOT NULL REFERENCES rooms_key (id),
    booking {id} NOT NULL,
    handed_on {day} NOT NULL,
    -- The account of who handed it over.
    handed_by {id} NOT NULL,
    due_on {day} NOT NULL,
    returned_on {day},
    returned_by {id}
) {strict};
CREATE INDEX rooms_key_loan_booking ON rooms_key_loan (booking);
CREATE INDEX rooms_key_loan_key ON rooms_key_loan (key_id, returned_on);
CREATE INDEX rooms_key_loan_due ON rooms_key_loan (returned_on, due_on);

-- The code of a door, from one day to another; it lies sealed.
CREATE TABLE rooms_door_code (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    first_day {day} NOT NULL,
    last_day {day} NOT NULL,
    code {text} NOT NULL
) {strict};
CREATE INDEX rooms_door_code_resource ON rooms_door_code (resource, first_day);

-- Until when the insurance certificate of a booking is good, as an agent has read on it.
CREATE TABLE rooms_insurance (
    booking {id} NOT NULL PRIMARY KEY,
    good_until {day} NOT NULL,
    noted_at {instant} NOT NULL,
    noted_by {id} NOT NULL
) {strict};
