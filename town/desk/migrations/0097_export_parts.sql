-- A table of comma-separated values has one sheet: each repeated group is a file beside it, with its name, what it is
-- called and how large it is.
ALTER TABLE desk_export ADD COLUMN parts {json} NOT NULL DEFAULT '[]';
