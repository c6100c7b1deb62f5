-- The commune's addresses, as its address file (Base adresse locale) gives them, and the words that find them.
CREATE TABLE street (
    id {id} NOT NULL PRIMARY KEY,
    insee {text} NOT NULL,
    city {text} NOT NULL,
    postcode {text},
    name {text} NOT NULL,
    locality {text} NOT NULL,
    folded {text} NOT NULL,
    lon {int},
    lat {int},
    UNIQUE (insee, name, locality)
) {strict};
CREATE INDEX street_by_folded ON street (folded, id);

CREATE TABLE street_token (
    token {text} NOT NULL,
    street_id {id} NOT NULL REFERENCES street (id) ON DELETE CASCADE,
    PRIMARY KEY (token, street_id)
) {strict};
CREATE INDEX street_token_by_street ON street_token (street_id);

CREATE TABLE address (
    id {id} NOT NULL PRIMARY KEY,
    street_id {id} NOT NULL REFERENCES street (id) ON DELETE CASCADE,
    number {int} NOT NULL,
    suffix {text} NOT NULL,
    lon {int},
    lat {int},
    UNIQUE (street_id, number, suffix)
) {strict};
