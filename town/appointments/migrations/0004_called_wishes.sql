-- Through which door a wish came: an agent notes it for whoever asks on the telephone or at the counter.
ALTER TABLE appointments_wish ADD COLUMN channel {text} NOT NULL DEFAULT 'online';
