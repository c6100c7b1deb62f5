-- Labels: words that a department sticks on its cases, to sort them in its own way.
CREATE TABLE label (
    id {id} NOT NULL PRIMARY KEY,
    department {text} NOT NULL,
    name {text} NOT NULL,
    colour {text} NOT NULL,
    UNIQUE (department, name)
) {strict};
CREATE TABLE case_label (
    case_id {id} NOT NULL REFERENCES cases (id),
    label_id {id} NOT NULL REFERENCES label (id),
    PRIMARY KEY (case_id, label_id)
) {strict};
CREATE INDEX case_label_by_label ON case_label (label_id, case_id);
