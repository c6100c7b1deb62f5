-- A round for a season: the rooms that the town offers to associations every week, and from which day to which wishes are
-- taken. Its seed is drawn when that is over.
CREATE TABLE rooms_round (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    state {text} NOT NULL,
    first_day {day} NOT NULL,
    last_day {day} NOT NULL,
    opens_on {day} NOT NULL,
    closes_on {day} NOT NULL,
    -- Name, words for the public, rooms, school holidays, criteria.
    sheet {json} NOT NULL,
    seed {text} NOT NULL,
    -- Why what is not given is not, wish by wish.
    advice {json} NOT NULL,
    published_at {instant},
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX rooms_round_time ON rooms_round (first_day, id);

-- What an association wishes of a round: one request each, known by its number or else its name. Who is reached for it is
-- forgotten a year after the season; the association is no person, and stays.
CREATE TABLE rooms_round_request (
    id {id} NOT NULL PRIMARY KEY,
    round {id} NOT NULL REFERENCES rooms_round (id),
    reference {text} NOT NULL UNIQUE,
    body {text} NOT NULL,
    name {text} NOT NULL,
    -- Number, people, what they do.
    sheet {json} NOT NULL,
    contact {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    wishes {json} NOT NULL,
    account {id},
    channel {text} NOT NULL,
    lang {text} NOT NULL,
    made_at {instant} NOT NULL,
    changed_at {instant} NOT NULL,
    erased {bool} NOT NULL,
    UNIQUE (round, body)
) {strict};
CREATE INDEX rooms_round_request_account ON rooms_round_request (account) WHERE account IS NOT NULL;

-- A time of the week that a request is given: proposed, then booked.
CREATE TABLE rooms_allotment (
    id {id} NOT NULL PRIMARY KEY,
    round {id} NOT NULL REFERENCES rooms_round (id),
    request {id} NOT NULL REFERENCES rooms_round_request (id),
    -- Which of its wishes, and in which turn; 0 where an agent gave it.
    wish {int} NOT NULL,
    turn {int} NOT NULL,
    rank {int} NOT NULL,
    slot {json} NOT NULL,
    first_day {day},
    last_day {day},
    -- What is booked for it, once that is published.
    booking {id}
) {strict};
CREATE INDEX rooms_allotment_round ON rooms_allotment (round, id);
