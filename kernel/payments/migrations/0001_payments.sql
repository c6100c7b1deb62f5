-- The régies that collect money for the commune. A régie is closed and never removed: receipts and payments name it.
CREATE TABLE regie (
    id {id} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    client_number {text} NOT NULL,
    mode {text} NOT NULL,
    online {bool} NOT NULL,
    department {id},
    closed {bool} NOT NULL,
    changed_at {instant} NOT NULL
) {strict};

-- The last number of each series: a row is counted up in the transaction that uses the number, so that none is lost.
CREATE TABLE payment_series (
    name {text} NOT NULL,
    year {int} NOT NULL,
    last {int} NOT NULL,
    PRIMARY KEY (name, year)
) {strict};

-- What is to be paid. The payer is sealed, and forgotten when the law says so.
CREATE TABLE payment_order (
    id {id} NOT NULL PRIMARY KEY,
    number {text} NOT NULL UNIQUE,
    regie {id} NOT NULL REFERENCES regie (id),
    payer {text},
    about_kind {text} NOT NULL,
    about_id {id} NOT NULL,
    deliberation {text} NOT NULL,
    total_cents {money} NOT NULL,
    state {text} NOT NULL,
    due_at {instant},
    lapses {bool} NOT NULL,
    created_at {instant} NOT NULL,
    paid_at {instant},
    cancelled_at {instant},
    cancelled_why {text}
) {strict};
CREATE INDEX payment_order_by_about ON payment_order (about_kind, about_id, id);
CREATE INDEX payment_order_by_due ON payment_order (state, lapses, due_at);

CREATE TABLE payment_order_line (
    payment_order {id} NOT NULL REFERENCES payment_order (id),
    rank {int} NOT NULL,
    label {text} NOT NULL,
    cents {money} NOT NULL,
    PRIMARY KEY (payment_order, rank)
) {strict};

-- Each attempt to pay an order, and what became of it. Money counts for an order where counts_for says so, and nowhere
-- else; booked_at is the instant under which the accountant finds it.
CREATE TABLE payment (
    id {id} NOT NULL PRIMARY KEY,
    payment_order {id} NOT NULL REFERENCES payment_order (id),
    regie {id} NOT NULL REFERENCES regie (id),
    adapter {text} NOT NULL,
    mode {text} NOT NULL,
    client_number {text} NOT NULL,
    reference {text} NOT NULL UNIQUE,
    token {text} UNIQUE,
    state {text} NOT NULL,
    closed_why {text},
    asked_cents {money} NOT NULL,
    told_cents {money},
    means {text},
    authorisation {text},
    counts_for {id} REFERENCES payment_order (id),
    counts_cents {money} NOT NULL,
    started_at {instant} NOT NULL,
    told_at {instant},
    booked_at {instant} NOT NULL,
    notified_at {instant},
    ask_at {instant},
    asked_at {instant},
    asked_times {int} NOT NULL,
    fault {text},
    trouble {text},
    troubled_since {instant},
    settled_at {instant},
    settled_how {text}
) {strict};
CREATE INDEX payment_by_order ON payment (payment_order, id);
CREATE INDEX payment_by_counted ON payment (counts_for);
CREATE INDEX payment_by_booked ON payment (regie, booked_at, id);
CREATE INDEX payment_by_ask ON payment (ask_at);
CREATE INDEX payment_by_state ON payment (state, started_at);
CREATE INDEX payment_by_trouble ON payment (regie, troubled_since, id);

-- What was taken at the counter. A receipt is annulled by a counter-receipt of the same series, and never removed.
CREATE TABLE receipt (
    id {id} NOT NULL PRIMARY KEY,
    regie {id} NOT NULL REFERENCES regie (id),
    year {int} NOT NULL,
    number {int} NOT NULL,
    payment {id} NOT NULL REFERENCES payment (id),
    annuls {id} UNIQUE REFERENCES receipt (id),
    means {text} NOT NULL,
    cents {money} NOT NULL,
    detail {text} NOT NULL,
    reason {text} NOT NULL,
    at {instant} NOT NULL,
    UNIQUE (regie, year, number)
) {strict};
CREATE INDEX receipt_by_at ON receipt (regie, at, id);
CREATE INDEX receipt_by_payment ON receipt (payment);

CREATE TABLE refund (
    id {id} NOT NULL PRIMARY KEY,
    payment {id} NOT NULL REFERENCES payment (id),
    regie {id} NOT NULL REFERENCES regie (id),
    payment_order {id} REFERENCES payment_order (id),
    cents {money} NOT NULL,
    reason {text} NOT NULL,
    state {text} NOT NULL,
    how {text},
    detail {text} NOT NULL,
    asked_at {instant} NOT NULL,
    done_at {instant}
) {strict};
CREATE INDEX refund_by_payment ON refund (payment, id);
CREATE INDEX refund_by_order ON refund (payment_order);
CREATE INDEX refund_by_state ON refund (regie, state, asked_at, id);
CREATE INDEX refund_by_done ON refund (regie, done_at, id);
