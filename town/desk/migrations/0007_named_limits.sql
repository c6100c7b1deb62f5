-- What counts towards a limit is counted by the limit's name, and no longer by its rank among others: the procedure
-- of the catalogue that has limits gives them names, any other keeps its ranks.
UPDATE desk_procedure SET definition = replace(replace(replace(definition,
    'when = "cadre == ''manifestation''"', 'id = "manifestation"
when = "cadre == ''manifestation''"'),
    'when = "cadre == ''sport''"', 'id = "sport"
when = "cadre == ''sport''"'),
    'at_most = "cadre == ''sport'' ? 10 : 5"', 'id = "manifestation"
at_most = "cadre == ''sport'' ? 10 : 5"')
WHERE slug = 'debit-de-boissons-temporaire';

CREATE TABLE desk_tally_by_rank AS SELECT procedure, rank, who, year, case_id FROM desk_tally;
DROP TABLE desk_tally;
CREATE TABLE desk_tally (
    procedure {text} NOT NULL,
    limit_id {text} NOT NULL,
    who {text} NOT NULL,
    year {int} NOT NULL,
    case_id {id} NOT NULL REFERENCES cases (id),
    PRIMARY KEY (procedure, limit_id, who, year, case_id)
) {strict};
CREATE INDEX desk_tally_case ON desk_tally (case_id);
INSERT INTO desk_tally (procedure, limit_id, who, year, case_id)
SELECT procedure, CASE
    WHEN procedure = 'debit-de-boissons-temporaire' AND rank = 0 THEN 'manifestation'
    WHEN procedure = 'debit-de-boissons-temporaire' AND rank = 1 THEN 'sport'
    ELSE CAST(rank AS TEXT) END, who, year, case_id
FROM desk_tally_by_rank;
DROP TABLE desk_tally_by_rank;
