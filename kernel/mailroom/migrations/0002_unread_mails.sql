-- The mail that could not be downloaded, how often that was tried, and how many were left on the server in the end.
ALTER TABLE mailbox ADD COLUMN stuck_uid {int};
ALTER TABLE mailbox ADD COLUMN stuck_tries {int} NOT NULL DEFAULT 0;
ALTER TABLE mailbox ADD COLUMN left_behind {int} NOT NULL DEFAULT 0;
