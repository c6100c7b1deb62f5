-- Photographs of a room, each in two sizes, in the order in which they are shown; and its plan.
CREATE TABLE rooms_photo (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    rank {int} NOT NULL,
    -- Documents of the resource.
    large {id} NOT NULL,
    small {id} NOT NULL,
    width {int} NOT NULL,
    height {int} NOT NULL,
    small_width {int} NOT NULL,
    small_height {int} NOT NULL,
    -- What it shows, in words, for those who do not see it.
    alt_fr {text} NOT NULL,
    alt_en {text} NOT NULL
) {strict};
CREATE INDEX rooms_photo_resource ON rooms_photo (resource, rank);

CREATE TABLE rooms_plan (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    document {id} NOT NULL
) {strict};
