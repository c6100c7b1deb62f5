-- Passkeys: what an account's owner signs in with instead of a password. Only public keys are kept.
CREATE TABLE passkey (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    credential_id {blob} NOT NULL UNIQUE,
    credential {json} NOT NULL,
    name {text} NOT NULL,
    created_at {instant} NOT NULL,
    last_used_at {instant}
) {strict};
CREATE INDEX passkey_by_account ON passkey (account, created_at);
