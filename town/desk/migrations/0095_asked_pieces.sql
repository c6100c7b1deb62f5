-- Which files of a case answer which of the documents that were asked for: `rank` counts the lines of the request.
CREATE TABLE desk_asked_piece (
    document {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    request {id} NOT NULL,
    rank {int} NOT NULL
) {strict};
CREATE INDEX desk_asked_piece_by_case ON desk_asked_piece (case_id);
