-- Who vouches for somebody from outside (FranceConnect, ProConnect), whom they vouched for, and by which means a
-- session was opened. What is secret is sealed.
CREATE TABLE identity_provider (
    kind {text} NOT NULL PRIMARY KEY,
    settings {json} NOT NULL,
    client_secret {blob} NOT NULL,
    decryption_key {blob} NOT NULL,
    worked_at {instant},
    failed_at {instant},
    failure {text} NOT NULL
) {strict};

CREATE TABLE identity (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    provider {text} NOT NULL,
    issuer {text} NOT NULL,
    subject {text} NOT NULL,
    claims {json} NOT NULL,
    assurance {text} NOT NULL,
    linked_at {instant} NOT NULL,
    last_used_at {instant} NOT NULL
) {strict};
CREATE UNIQUE INDEX identity_by_subject ON identity (issuer, subject);
CREATE INDEX identity_by_account ON identity (account, linked_at);

-- What has been begun in a browser and is not concluded: minutes old, found by a secret that the browser holds.
CREATE TABLE sign_on_attempt (
    secret_hash {blob} NOT NULL PRIMARY KEY,
    what {text} NOT NULL,
    details {blob} NOT NULL,
    expires_at {instant} NOT NULL
) {strict};
CREATE INDEX sign_on_attempt_by_end ON sign_on_attempt (expires_at);

ALTER TABLE session ADD COLUMN means {text} NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN assurance {text} NOT NULL DEFAULT 'account';
ALTER TABLE session ADD COLUMN identity {id};
ALTER TABLE session ADD COLUMN id_token {blob};

-- The address that a link shows to be its reader's, where it is not the account's yet.
ALTER TABLE account_link ADD COLUMN email {text} NOT NULL DEFAULT '';
