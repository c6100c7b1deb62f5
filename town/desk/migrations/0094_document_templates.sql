-- The commune's own templates of documents, as they stand now.
CREATE TABLE desk_document_template (
    slug {text} NOT NULL PRIMARY KEY,
    title {text} NOT NULL,
    version {int} NOT NULL,
    sample {text} NOT NULL,
    retired_at {instant}
) {strict};

-- What each of them said, and who wrote it: a document knows the version that made it.
CREATE TABLE desk_document_template_version (
    slug {text} NOT NULL REFERENCES desk_document_template (slug),
    version {int} NOT NULL,
    source {text} NOT NULL,
    made_by {id},
    made_at {instant} NOT NULL,
    PRIMARY KEY (slug, version)
) {strict};

-- Which template made a document of a case; version 0 is one of the house's own.
CREATE TABLE desk_made_document (
    document {id} NOT NULL PRIMARY KEY,
    case_id {id} NOT NULL REFERENCES cases (id),
    template {text} NOT NULL,
    version {int} NOT NULL,
    made_at {instant} NOT NULL
) {strict};
CREATE INDEX desk_made_document_case ON desk_made_document (case_id);
