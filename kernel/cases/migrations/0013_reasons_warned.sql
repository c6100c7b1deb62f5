-- How many days before the last day to give reasons those who can give them were warned last.
ALTER TABLE implied_decision ADD COLUMN reasons_warned {int};
