-- Where whoever has no e-mail is written to by post, line by line; forgotten with the contact.
ALTER TABLE rooms_round_request ADD COLUMN address {text} NOT NULL DEFAULT '';
