-- What waits for the town's answer, by its beginning: lists of what is late look for it.
CREATE INDEX calendar_booking_asked ON calendar_booking (starts_at) WHERE state = 'asked';
