-- What happened in each month, counted as it happens: figures never count a million cases.
CREATE TABLE case_tally (
    month {text} NOT NULL,
    department {text} NOT NULL,
    procedure {text} NOT NULL,
    measure {text} NOT NULL,
    value {text} NOT NULL,
    cases {int} NOT NULL,
    PRIMARY KEY (month, department, procedure, measure, value)
) {strict};

-- Whether a requester was asked for an opinion, and has given it. Only the hash of the link is kept.
CREATE TABLE opinion_invitation (
    case_id {id} NOT NULL PRIMARY KEY REFERENCES cases (id),
    token_hash {blob} UNIQUE,
    answered {bool} NOT NULL
) {strict};

-- The opinions. None leads to a case.
CREATE TABLE opinion (
    id {id} NOT NULL PRIMARY KEY,
    month {text} NOT NULL,
    department {text} NOT NULL,
    procedure {text} NOT NULL,
    satisfaction {text} NOT NULL,
    comment {text} NOT NULL
) {strict};
CREATE INDEX opinion_by_month ON opinion (month, department);
