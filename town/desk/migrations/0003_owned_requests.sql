-- Most requests belong to no account, and are never looked for by one.
DROP INDEX desk_reach_account;
CREATE INDEX desk_reach_account ON desk_reach (account, case_id) WHERE account IS NOT NULL;
