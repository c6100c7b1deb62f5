-- Persons are found at the counter by the folded letters of their names, within a sector.
ALTER TABLE person ADD COLUMN search_name {text} NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN search_used {text} NOT NULL DEFAULT '';
-- A record that another one of the same sector has taken the place of.
ALTER TABLE person ADD COLUMN merged_into {id};
UPDATE person SET search_name = TRIM(LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(family_name || ' ' || used_name || ' ' || given_names, 'à', 'a'), 'â', 'a'), 'ä', 'a'), 'À', 'a'), 
    'Â', 'a'), 'Ä', 'a'), 'ç', 'c'), 'Ç', 'c'), 'é', 'e'), 'è', 'e'), 'ê', 'e'), 'ë', 'e'), 'É', 'e'), 'È', 'e'), 
    'Ê', 'e'), 'Ë', 'e'), 'î', 'i'), 'ï', 'i'), 'Î', 'i'), 'Ï', 'i'), 'ô', 'o'), 'ö', 'o'), 'Ô', 'o'), 'Ö', 'o'), 
    'ù', 'u'), 'û', 'u'), 'ü', 'u'), 'Ù', 'u'), 'Û', 'u'), 'Ü', 'u'), 'ÿ', 'y'), 'Ÿ', 'y'), 'œ', 'oe'), 'Œ', 'oe')
    , 'æ', 'ae'), 'Æ', 'ae'), '-', ' '), '’', ' '), '''', ' '), '.', ' ')));
UPDATE person SET search_name = REPLACE(REPLACE(search_name, '  ', ' '), '  ', ' ');
UPDATE person SET search_used = TRIM(LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(used_name, 'à', 'a'), 'â', 'a'), 'ä', 'a'), 'À', 'a'), 'Â', 'a'), 'Ä', 'a'), 'ç', 'c'), 'Ç', 'c'), 
    'é', 'e'), 'è', 'e'), 'ê', 'e'), 'ë', 'e'), 'É', 'e'), 'È', 'e'), 'Ê', 'e'), 'Ë', 'e'), 'î', 'i'), 'ï', 'i'), 
    'Î', 'i'), 'Ï', 'i'), 'ô', 'o'), 'ö', 'o'), 'Ô', 'o'), 'Ö', 'o'), 'ù', 'u'), 'û', 'u'), 'ü', 'u'), 'Ù', 'u'), 
    'Û', 'u'), 'Ü', 'u'), 'ÿ', 'y'), 'Ÿ', 'y'), 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), '-', ' '), 
    '’', ' '), '''', ' '), '.', ' '))) WHERE used_name <> '';
CREATE INDEX person_by_name ON person (sector, search_name, id);
CREATE INDEX person_by_used ON person (sector, search_used) WHERE search_used <> '';
CREATE INDEX person_by_birth ON person (sector, birth_date) WHERE birth_date IS NOT NULL;
CREATE INDEX person_by_email ON person (sector, LOWER(email)) WHERE email <> '';
CREATE INDEX person_by_phone ON person (sector, phone) WHERE phone <> '';
CREATE INDEX person_by_merge ON person (merged_into) WHERE merged_into IS NOT NULL;

-- Records of one sector that were found to be of one person; it can be undone while its time runs.
CREATE TABLE person_merge (
    id {id} NOT NULL PRIMARY KEY,
    sector {text} NOT NULL,
    kept {id} NOT NULL,
    gone {id} NOT NULL UNIQUE,
    -- What named the record that is gone, to be given back: cases, by their id and whether as beneficiary.
    moved {json} NOT NULL,
    merged_by {id} NOT NULL,
    merged_at {instant} NOT NULL,
    final_after {instant} NOT NULL
) {strict};
CREATE INDEX person_merge_kept ON person_merge (kept, id);
CREATE INDEX person_merge_final ON person_merge (final_after);

-- Mandates: nothing gave any before. One holds by itself who is helped, so that it joins the records of no two
-- sectors.
DROP TABLE mandate;
CREATE TABLE mandate (
    id {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL REFERENCES account (id),
    helper {text} NOT NULL,
    helper_name {text} NOT NULL,
    helped {json} NOT NULL,
    search_helped {text} NOT NULL,
    -- The record from which it was begun at the counter, and its sector; the account of the helped person.
    person {id},
    helped_account {id} REFERENCES account (id),
    scope {text} NOT NULL,
    days {int} NOT NULL,
    state {text} NOT NULL,
    proof {text} NOT NULL,
    copies {bool} NOT NULL,
    asked_at {instant} NOT NULL,
    from_day {day},
    until_day {day},
    code_hash {blob},
    code_tries {int} NOT NULL,
    code_until {instant},
    link_hash {blob} NOT NULL UNIQUE,
    ended_at {instant},
    ended_by {text}
) {strict};
CREATE INDEX mandate_by_account ON mandate (account, id);
CREATE INDEX mandate_by_helped_account ON mandate (helped_account, id) WHERE helped_account IS NOT NULL;
CREATE INDEX mandate_by_person ON mandate (person) WHERE person IS NOT NULL;
CREATE INDEX mandate_by_name ON mandate (search_helped, id);
CREATE INDEX mandate_asked ON mandate (id) WHERE state = 'asked';
