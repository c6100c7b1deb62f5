-- Why somebody comes: what to bring, how long it takes, how far ahead it is booked.
CREATE TABLE appointments_motive (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    rank {int} NOT NULL,
    active {bool} NOT NULL,
    department {id} REFERENCES department (id),
    sheet {json} NOT NULL
) {strict};

-- Where: what is bookable of a site, and when it is closed, lies in the calendar.
CREATE TABLE appointments_site (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    sheet {json} NOT NULL
) {strict};

-- By whom: a counter or an agent of a site; presences are the openings of the resource. Reserve: the hours that are
-- kept for the same day.
CREATE TABLE appointments_desk (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    site {id} NOT NULL REFERENCES appointments_site (resource),
    department {id} REFERENCES department (id),
    rank {int} NOT NULL,
    reserve {json} NOT NULL
) {strict};
CREATE INDEX appointments_desk_site ON appointments_desk (site);

CREATE TABLE appointments_receives (
    motive {id} NOT NULL REFERENCES appointments_motive (id),
    desk {id} NOT NULL REFERENCES appointments_desk (resource),
    PRIMARY KEY (motive, desk)
) {strict};

-- An appointment; its time is taken in the calendar, by claims under its id. Name and ways to reach somebody are
-- empty until it is booked or offered, and again once they are erased. What is held and left leaves no row; what is
-- held and expires leaves one for a day that names nobody.
CREATE TABLE appointments_appointment (
    id {id} NOT NULL PRIMARY KEY,
    reference {text} NOT NULL UNIQUE,
    motive {id} NOT NULL REFERENCES appointments_motive (id),
    site {id} NOT NULL REFERENCES appointments_site (resource),
    desk {id} NOT NULL REFERENCES appointments_desk (resource),
    starts_at {instant} NOT NULL,
    ends_at {instant} NOT NULL,
    persons {int} NOT NULL,
    state {text} NOT NULL,
    channel {text} NOT NULL,
    lang {text} NOT NULL,
    name {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    note {text} NOT NULL,
    link {blob} NOT NULL UNIQUE,
    link_sealed {text} NOT NULL,
    account {id},
    wish {id},
    made_at {instant} NOT NULL,
    expires_at {instant},
    changed_at {instant} NOT NULL,
    changes {int} NOT NULL,
    arrived_at {instant},
    settled_at {instant},
    erased {bool} NOT NULL
) {strict};
CREATE INDEX appointments_appointment_day ON appointments_appointment (site, starts_at);
CREATE INDEX appointments_appointment_desk ON appointments_appointment (desk, starts_at);
CREATE INDEX appointments_appointment_time ON appointments_appointment (starts_at);
CREATE INDEX appointments_appointment_email ON appointments_appointment (email, starts_at) WHERE email <> '';
CREATE INDEX appointments_appointment_phone ON appointments_appointment (phone, starts_at) WHERE phone <> '';
CREATE INDEX appointments_appointment_account ON appointments_appointment (account) WHERE account IS NOT NULL;
CREATE INDEX appointments_appointment_held ON appointments_appointment (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX appointments_appointment_wish ON appointments_appointment (wish) WHERE wish IS NOT NULL;

-- The numbers of pre-requests (ANTS) that an appointment is for, one a person.
CREATE TABLE appointments_predemand (
    appointment {id} NOT NULL REFERENCES appointments_appointment (id),
    number {text} NOT NULL,
    PRIMARY KEY (appointment, number)
) {strict};
CREATE INDEX appointments_predemand_number ON appointments_predemand (number);

-- The State's search of appointments for identity cards and passports (ANTS): the token by which it asks, as a hash.
CREATE TABLE appointments_ants (
    only_one {int} NOT NULL PRIMARY KEY CHECK (only_one = 1),
    token {blob} NOT NULL,
    since {instant} NOT NULL
) {strict};

-- Whoever waits at a site today: a ticket of its day. Those with an appointment have a letter of their own.
CREATE TABLE appointments_ticket (
    id {id} NOT NULL PRIMARY KEY,
    site {id} NOT NULL REFERENCES appointments_site (resource),
    day {day} NOT NULL,
    letter {text} NOT NULL,
    number {int} NOT NULL,
    motive {id} NOT NULL REFERENCES appointments_motive (id),
    appointment {id},
    state {text} NOT NULL,
    desk {id},
    taken_at {instant} NOT NULL,
    called_at {instant},
    ended_at {instant},
    UNIQUE (site, day, letter, number)
) {strict};
CREATE UNIQUE INDEX appointments_ticket_appointment ON appointments_ticket (appointment) WHERE appointment IS NOT NULL;

-- Whoever found no time: what is given back is offered to them in the order of their wishes.
CREATE TABLE appointments_wish (
    id {id} NOT NULL PRIMARY KEY,
    motive {id} NOT NULL REFERENCES appointments_motive (id),
    site {id} REFERENCES appointments_site (resource),
    persons {int} NOT NULL,
    first_day {day} NOT NULL,
    last_day {day} NOT NULL,
    name {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    lang {text} NOT NULL,
    state {text} NOT NULL,
    passed {int} NOT NULL,
    offered {instant},
    link {blob} NOT NULL UNIQUE,
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX appointments_wish_turn ON appointments_wish (state, made_at, id);
CREATE INDEX appointments_wish_last ON appointments_wish (last_day);
