-- What kind of trouble a mailbox has, and since when: each round tries again, the first one in vain is what counts.
ALTER TABLE mailbox ADD COLUMN trouble_kind {text};
ALTER TABLE mailbox ADD COLUMN troubled_since {instant};
