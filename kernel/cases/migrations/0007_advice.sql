-- Opinions: asked of another department, or of somebody outside who answers by a personal link.
CREATE TABLE advice (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    step {text},
    -- Who is asked: a department, or an expert outside.
    department {text},
    expert {text} NOT NULL,
    email {text} NOT NULL,
    question {text} NOT NULL,
    -- What they see of the case: questions and documents, and nothing else.
    shared {json} NOT NULL,
    state {text} NOT NULL,
    asked_by {id},
    asked_on {day} NOT NULL,
    due_on {day} NOT NULL,
    reminded_on {day},
    opened_at {instant},
    view {text},
    words {text} NOT NULL,
    answered_by {id},
    answered_at {instant}
) {strict};
CREATE INDEX advice_by_case ON advice (case_id, id);
CREATE INDEX advice_awaited ON advice (department, due_on, id) WHERE state = 'awaited';
CREATE INDEX advice_due ON advice (due_on, id) WHERE state = 'awaited';

-- The links of experts: single purpose, expiring, kept as a hash. A reminder brings another one.
CREATE TABLE advice_link (
    secret_hash {blob} NOT NULL PRIMARY KEY,
    opinion {id} NOT NULL REFERENCES advice (id),
    expires_at {instant} NOT NULL
) {strict};
CREATE INDEX opinion_link_of ON advice_link (opinion);

-- What agents have to do for a case.
CREATE TABLE task (
    id {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    step {text},
    words {text} NOT NULL,
    department {text} NOT NULL,
    assignee {id},
    due_on {day} NOT NULL,
    created_by {id},
    created_at {instant} NOT NULL,
    done_by {id},
    done_at {instant}
) {strict};
CREATE INDEX task_by_case ON task (case_id, id);
CREATE INDEX task_open ON task (department, due_on, id) WHERE done_at IS NULL;

-- Cases that were handed over to the competent administration (CRPA, art. L114-2).
CREATE TABLE transfer_out (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    body {text} NOT NULL,
    contact {text} NOT NULL,
    reasons {text} NOT NULL,
    transferred_on {day} NOT NULL,
    -- When the competent administration received it, once that is known.
    received_on {day}
) {strict};
