-- What somebody has picked: which resource, from when to when, with what, and for which request. What is taken by it are
-- claims under its id; one that nobody asks for goes with its hold. A block is a time that the town keeps for itself.
CREATE TABLE calendar_booking (
    id {id} NOT NULL PRIMARY KEY,
    state {text} NOT NULL,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    starts_at {instant} NOT NULL,
    ends_at {instant} NOT NULL,
    details {json} NOT NULL,
    -- Until when it is held; nothing once it is asked for.
    held_until {instant},
    -- For which request it is: a draft, then a case.
    owner_kind {text},
    owner {id},
    -- Only the hash of what the browser or the program holds that picked it.
    secret_hash {blob} UNIQUE,
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX calendar_booking_owner ON calendar_booking (owner_kind, owner);
CREATE INDEX calendar_booking_time ON calendar_booking (ends_at, starts_at);
CREATE INDEX calendar_booking_held ON calendar_booking (held_until) WHERE held_until IS NOT NULL;
