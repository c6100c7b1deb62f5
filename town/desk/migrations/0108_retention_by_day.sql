-- What comes to its end next, for a page of its departments.
CREATE INDEX desk_retention_by_day ON desk_retention (due_on, case_id) WHERE slip IS NULL;
