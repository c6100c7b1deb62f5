-- Where other programs are told of what happens. Their secrets are sealed.
CREATE TABLE webhook_endpoint (
    id {id} NOT NULL PRIMARY KEY,
    url {text} NOT NULL,
    description {text} NOT NULL,
    -- The names of the events that it wants; all of them where the list is empty.
    events {json} NOT NULL,
    secret {blob} NOT NULL,
    -- The secret before, with which messages are signed as well until its time is over.
    old_secret {blob},
    old_secret_until {instant},
    state {text} NOT NULL,
    failing_since {instant},
    -- The rank of the journal from which on it is told.
    from_seq {int} NOT NULL,
    created_at {instant} NOT NULL
) {strict};

-- One message for one endpoint, kept until it is delivered or given up, and for some weeks after.
CREATE TABLE webhook_delivery (
    id {id} NOT NULL PRIMARY KEY,
    endpoint {id} NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    message {text} NOT NULL,
    event {text} NOT NULL,
    body {text} NOT NULL,
    state {text} NOT NULL,
    attempts {int} NOT NULL,
    due_at {instant} NOT NULL,
    queued_at {instant} NOT NULL,
    settled_at {instant}
) {strict};
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint, id);
CREATE INDEX webhook_delivery_age ON webhook_delivery (queued_at, id);

-- What came of each attempt.
CREATE TABLE webhook_attempt (
    id {id} NOT NULL PRIMARY KEY,
    delivery {id} NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    at {instant} NOT NULL,
    status {int},
    took_millis {int} NOT NULL,
    answer {text} NOT NULL
) {strict};
CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery, id);
