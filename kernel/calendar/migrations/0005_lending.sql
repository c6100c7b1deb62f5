-- What the town lends: equipment of its own store, and which choice of the form asks for it.
CREATE TABLE calendar_lent (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    answer {text} NOT NULL
) {strict};
CREATE UNIQUE INDEX calendar_lent_answer ON calendar_lent (answer) WHERE answer <> '';

-- What a request borrows, from one day to another. What is taken by it are claims under its id.
CREATE TABLE calendar_loan (
    id {id} NOT NULL PRIMARY KEY,
    owner_kind {text} NOT NULL,
    owner {id} NOT NULL,
    state {text} NOT NULL,
    starts_at {instant} NOT NULL,
    ends_at {instant} NOT NULL,
    things {json} NOT NULL,
    made_at {instant} NOT NULL,
    UNIQUE (owner_kind, owner)
) {strict};
CREATE INDEX calendar_loan_time ON calendar_loan (ends_at, id);
