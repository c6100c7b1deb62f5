-- For whom is asked, as lists and pages show it: the record alone tells no name to who may not read it.
ALTER TABLE cases ADD COLUMN beneficiary_name {text} NOT NULL DEFAULT '';
