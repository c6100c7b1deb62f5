-- What is joined to a message of the town or to its decision: documents of the case, in their order.
CREATE TABLE desk_enclosure (
    -- The message; for the decision, the case.
    joined_to {id} NOT NULL,
    document {id} NOT NULL,
    case_id {id} NOT NULL REFERENCES cases (id),
    rank {int} NOT NULL,
    -- The letter, or the decision on paper, in whose envelope it goes.
    paper {id},
    PRIMARY KEY (joined_to, document)
) {strict};
CREATE INDEX desk_enclosure_case ON desk_enclosure (case_id);
CREATE INDEX desk_enclosure_paper ON desk_enclosure (paper);
