-- An account whose owner has left is told from one that was locked: the link that gives it back opens the first alone.
UPDATE account SET state = 'leaving' WHERE state = 'locked' AND id IN (SELECT account FROM account_closing);
