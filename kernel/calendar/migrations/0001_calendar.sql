-- What can be booked: a tree of places, and what is found in them. Terms: openings, buffers, layouts, lengths, window.
-- A parent is no reference: a backup brings rows in the order of their ids, which need not be that of the tree.
CREATE TABLE calendar_resource (
    id {id} NOT NULL PRIMARY KEY,
    parent {id},
    slug {text} NOT NULL UNIQUE,
    kind {text} NOT NULL,
    name_fr {text} NOT NULL,
    name_en {text} NOT NULL,
    stock {int} NOT NULL,
    active {bool} NOT NULL,
    terms {json} NOT NULL
) {strict};
CREATE INDEX calendar_resource_parent ON calendar_resource (parent);

-- What can be claimed whole: a room, a part of a hall, a desk, one tablet of ten. Its number is its line.
CREATE TABLE calendar_atom (
    line {int} NOT NULL PRIMARY KEY,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    rank {int} NOT NULL,
    UNIQUE (resource, rank)
) {strict};

-- Which atoms are taken by whoever books a resource: its own, and those of the places below it.
CREATE TABLE calendar_part (
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    line {int} NOT NULL REFERENCES calendar_atom (line),
    PRIMARY KEY (resource, line)
) {strict};

-- What is taken, by which booking, and which resource it asked for. Every atom has a stretch of one line of numbers
-- for its own (its line, then seconds since 1970), so that no two claims may share a number, whatever they are of.
CREATE TABLE calendar_claim (
    id {id} NOT NULL PRIMARY KEY,
    booking {id} NOT NULL,
    resource {id} NOT NULL REFERENCES calendar_resource (id),
    low {int} NOT NULL,
    high {int} NOT NULL,
    expires_at {instant},
    CHECK (low < high)
) {strict};

CREATE INDEX calendar_claim_booking ON calendar_claim (booking);
CREATE INDEX calendar_claim_expiry ON calendar_claim (expires_at) WHERE expires_at IS NOT NULL;
-- All that is read of a stretch of time lies in this index.
CREATE INDEX calendar_claim_place ON calendar_claim (low, high, expires_at);

--- postgres
ALTER TABLE calendar_claim
    ADD CONSTRAINT calendar_claim_alone EXCLUDE USING gist (int8range(low, high) WITH &&);
--- sqlite
-- Claims never overlap, so that only the last one which begins before another's end can reach into it.
CREATE TRIGGER calendar_claim_alone BEFORE INSERT ON calendar_claim
WHEN (SELECT high FROM calendar_claim WHERE low < NEW.high ORDER BY low DESC LIMIT 1) > NEW.low
BEGIN
    SELECT RAISE(IGNORE);
END;
CREATE TRIGGER calendar_claim_still BEFORE UPDATE OF low, high ON calendar_claim
BEGIN
    SELECT RAISE(ABORT, 'a claim does not move: it is released, and made anew');
END;
--- both
