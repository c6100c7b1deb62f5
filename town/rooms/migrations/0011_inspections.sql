-- What is found in a room, as the town has written it once: where, how many.
CREATE TABLE rooms_inventory (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    rank {int} NOT NULL,
    place {text} NOT NULL,
    name {text} NOT NULL,
    expected {int} NOT NULL
) {strict};
CREATE INDEX rooms_inventory_resource ON rooms_inventory (resource, rank);

-- The state of a room when it is handed over for a date of a booking, and when it comes back.
CREATE TABLE rooms_inspection (
    id {id} NOT NULL PRIMARY KEY,
    booking {id} NOT NULL,
    starts_at {instant} NOT NULL,
    kind {text} NOT NULL,
    state {text} NOT NULL,
    made_at {instant} NOT NULL,
    -- The account of who made it.
    made_by {id} NOT NULL,
    remarks {text} NOT NULL,
    meters {json} NOT NULL,
    -- Both signatures, once it is closed.
    signatures {json},
    town_drawn {blob},
    holder_drawn {blob},
    closed_at {instant},
    -- What tells the content from any other, as the journal has it.
    hash {text},
    -- The report, a document of the case.
    report {id},
    UNIQUE (booking, starts_at, kind)
) {strict};
CREATE INDEX rooms_inspection_closed ON rooms_inspection (closed_at);

CREATE TABLE rooms_inspection_item (
    id {id} NOT NULL PRIMARY KEY,
    inspection {id} NOT NULL REFERENCES rooms_inspection (id) ON DELETE CASCADE,
    rank {int} NOT NULL,
    place {text} NOT NULL,
    name {text} NOT NULL,
    expected {int} NOT NULL,
    found {int},
    condition {text},
    remark {text} NOT NULL,
    -- As it was on the way in.
    before_found {int},
    before_condition {text}
) {strict};
CREATE INDEX rooms_inspection_item_of ON rooms_inspection_item (inspection, rank);

CREATE TABLE rooms_inspection_photo (
    -- Documents of the inspection.
    large {id} NOT NULL PRIMARY KEY,
    small {id} NOT NULL,
    inspection {id} NOT NULL REFERENCES rooms_inspection (id) ON DELETE CASCADE,
    -- Of which item; of the whole where there is none.
    item {id},
    width {int} NOT NULL,
    height {int} NOT NULL
) {strict};
CREATE INDEX rooms_inspection_photo_of ON rooms_inspection_photo (inspection, large);
