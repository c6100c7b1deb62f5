-- Who signs the decisions of a department, in which quality and by which delegation.
CREATE TABLE desk_signatory (
    id {id} NOT NULL PRIMARY KEY,
    department {text} NOT NULL,
    name {text} NOT NULL,
    quality {text} NOT NULL,
    -- « par délégation du maire, arrêté n° 12 du 3 avril 2026 »; empty for who signs by right.
    delegation {text} NOT NULL,
    UNIQUE (department, name, quality)
) {strict};
