-- Erasing a person asks whether somebody acts for them.
CREATE INDEX mandate_by_person ON mandate (person) WHERE person IS NOT NULL;
