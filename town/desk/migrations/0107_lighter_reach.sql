-- Where a requester is reached is written while they wait: SQLite keeps it where its case is, in one tree instead of two.
--- sqlite
CREATE TABLE desk_reach_next (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    account {id},
    lang {text} NOT NULL,
    email {text} NOT NULL,
    phone {text} NOT NULL,
    letter_lines {json} NOT NULL,
    by_letter {bool} NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO desk_reach_next (case_id, account, lang, email, phone, letter_lines, by_letter)
SELECT case_id, account, lang, email, phone, letter_lines, by_letter FROM desk_reach;
DROP TABLE desk_reach;
ALTER TABLE desk_reach_next RENAME TO desk_reach;
CREATE INDEX desk_reach_account ON desk_reach (account, case_id) WHERE account IS NOT NULL;
