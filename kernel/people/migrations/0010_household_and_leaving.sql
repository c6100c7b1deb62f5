-- Those for whom the owner of an account answers. They belong to the account alone, and to no sector.
CREATE TABLE household_member (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    relation {text} NOT NULL,
    family_name {text} NOT NULL,
    used_name {text} NOT NULL,
    given_names {text} NOT NULL,
    birth_date {day},
    birth_place {text} NOT NULL
) {strict};
CREATE INDEX household_member_account ON household_member (account, id);

-- Accounts whose owner leaves: until a day the mailed link undoes it. Only the hash of the secret is kept.
CREATE TABLE account_closing (
    account {id} NOT NULL PRIMARY KEY REFERENCES account (id),
    secret_hash {blob} NOT NULL UNIQUE,
    asked_at {instant} NOT NULL,
    erased_after {instant} NOT NULL
) {strict};
CREATE INDEX account_closing_due ON account_closing (erased_after, account);

-- Copies of everything that an owner asked for: made by a job, taken away for some days.
CREATE TABLE account_export (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    asked_at {instant} NOT NULL,
    ready_at {instant},
    bytes {int} NOT NULL,
    expires_at {instant} NOT NULL
) {strict};
CREATE INDEX account_export_account ON account_export (account, id);
CREATE INDEX account_export_expiry ON account_export (expires_at, id);
