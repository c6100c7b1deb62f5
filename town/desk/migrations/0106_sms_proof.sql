-- A number that somebody gave to be told by text message, until they have written the code that was sent to it.
CREATE TABLE desk_sms_proof (
    account {id} NOT NULL PRIMARY KEY,
    phone {text} NOT NULL,
    code_hash {blob} NOT NULL,
    tries {int} NOT NULL,
    -- How many codes were asked for on the day of the last one: each costs the town a message.
    codes {int} NOT NULL,
    sent_at {instant} NOT NULL
) {strict};
