-- What can be found: each thing under a small number of its own, in the order of arrival, with all that it is found by.
CREATE TABLE search_doc (
    doc {int} NOT NULL PRIMARY KEY,
    subject {id} NOT NULL UNIQUE,
    terms {text} NOT NULL
) {strict};

-- For each term, in which of so many consecutive things it stands: a small set a row.
CREATE TABLE search_posting (
    term {text} NOT NULL,
    block {int} NOT NULL,
    docs {blob} NOT NULL,
    PRIMARY KEY (term, block)
) {strict};

-- The words of the commune, as they are written, and in how many things each stands: for the beginnings of words
-- and for misspelt ones.
CREATE TABLE search_word (
    word {text} NOT NULL PRIMARY KEY,
    shown {text} NOT NULL,
    docs {int} NOT NULL
) {strict};

-- Each word without one of its letters: two words that differ by a letter meet here.
CREATE TABLE search_near (
    near {text} NOT NULL,
    word {text} NOT NULL,
    PRIMARY KEY (near, word)
) {strict};

-- What has changed and waits to be read again.
CREATE TABLE search_due (
    subject {id} NOT NULL PRIMARY KEY
) {strict};
