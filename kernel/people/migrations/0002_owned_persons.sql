-- Most records of persons belong to no account, and are never looked for by one.
DROP INDEX person_by_account;
CREATE INDEX person_by_account ON person (account, sector) WHERE account IS NOT NULL;
