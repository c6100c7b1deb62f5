-- What is deposited against damage for a booking, as the tariff told it when the room was granted, and what becomes of it.
CREATE TABLE rooms_deposit (
    booking {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL,
    amount {int} NOT NULL,
    state {text} NOT NULL,
    promised_at {instant} NOT NULL,
    -- How it was given: what, under which reference (never the number of a card), on which day, to whose account.
    means {text},
    reference {text} NOT NULL,
    held_on {day},
    held_by {id},
    -- What is to be kept of it: how much, why, by which quote (a document of the case).
    withheld {int},
    reason {text} NOT NULL,
    quote {id},
    told_at {instant},
    -- Until when whoever deposited it may answer.
    answer_by {day},
    -- What they answered, where an agent wrote that down.
    answer {text} NOT NULL,
    -- What was kept in the end, and when it ended.
    kept {int},
    ended_at {instant},
    -- When agents were last reminded that it is to be given back.
    reminded_at {instant}
) {strict};
CREATE INDEX rooms_deposit_state ON rooms_deposit (state, booking);
