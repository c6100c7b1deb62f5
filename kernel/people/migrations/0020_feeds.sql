-- The secret address at which a calendar program reads when an account is expected: of the secret only a hash.
CREATE TABLE account_feed (
    account {id} NOT NULL PRIMARY KEY REFERENCES account (id),
    secret_hash {blob} NOT NULL UNIQUE,
    -- What an agent has added to it: counters, rooms.
    chosen {json} NOT NULL,
    made_at {instant} NOT NULL,
    -- The last day on which it was read.
    used_on {day}
) {strict};
