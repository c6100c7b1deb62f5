-- Appointments with an adviser, and whom they were with: so somebody is known again who registers for nothing.
CREATE TABLE workshops_meeting (
    thing {id} NOT NULL PRIMARY KEY,
    department {id} NOT NULL REFERENCES department (id),
    participant {id} NOT NULL,
    name_key {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    starts_at {instant} NOT NULL
) {strict};
CREATE INDEX workshops_meeting_of ON workshops_meeting (department, participant);
CREATE INDEX workshops_meeting_name ON workshops_meeting (department, name_key);

-- On which days somebody was met, and what they could do then, for figures. The record itself is forgotten in time: its id
-- then leads to nobody.
CREATE TABLE workshops_met (
    followup {id} NOT NULL,
    department {id} NOT NULL,
    day {day} NOT NULL,
    PRIMARY KEY (followup, day)
) {strict};
CREATE INDEX workshops_met_day ON workshops_met (day);

CREATE TABLE workshops_level (
    followup {id} NOT NULL,
    department {id} NOT NULL,
    theme {text} NOT NULL,
    day {day} NOT NULL,
    level {text} NOT NULL,
    PRIMARY KEY (followup, theme, day)
) {strict};
