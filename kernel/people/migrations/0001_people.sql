-- Who there is: departments, accounts and how they sign in, persons sealed by sector, organisations, mandates.
CREATE TABLE department (
    id {id} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    parent {id} REFERENCES department (id),
    name {text} NOT NULL,
    phone {text} NOT NULL,
    email {text} NOT NULL,
    postal_address {text} NOT NULL,
    hours {text} NOT NULL,
    sector {text} NOT NULL
) {strict};
CREATE INDEX department_by_parent ON department (parent);

CREATE TABLE account (
    id {id} NOT NULL PRIMARY KEY,
    email {text} NOT NULL UNIQUE,
    display_name {text} NOT NULL,
    kind {text} NOT NULL,
    state {text} NOT NULL,
    email_verified_at {instant},
    password_hash {text},
    password_strength {int} NOT NULL,
    totp_secret {blob},
    totp_pending {blob},
    totp_last_step {int} NOT NULL,
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX account_by_kind ON account (kind, display_name, id);

CREATE TABLE account_link (
    secret_hash {blob} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    purpose {text} NOT NULL,
    expires_at {instant} NOT NULL
) {strict};
CREATE INDEX account_link_by_account ON account_link (account);

CREATE TABLE recovery_code (
    account {id} NOT NULL REFERENCES account (id),
    code_hash {blob} NOT NULL,
    PRIMARY KEY (account, code_hash)
) {strict};

CREATE TABLE throttle (
    key {text} NOT NULL PRIMARY KEY,
    failures {int} NOT NULL,
    failed_at {instant} NOT NULL
) {strict};
CREATE INDEX throttle_by_age ON throttle (failed_at);

CREATE TABLE role_grant (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    role {text} NOT NULL,
    department {id} REFERENCES department (id)
) {strict};
CREATE UNIQUE INDEX role_grant_once ON role_grant (account, role, COALESCE(department, ''));

CREATE TABLE session (
    id {id} NOT NULL PRIMARY KEY,
    token_hash {blob} NOT NULL UNIQUE,
    account {id} NOT NULL REFERENCES account (id),
    device {text} NOT NULL,
    second_factor {text} NOT NULL,
    opened_at {instant} NOT NULL,
    last_seen_at {instant} NOT NULL,
    ends_at {instant} NOT NULL
) {strict};
CREATE INDEX session_by_account ON session (account, opened_at);
CREATE INDEX session_by_end ON session (ends_at);

CREATE TABLE api_token (
    id {id} NOT NULL PRIMARY KEY,
    token_hash {blob} NOT NULL UNIQUE,
    account {id} NOT NULL REFERENCES account (id),
    name {text} NOT NULL,
    scopes {json} NOT NULL,
    created_at {instant} NOT NULL,
    expires_at {instant} NOT NULL,
    last_used_at {instant}
) {strict};
CREATE INDEX api_token_by_account ON api_token (account, created_at);

CREATE TABLE person (
    id {id} NOT NULL PRIMARY KEY,
    sector {text} NOT NULL,
    account {id} REFERENCES account (id),
    family_name {text} NOT NULL,
    given_names {text} NOT NULL,
    used_name {text} NOT NULL,
    birth_date {day},
    birth_place {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    address {json} NOT NULL,
    language {text} NOT NULL,
    deaf {bool} NOT NULL,
    prefers_letter {bool} NOT NULL,
    created_at {instant} NOT NULL
) {strict};
CREATE INDEX person_by_account ON person (account, sector);

CREATE TABLE organisation (
    id {id} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    siret {text} UNIQUE,
    rna {text} UNIQUE,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    address {json} NOT NULL,
    created_at {instant} NOT NULL
) {strict};

CREATE TABLE mandate (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    person {id} REFERENCES person (id),
    organisation {id} REFERENCES organisation (id),
    scope {text} NOT NULL,
    from_day {day} NOT NULL,
    until_day {day},
    revoked_at {instant},
    CHECK ((person IS NULL) <> (organisation IS NULL))
) {strict};
CREATE INDEX mandate_by_account ON mandate (account);
