-- The procedures that the commune offers, every version of them: a case keeps the one it came in under.
CREATE TABLE desk_procedure (
    slug {text} NOT NULL,
    version {int} NOT NULL,
    fingerprint {text} NOT NULL,
    definition {text} NOT NULL,
    is_current {bool} NOT NULL,
    published_at {instant} NOT NULL,
    PRIMARY KEY (slug, version)
) {strict};
CREATE INDEX desk_procedure_current ON desk_procedure (is_current, slug);

-- Requests that somebody has begun and not sent. Only the hash of the code is kept.
CREATE TABLE desk_draft (
    id {id} NOT NULL PRIMARY KEY,
    code_hash {blob} NOT NULL UNIQUE,
    procedure {text} NOT NULL,
    version {int} NOT NULL,
    account {id},
    answers {json} NOT NULL,
    updated_at {instant} NOT NULL,
    kept_until {day} NOT NULL
) {strict};
CREATE INDEX desk_draft_account ON desk_draft (account, id);
CREATE INDEX desk_draft_kept ON desk_draft (kept_until, id);

-- How the requester of a case is reached.
CREATE TABLE desk_reach (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    account {id},
    lang {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    letter_lines {json} NOT NULL,
    by_letter {bool} NOT NULL
) {strict};
CREATE INDEX desk_reach_account ON desk_reach (account, case_id);

-- What counts towards a limit: so many cases of one organiser in one year.
CREATE TABLE desk_tally (
    procedure {text} NOT NULL,
    rank {int} NOT NULL,
    who {text} NOT NULL,
    year {int} NOT NULL,
    case_id {id} NOT NULL REFERENCES cases (id),
    PRIMARY KEY (procedure, rank, who, year, case_id)
) {strict};
CREATE INDEX desk_tally_case ON desk_tally (case_id);

-- Links sent to whoever has lost a tracking code. Only the hash of the secret is kept.
CREATE TABLE desk_recovery (
    secret_hash {blob} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    expires_at {instant} NOT NULL
) {strict};
