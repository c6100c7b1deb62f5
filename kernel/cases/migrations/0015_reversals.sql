-- Of a case whose refusal was withdrawn, the day from which its clock runs anew; NULL where it runs from the receipt.
ALTER TABLE cases ADD COLUMN clock_from {day};

-- Whoever would lose a right by it is asked for observations before (CRPA, art. L121-1 and L122-1).
CREATE TABLE reversal_hearing (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    asked_on {day} NOT NULL,
    until_on {day} NOT NULL
) {strict};

-- Decisions that were withdrawn or repealed (CRPA, art. L240-1 to L243-4): the act, and the decision as it was.
CREATE TABLE reversal (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    effect {text} NOT NULL,
    ground {text} NOT NULL,
    article {text} NOT NULL,
    number {text} UNIQUE,
    reasons {text} NOT NULL,
    signatory_name {text} NOT NULL,
    signatory_quality {text} NOT NULL,
    signatory_delegation {text} NOT NULL,
    hearing {text} NOT NULL,
    heard_on {day},
    heard_how {text} NOT NULL,
    acted_on {day} NOT NULL,
    acted_at {instant} NOT NULL,
    sent_at {instant},
    read_at {instant},
    -- Whether the request pends again, and its clock runs from that day.
    pends {bool} NOT NULL,
    -- The clock as it was.
    silence {text} NOT NULL,
    term {text},
    due_on {day},
    -- The decision; of silence where nobody had taken one.
    of_silence {bool} NOT NULL,
    was_outcome {text} NOT NULL,
    was_number {text},
    was_reasons {text} NOT NULL,
    was_signed {text} NOT NULL,
    was_on {day} NOT NULL,
    was_sent_at {instant},
    was_read_at {instant},
    -- What silence had decided, before or without it.
    implied_outcome {text},
    implied_on {day}
) {strict};
CREATE INDEX reversal_by_case ON reversal (case_id, id);
