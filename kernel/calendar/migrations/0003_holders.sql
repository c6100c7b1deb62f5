-- By which procedure what is held is asked for: nothing else can be asked for with it.
ALTER TABLE calendar_booking ADD COLUMN purpose {text} NOT NULL DEFAULT '';
-- Only a hash of who holds it (an account, a token, an address), as long as it is held: nobody holds everything.
ALTER TABLE calendar_booking ADD COLUMN holder {blob};
-- How often whoever holds it has asked for more time.
ALTER TABLE calendar_booking ADD COLUMN lengthened {int} NOT NULL DEFAULT 0;
-- When, by whom and why what was granted was given back.
ALTER TABLE calendar_booking ADD COLUMN cancelled_at {instant};
ALTER TABLE calendar_booking ADD COLUMN cancelled_by {text};
ALTER TABLE calendar_booking ADD COLUMN cancelled_why {text};
CREATE INDEX calendar_booking_holder ON calendar_booking (holder) WHERE holder IS NOT NULL;
