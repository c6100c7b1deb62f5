-- What a registration costs for each of its sessions, as it was when it was made; nothing where it is free. And what is
-- asked for each seat: nothing for a seat that is not had yet, or was given back in time.
ALTER TABLE workshops_registration ADD COLUMN price {json};
ALTER TABLE workshops_seat ADD COLUMN cents {money} NOT NULL DEFAULT 0;
