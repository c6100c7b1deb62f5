-- A procedure may name steps between the receipt and the decision; a case keeps the one that it has reached.
ALTER TABLE cases ADD COLUMN step {text};
