-- Documents that the owner of an account keeps for the next requests: of what kind, until when they are good, when
-- they were last used.
CREATE TABLE kept_document (
    document {id} NOT NULL PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    account {id} NOT NULL,
    kind {text} NOT NULL,
    good_until {day},
    used_at {instant} NOT NULL,
    -- When its owner was told that it would be forgotten for want of use.
    warned_at {instant}
) {strict};
CREATE INDEX kept_document_account ON kept_document (account, document);
CREATE INDEX kept_document_used ON kept_document (used_at, document);
