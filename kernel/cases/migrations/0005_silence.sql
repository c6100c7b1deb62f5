-- What silence has decided, once, on the day that the legal clock gave (CRPA, art. L231-1 and L231-4); and the
-- reasons of an implied refusal, which its requester may ask for (art. L232-4).
CREATE TABLE implied_decision (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    outcome {text} NOT NULL,
    deemed_on {day} NOT NULL,
    recorded_at {instant} NOT NULL,
    -- When its requester was first given the certificate of what silence granted (art. L232-3).
    certified_on {day},
    reasons_asked_on {day},
    reasons_due_on {day},
    reasons_given_on {day},
    reasons {text}
) {strict};
CREATE INDEX implied_decision_by_day ON implied_decision (deemed_on, case_id);
CREATE INDEX implied_decision_reasons ON implied_decision (reasons_due_on, case_id)
    WHERE reasons_asked_on IS NOT NULL AND reasons_given_on IS NULL;

-- Whoever follows a case is warned before silence decides it: once for each day that it would decide on, and each
-- distance from it.
CREATE TABLE silence_warning (
    case_id {id} NOT NULL REFERENCES cases (id),
    deemed_on {day} NOT NULL,
    days {int} NOT NULL,
    warned_at {instant} NOT NULL,
    PRIMARY KEY (case_id, deemed_on, days)
) {strict};
