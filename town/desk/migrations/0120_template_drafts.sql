-- What a template of documents is to say once a second person has published it. The row stays when it has: its number
-- only counts up, so that nobody publishes another text than the one that they read.
CREATE TABLE desk_document_template_draft (
    slug {text} NOT NULL PRIMARY KEY REFERENCES desk_document_template (slug),
    revision {int} NOT NULL,
    source {text} NOT NULL,
    written_by {id},
    written_at {instant} NOT NULL,
    -- What whoever should have published it wants to see changed.
    sent_back {text} NOT NULL,
    is_open {bool} NOT NULL
) {strict};

-- Who published a version, where it was somebody else than whoever wrote it.
ALTER TABLE desk_document_template_version ADD COLUMN published_by {id};
