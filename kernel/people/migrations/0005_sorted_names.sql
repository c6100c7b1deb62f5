-- Names in the letters in which people look for them, and so in their order: folded, as the program folds new ones.
ALTER TABLE account ADD COLUMN sort_name {text} NOT NULL DEFAULT '';
UPDATE account SET sort_name = LOWER(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    REPLACE(REPLACE(REPLACE(display_name
    , 'à', 'a'), 'â', 'a'), 'ä', 'a'), 'À', 'a'), 'Â', 'a'), 'Ä', 'a')
    , 'ç', 'c'), 'Ç', 'c')
    , 'é', 'e'), 'è', 'e'), 'ê', 'e'), 'ë', 'e'), 'É', 'e'), 'È', 'e'), 'Ê', 'e'), 'Ë', 'e')
    , 'î', 'i'), 'ï', 'i'), 'Î', 'i'), 'Ï', 'i')
    , 'ô', 'o'), 'ö', 'o'), 'Ô', 'o'), 'Ö', 'o')
    , 'ù', 'u'), 'û', 'u'), 'ü', 'u'), 'Ù', 'u'), 'Û', 'u'), 'Ü', 'u')
    , 'ÿ', 'y'), 'Ÿ', 'y')
    , 'œ', 'oe'), 'Œ', 'oe')
    , 'æ', 'ae'), 'Æ', 'ae')
    , '-', ' '), '’', ' '), '''', ' ')
);
DROP INDEX account_by_kind;
CREATE INDEX account_by_kind ON account (kind, sort_name, id);
