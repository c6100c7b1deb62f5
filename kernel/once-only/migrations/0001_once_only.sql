-- The State's services that the commune may ask, each with the key that it was given. The key is sealed.
CREATE TABLE once_only_service (
    api {text} NOT NULL PRIMARY KEY,
    address {text} NOT NULL,
    token {blob} NOT NULL,
    recipient {text} NOT NULL,
    purpose {text} NOT NULL,
    changed_at {instant} NOT NULL
) {strict};
