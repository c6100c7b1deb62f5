-- Further codes of a draft, drawn when its owner opens it from the account: the first one, written down or mailed,
-- still serves. Only hashes are kept.
CREATE TABLE desk_draft_code (
    code_hash {blob} NOT NULL PRIMARY KEY,
    draft_id {id} NOT NULL REFERENCES desk_draft (id) ON DELETE CASCADE
) {strict};
CREATE INDEX desk_draft_code_draft ON desk_draft_code (draft_id);
