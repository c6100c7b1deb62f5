-- A deposit is asked for by a case, or of an association for a room that it has for a season. The latter answers for all
-- times that the association has in that room, and is kept under the first of their bookings.
ALTER TABLE rooms_deposit RENAME COLUMN case_id TO origin;
ALTER TABLE rooms_deposit ADD COLUMN origin_kind {text} NOT NULL DEFAULT 'case';
-- After which inspection a part is to be kept.
ALTER TABLE rooms_deposit ADD COLUMN inspection {id};
CREATE INDEX rooms_deposit_origin ON rooms_deposit (origin_kind, origin);

-- For which bookings a deposit answers.
CREATE TABLE rooms_deposit_booking (
    booking {id} NOT NULL PRIMARY KEY,
    deposit {id} NOT NULL REFERENCES rooms_deposit (booking) ON DELETE CASCADE
) {strict};
CREATE INDEX rooms_deposit_booking_of ON rooms_deposit_booking (deposit, booking);
INSERT INTO rooms_deposit_booking (booking, deposit) SELECT booking, booking FROM rooms_deposit;
