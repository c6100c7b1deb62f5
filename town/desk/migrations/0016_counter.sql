-- One person's stay at the counter: who they are, and the requests entered for them, until the visit ends.
CREATE TABLE desk_visit (
    id {id} NOT NULL PRIMARY KEY,
    agent {id} NOT NULL,
    person {id},
    sector {text},
    details {json} NOT NULL,
    -- Whether the person's mandate to this agent is used.
    mandate {id},
    opened_at {instant} NOT NULL,
    ended_at {instant}
) {strict};
CREATE UNIQUE INDEX desk_visit_open ON desk_visit (agent) WHERE ended_at IS NULL;
CREATE INDEX desk_visit_age ON desk_visit (opened_at);
CREATE TABLE desk_visit_case (
    visit {id} NOT NULL REFERENCES desk_visit (id) ON DELETE CASCADE,
    case_id {id} NOT NULL REFERENCES cases (id),
    PRIMARY KEY (visit, case_id)
) {strict};

-- By which mandate a case was sent.
CREATE TABLE desk_case_mandate (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    mandate {id} NOT NULL,
    account {id} NOT NULL
) {strict};
CREATE INDEX desk_case_mandate_by_mandate ON desk_case_mandate (mandate, case_id);
ALTER TABLE desk_draft ADD COLUMN mandate {id};
