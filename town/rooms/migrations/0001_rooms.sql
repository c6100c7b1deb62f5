-- What the public reads of a room that the town lends or lets; what is bookable of it lies in the calendar.
CREATE TABLE rooms_sheet (
    resource {id} NOT NULL PRIMARY KEY REFERENCES calendar_resource (id),
    published {bool} NOT NULL,
    sheet {json} NOT NULL
) {strict};
