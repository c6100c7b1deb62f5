-- Events that a calendar program keeps in the calendar of a room (docs/calendars.md): times that the town keeps for itself,
-- as that program wrote them. What takes the room are the bookings of `rooms_event_time`.
CREATE TABLE rooms_event (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    -- The last part of its address, which the program chose.
    name {text} NOT NULL,
    uid {text} NOT NULL,
    object {json} NOT NULL,
    changes {int} NOT NULL,
    changed_at {instant} NOT NULL,
    -- Since when it is deleted: programs that were not there are still told.
    gone_at {instant},
    UNIQUE (resource, name)
) {strict};
CREATE INDEX rooms_event_uid ON rooms_event (resource, uid);

-- Which booking of the calendar each of its times is; what was given back on the planning is none any more.
CREATE TABLE rooms_event_time (
    booking {id} NOT NULL PRIMARY KEY,
    event {id} NOT NULL REFERENCES rooms_event (id)
) {strict};
CREATE INDEX rooms_event_time_event ON rooms_event_time (event);
