-- A password is chosen by whoever has shown that the address is theirs. One chosen before that may be a stranger's.
UPDATE account SET password_hash = NULL, password_strength = 0 WHERE email_verified_at IS NULL;
