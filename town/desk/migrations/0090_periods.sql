-- What counts towards a limit keeps its day, and no longer its year alone: limits count over months, over so many days
-- in a row, or over all of time too. Of what was counted before, the year is known, and only years were counted.
CREATE TABLE desk_tally_by_year AS SELECT procedure, limit_id, who, year, case_id FROM desk_tally;
DROP TABLE desk_tally;
CREATE TABLE desk_tally (
    procedure {text} NOT NULL,
    limit_id {text} NOT NULL,
    who {text} NOT NULL,
    counted_on {day} NOT NULL,
    case_id {id} NOT NULL REFERENCES cases (id),
    PRIMARY KEY (procedure, limit_id, who, counted_on, case_id)
) {strict};
CREATE INDEX desk_tally_case ON desk_tally (case_id);
INSERT INTO desk_tally (procedure, limit_id, who, counted_on, case_id)
SELECT procedure, limit_id, who, CAST(year AS TEXT) || '-01-01', case_id FROM desk_tally_by_year;
DROP TABLE desk_tally_by_year;
