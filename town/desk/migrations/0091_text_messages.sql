-- Who wishes to be told by text message too, beside the mail, and at which number.
CREATE TABLE desk_sms_wish (
    account {id} NOT NULL PRIMARY KEY,
    phone {text} NOT NULL
) {strict};
