-- Fees are collected of what is decided from now on: what was granted before is not asked for.
INSERT INTO subscriber (name, seq) SELECT 'desk.fees', COALESCE(MAX(seq), 0) FROM journal;
