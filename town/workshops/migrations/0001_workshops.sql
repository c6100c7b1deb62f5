-- Where workshops are held, and the room of the calendar that their sessions take there.
CREATE TABLE workshops_place (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    resource {id} REFERENCES calendar_resource (id),
    sheet {json} NOT NULL
) {strict};

-- What is learnt: the sheet says what, for whom, at which level, what to bring.
CREATE TABLE workshops_series (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    published {bool} NOT NULL,
    department {id} NOT NULL REFERENCES department (id),
    sheet {json} NOT NULL
) {strict};

-- When. Taken: seats that somebody has or is offered; waiting: wishes that wait; turns: how many wishes there were, so
-- that each has its number. Booking: what is taken of the room in the calendar.
CREATE TABLE workshops_session (
    id {id} NOT NULL PRIMARY KEY,
    series {id} NOT NULL REFERENCES workshops_series (id),
    place {id} NOT NULL REFERENCES workshops_place (id),
    starts_at {instant} NOT NULL,
    ends_at {instant} NOT NULL,
    seats {int} NOT NULL,
    waiting_places {int} NOT NULL,
    taken {int} NOT NULL,
    waiting {int} NOT NULL,
    turns {int} NOT NULL,
    state {text} NOT NULL,
    why {text} NOT NULL,
    booking {id},
    changes {int} NOT NULL,
    changed_at {instant} NOT NULL,
    CHECK (taken >= 0 AND taken <= seats),
    CHECK (waiting >= 0)
) {strict};
CREATE INDEX workshops_session_time ON workshops_session (starts_at, id);
CREATE INDEX workshops_session_series ON workshops_session (series, starts_at, id);

-- Somebody who takes part, and how they or whoever registered them are told. What names them is empty once it is erased;
-- participant, band and channel stay, and lead to nobody.
CREATE TABLE workshops_registration (
    id {id} NOT NULL PRIMARY KEY,
    reference {text} NOT NULL UNIQUE,
    series {id} NOT NULL REFERENCES workshops_series (id),
    participant {id} NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    registrant {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    address {json} NOT NULL,
    address_key {text} NOT NULL,
    way {text} NOT NULL,
    band {text} NOT NULL,
    note {text} NOT NULL,
    channel {text} NOT NULL,
    lang {text} NOT NULL,
    link {blob} NOT NULL UNIQUE,
    link_sealed {text} NOT NULL,
    account {id},
    made_at {instant} NOT NULL,
    told_twice_at {instant},
    erased {bool} NOT NULL
) {strict};
CREATE INDEX workshops_registration_name ON workshops_registration (name_key) WHERE name_key <> '';
CREATE INDEX workshops_registration_account ON workshops_registration (account) WHERE account IS NOT NULL;
CREATE INDEX workshops_registration_known ON workshops_registration (made_at, id) WHERE erased = FALSE;

-- What a registration has of a session: a seat, an offer of one, or a turn in the waiting list; and who came.
CREATE TABLE workshops_seat (
    id {id} NOT NULL PRIMARY KEY,
    registration {id} NOT NULL REFERENCES workshops_registration (id),
    session {id} NOT NULL REFERENCES workshops_session (id),
    state {text} NOT NULL,
    turn {int} NOT NULL,
    expires_at {instant},
    presence {text} NOT NULL,
    changed_at {instant} NOT NULL,
    UNIQUE (registration, session)
) {strict};
CREATE INDEX workshops_seat_turn ON workshops_seat (session, state, turn);
CREATE INDEX workshops_seat_offered ON workshops_seat (expires_at) WHERE expires_at IS NOT NULL;

-- Whoever is to be told by telephone, by an agent.
CREATE TABLE workshops_call (
    id {id} NOT NULL PRIMARY KEY,
    registration {id} NOT NULL REFERENCES workshops_registration (id),
    session {id} NOT NULL REFERENCES workshops_session (id),
    word {text} NOT NULL,
    made_at {instant} NOT NULL,
    done_at {instant},
    UNIQUE (registration, session, word, made_at)
) {strict};
CREATE INDEX workshops_call_waiting ON workshops_call (made_at, id) WHERE done_at IS NULL;

-- What advisers know of somebody whom they follow: what they could do alone at the first meeting, and notes since.
CREATE TABLE workshops_followup (
    id {id} NOT NULL PRIMARY KEY,
    department {id} NOT NULL REFERENCES department (id),
    participant {id} NOT NULL,
    name {text} NOT NULL,
    levels {json} NOT NULL,
    made_at {instant} NOT NULL,
    changed_at {instant} NOT NULL,
    UNIQUE (department, participant)
) {strict};
CREATE INDEX workshops_followup_age ON workshops_followup (changed_at);

CREATE TABLE workshops_note (
    id {id} NOT NULL PRIMARY KEY,
    followup {id} NOT NULL REFERENCES workshops_followup (id),
    author {id} NOT NULL,
    text {text} NOT NULL,
    at {instant} NOT NULL
) {strict};
CREATE INDEX workshops_note_of ON workshops_note (followup, at, id);

-- What a department lends: equipment of the calendar, several pieces of which are alike.
CREATE TABLE workshops_equipment (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    department {id} NOT NULL REFERENCES department (id)
) {strict};

CREATE TABLE workshops_loan (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES workshops_equipment (resource),
    name {text} NOT NULL,
    phone {text} NOT NULL,
    note {text} NOT NULL,
    lent_at {instant} NOT NULL,
    due {day} NOT NULL,
    returned_at {instant},
    erased {bool} NOT NULL
) {strict};
CREATE INDEX workshops_loan_out ON workshops_loan (due, id) WHERE returned_at IS NULL;
CREATE INDEX workshops_loan_known ON workshops_loan (returned_at) WHERE erased = FALSE;
