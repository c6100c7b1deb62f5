-- When the retention of a finished case is over, where its procedure says that it is then erased.
CREATE TABLE desk_retention (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    due_on {day} NOT NULL
) {strict};
CREATE INDEX desk_retention_due ON desk_retention (due_on, case_id);
