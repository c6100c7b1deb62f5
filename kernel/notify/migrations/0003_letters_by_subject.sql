-- The letters about one thing are forgotten with it.
CREATE INDEX letter_by_subject ON letter (about_kind, about_id);
