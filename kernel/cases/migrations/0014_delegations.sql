-- By which delegation a decision was signed: « par délégation du maire, arrêté n° 12 du 3 avril 2026 ».
ALTER TABLE decision ADD COLUMN signatory_delegation {text} NOT NULL DEFAULT '';
