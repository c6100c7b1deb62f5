-- Cases: what was asked, by whom, for whom, through which door, and how far it has come.
CREATE TABLE cases (
    id {id} NOT NULL PRIMARY KEY,
    reference {text} NOT NULL UNIQUE,
    tracking_hash {blob} NOT NULL UNIQUE,
    procedure {text} NOT NULL,
    procedure_version {int} NOT NULL,
    department {text} NOT NULL,
    sector {text} NOT NULL,
    silence {text} NOT NULL,
    term {text},
    state {text} NOT NULL,
    is_open {bool} NOT NULL,
    assignee {id},
    channel {text} NOT NULL,
    typed_by {id},
    requester {id},
    beneficiary {id},
    requester_name {text} NOT NULL,
    received_at {instant} NOT NULL,
    received_on {day} NOT NULL,
    register_by {day} NOT NULL,
    acknowledge_by {day} NOT NULL,
    deemed_on {day},
    -- What inboxes sort by: the deemed day, or the end of the calendar where silence means nothing.
    clock_on {day} NOT NULL,
    answers {json} NOT NULL
) {strict};
CREATE INDEX cases_inbox ON cases (department, is_open, clock_on, id);
CREATE INDEX cases_inbox_state ON cases (department, state, clock_on, id);
CREATE INDEX cases_inbox_procedure ON cases (department, procedure, is_open, clock_on, id);
CREATE INDEX cases_inbox_assignee ON cases (department, assignee, is_open, clock_on, id);

-- How many cases there are, kept as they change, so that an inbox never counts a million rows.
CREATE TABLE case_count (
    department {text} NOT NULL,
    procedure {text} NOT NULL,
    state {text} NOT NULL,
    cases {int} NOT NULL,
    PRIMARY KEY (department, procedure, state)
) {strict};

-- What was found missing, asked for, and given (CRPA, art. L114-5).
CREATE TABLE document_request (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    pieces {text} NOT NULL,
    asked_on {day} NOT NULL,
    deadline {day},
    arrived_on {day}
) {strict};
CREATE INDEX document_request_by_case ON document_request (case_id, asked_on, id);

-- What the town and the requester wrote to each other, and what agents noted for themselves.
CREATE TABLE exchange (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    kind {text} NOT NULL,
    author {id},
    words {text} NOT NULL,
    at {instant} NOT NULL,
    read_at {instant}
) {strict};
CREATE INDEX exchange_by_case ON exchange (case_id, id);

-- How cases ended. A case is decided once.
CREATE TABLE decision (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    outcome {text} NOT NULL,
    number {text} UNIQUE,
    reasons {text} NOT NULL,
    signatory_name {text} NOT NULL,
    signatory_quality {text} NOT NULL,
    decided_on {day} NOT NULL,
    decided_at {instant} NOT NULL,
    sent_at {instant},
    read_at {instant}
) {strict};

-- The last number given in each series and year; the next is given in the same transaction, so there are no gaps.
CREATE TABLE number_series (
    name {text} NOT NULL,
    year {int} NOT NULL,
    last_number {int} NOT NULL,
    PRIMARY KEY (name, year)
) {strict};
