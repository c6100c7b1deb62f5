-- Mailboxes that the town reads (IMAP), and what arrives: scanned letters and e-mails, until an agent has seen to them.
CREATE TABLE mailbox (
    id {id} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    department {text} NOT NULL,
    host {text} NOT NULL,
    port {int} NOT NULL,
    security {text} NOT NULL,
    user_name {text} NOT NULL,
    password {blob} NOT NULL,
    folder {text} NOT NULL,
    done_folder {text} NOT NULL,
    is_active {bool} NOT NULL,
    uid_validity {int},
    last_uid {int} NOT NULL,
    fetched_at {instant},
    trouble {text}
) {strict};

CREATE TABLE mail_item (
    id {id} NOT NULL PRIMARY KEY,
    source {text} NOT NULL,
    department {text} NOT NULL,
    mailbox {id},
    sender_name {text} NOT NULL,
    sender_email {text} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    -- What a mail says of itself: written by a program, a bounce, too large to be read.
    nature {text} NOT NULL,
    -- A case's reference that stands in it.
    reference {text} NOT NULL,
    arrived_on {day} NOT NULL,
    kept_at {instant} NOT NULL,
    entered_by {id},
    state {text} NOT NULL,
    case_id {id},
    reason {text} NOT NULL,
    settled_by {id},
    settled_at {instant}
) {strict};
CREATE INDEX mail_item_waiting ON mail_item (department, id) WHERE state = 'waiting';
CREATE INDEX mail_item_settled ON mail_item (settled_at, id) WHERE state <> 'waiting';
CREATE INDEX mail_item_recent ON mail_item (department, settled_at, id) WHERE state <> 'waiting';
CREATE INDEX mail_item_case ON mail_item (case_id) WHERE case_id IS NOT NULL;

-- Mails that were fetched, by the hash of their bytes: none is fetched twice, whatever the server numbers anew.
CREATE TABLE mail_seen (
    mailbox {id} NOT NULL,
    sha256 {text} NOT NULL,
    item {id} NOT NULL,
    seen_at {instant} NOT NULL,
    PRIMARY KEY (mailbox, sha256)
) {strict};
CREATE INDEX mail_seen_by_age ON mail_seen (seen_at);
