-- The department that acts in the step that a case has reached, where it is not the one in charge: it may handle the
-- case as long as that lasts.
ALTER TABLE cases ADD COLUMN acting {text};
CREATE INDEX cases_acting ON cases (acting, is_open, clock_on, id) WHERE acting IS NOT NULL;

-- The steps that a case has been in, and what agents filled in there.
CREATE TABLE case_step (
    case_id {id} NOT NULL REFERENCES cases (id),
    step {text} NOT NULL,
    entered_on {day} NOT NULL,
    entered_at {instant} NOT NULL,
    left_at {instant},
    answers {json} NOT NULL,
    -- Counts what was filled in: who saw an earlier count is told.
    revision {int} NOT NULL,
    PRIMARY KEY (case_id, step)
) {strict};

-- What is done by itself once its time has come, as long as the case stays in the step: on a day, or so many days
-- before silence decides.
CREATE TABLE case_timer (
    case_id {id} NOT NULL REFERENCES cases (id),
    step {text} NOT NULL,
    action {text} NOT NULL,
    due_on {day},
    days_before {int},
    PRIMARY KEY (case_id, step, action)
) {strict};
CREATE INDEX case_timer_due ON case_timer (due_on, case_id) WHERE due_on IS NOT NULL;
CREATE INDEX case_timer_before ON case_timer (days_before, case_id) WHERE days_before IS NOT NULL;
