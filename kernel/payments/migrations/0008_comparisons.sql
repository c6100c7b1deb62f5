-- Statements of the Treasury that were laid beside the ledger and kept: by whom, when, for which days, and what it came to.
CREATE TABLE payment_comparison (
    id {id} NOT NULL PRIMARY KEY,
    regie {id} NOT NULL REFERENCES regie (id),
    first_day {day} NOT NULL,
    last_day {day} NOT NULL,
    account {id},
    made_at {instant} NOT NULL,
    same {int} NOT NULL,
    same_cents {int} NOT NULL,
    theirs_cents {int} NOT NULL,
    ours_cents {int} NOT NULL,
    differences {int} NOT NULL
) {strict};
CREATE INDEX payment_comparison_regie ON payment_comparison (regie, made_at, id);

-- What the statements said, a line for each reference: reconciled where the ledger said the same, else left.
CREATE TABLE payment_stated (
    regie {id} NOT NULL REFERENCES regie (id),
    reference {text} NOT NULL,
    cents {int} NOT NULL,
    times {int} NOT NULL,
    same {bool} NOT NULL,
    -- That of the operation here; where there is none, the last day of the comparison.
    day {day} NOT NULL,
    comparison {id} NOT NULL REFERENCES payment_comparison (id),
    PRIMARY KEY (regie, reference)
) {strict};
CREATE INDEX payment_stated_day ON payment_stated (regie, day, reference);
CREATE INDEX payment_stated_left ON payment_stated (regie, reference) WHERE same = FALSE;
