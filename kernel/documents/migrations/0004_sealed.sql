-- What the town makes for its most sensitive procedures lies sealed on the disk, and its hash is that of the seal.
ALTER TABLE content ADD COLUMN sealed {bool} NOT NULL DEFAULT FALSE;
