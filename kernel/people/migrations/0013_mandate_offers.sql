-- A helped person offers a mandate from their own account: to whoever holds this address, who takes it signed in. It is
-- forgotten once its time is over, taken or not.
CREATE TABLE mandate_offer (
    id {id} NOT NULL PRIMARY KEY,
    -- The helped person's.
    account {id} NOT NULL REFERENCES account (id),
    helper_name {text} NOT NULL,
    helper_email {text} NOT NULL,
    helped {json} NOT NULL,
    scope {text} NOT NULL,
    days {int} NOT NULL,
    copies {bool} NOT NULL,
    lang {text} NOT NULL,
    link_hash {blob} NOT NULL UNIQUE,
    offered_at {instant} NOT NULL,
    serves_until {instant} NOT NULL,
    -- When it was taken, declined or withdrawn.
    closed_at {instant}
) {strict};
CREATE INDEX mandate_offer_by_account ON mandate_offer (account, id);
CREATE INDEX mandate_offer_by_helper ON mandate_offer (helper_email, offered_at);
CREATE INDEX mandate_offer_by_time ON mandate_offer (serves_until);
