-- Which department may ask to see which sector's cases of a person who has an account, what for, and by which text.
-- None: nobody sees another's.
CREATE TABLE desk_sector_rule (
    id {id} NOT NULL PRIMARY KEY,
    department {text} NOT NULL,
    sector {text} NOT NULL,
    purpose {text} NOT NULL,
    basis {text} NOT NULL,
    added_at {instant} NOT NULL,
    added_by {id} NOT NULL,
    UNIQUE (department, sector, purpose)
) {strict};

-- An agent's permit to see other cases of the person of one case: by which rule, why, and until when.
CREATE TABLE desk_sector_permit (
    id {id} NOT NULL PRIMARY KEY,
    agent {id} NOT NULL,
    case_id {id} NOT NULL REFERENCES cases (id),
    rule {id} NOT NULL REFERENCES desk_sector_rule (id) ON DELETE CASCADE,
    reason {text} NOT NULL,
    until {instant} NOT NULL
) {strict};
CREATE INDEX desk_sector_permit_agent ON desk_sector_permit (agent, case_id);
CREATE INDEX desk_sector_permit_case ON desk_sector_permit (case_id);
CREATE INDEX desk_sector_permit_until ON desk_sector_permit (until, id);
