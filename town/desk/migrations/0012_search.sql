-- The cases that were there before the search wait to be read for it.
INSERT INTO search_due (subject) SELECT id FROM cases;
INSERT INTO job (id, kind, payload, due_at, attempts, failed, last_error, dedup, since)
    SELECT '01890000-0000-7000-8000-000000000012', 'search.index', '{}', 0, 0, FALSE, NULL, 'search.index', 0
    FROM search_due LIMIT 1;

-- What an agent looks at time and again: a view of the inbox or a search, under a name; one's own, or shared with the
-- department.
CREATE TABLE desk_saved_filter (
    id {id} NOT NULL PRIMARY KEY,
    owner {id} NOT NULL,
    -- The department with which it is shared; empty where it is the owner's alone.
    department {text} NOT NULL,
    name {text} NOT NULL,
    path {text} NOT NULL,
    query {text} NOT NULL
) {strict};
CREATE INDEX desk_saved_filter_own ON desk_saved_filter (owner, name);
CREATE INDEX desk_saved_filter_shared ON desk_saved_filter (department, name);

-- What is often written to requesters: of a department, for one of its procedures or for all.
CREATE TABLE desk_reply_template (
    id {id} NOT NULL PRIMARY KEY,
    department {text} NOT NULL,
    procedure {text} NOT NULL,
    name {text} NOT NULL,
    body {text} NOT NULL,
    UNIQUE (department, name)
) {strict};

-- When agents are away, and who stands in for them.
CREATE TABLE desk_absence (
    id {id} NOT NULL PRIMARY KEY,
    agent {id} NOT NULL,
    from_on {day} NOT NULL,
    until_on {day} NOT NULL,
    delegate {id}
) {strict};
CREATE INDEX desk_absence_by_agent ON desk_absence (agent, until_on);
CREATE INDEX desk_absence_by_end ON desk_absence (until_on, agent);

-- To whom new cases of a department go by themselves; where nothing stands, to nobody.
CREATE TABLE desk_assignment (
    department {text} NOT NULL PRIMARY KEY,
    rule {text} NOT NULL
) {strict};
