-- Most cases are nobody's in particular when they come in: they need no place among the assigned ones.
DROP INDEX cases_inbox_assignee;
CREATE INDEX cases_inbox_assignee ON cases (department, assignee, is_open, clock_on, id) WHERE assignee IS NOT NULL;
