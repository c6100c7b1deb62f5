-- Which answers of a case the State has given at the requester's wish, and whether they stayed as it gave them. The
-- answers themselves are with the case.
CREATE TABLE desk_fetched (
    case_id {id} NOT NULL REFERENCES cases (id),
    field {text} NOT NULL,
    source {text} NOT NULL,
    fetched_at {instant} NOT NULL,
    kept {bool} NOT NULL,
    PRIMARY KEY (case_id, field)
) {strict};
