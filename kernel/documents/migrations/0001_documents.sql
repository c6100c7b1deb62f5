-- Contents are kept once, by their hash, and cleared or condemned once; a document is a name and an
-- owner for a content.
CREATE TABLE content (
    sha256 {text} NOT NULL PRIMARY KEY,
    media_type {text} NOT NULL,
    bytes {int} NOT NULL,
    state {text} NOT NULL,
    finding {text}
) {strict};

CREATE TABLE document (
    id {id} NOT NULL PRIMARY KEY,
    sha256 {text} NOT NULL REFERENCES content (sha256),
    name {text} NOT NULL,
    owner_kind {text} NOT NULL,
    owner_id {id} NOT NULL,
    purpose {text} NOT NULL,
    created {instant} NOT NULL
) {strict};
CREATE INDEX document_by_owner ON document (owner_kind, owner_id, id);
CREATE INDEX document_by_content ON document (sha256, id);
