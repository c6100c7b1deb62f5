-- The gateway by which text messages leave, at most one. Its secrets are sealed.
CREATE TABLE sms_gateway (
    only_one {int} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    address {text} NOT NULL,
    account {text} NOT NULL,
    app_key {text} NOT NULL,
    secrets {blob} NOT NULL,
    sender {text} NOT NULL,
    monthly_cap {int} NOT NULL,
    abroad {bool} NOT NULL,
    changed_at {instant} NOT NULL,
    sent_at {instant},
    trouble {text},
    troubled_since {instant}
) {strict};

-- How many parts of text messages left each month, and whether the administrators know that no more do.
CREATE TABLE sms_month (
    month {text} NOT NULL PRIMARY KEY,
    parts {int} NOT NULL,
    told {bool} NOT NULL
) {strict};
