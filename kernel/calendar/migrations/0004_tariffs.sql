-- What it costs to book a resource, as long as the council's deliberation is in force.
CREATE TABLE calendar_tariff (
    id {id} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    first_day {day} NOT NULL,
    last_day {day},
    tariff {json} NOT NULL,
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX calendar_tariff_resource ON calendar_tariff (resource, first_day);
-- What a booking costs, as it was reckoned when it was asked for.
ALTER TABLE calendar_booking ADD COLUMN price {json};
-- What an association had for nothing: its number or name, and what that was worth.
CREATE TABLE calendar_free_use (
    booking {id} NOT NULL PRIMARY KEY,
    body {text} NOT NULL,
    name {text} NOT NULL,
    year {int} NOT NULL,
    value {money} NOT NULL
) {strict};
CREATE INDEX calendar_free_use_body ON calendar_free_use (body, year);
CREATE INDEX calendar_free_use_year ON calendar_free_use (year);
