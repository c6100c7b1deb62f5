-- What a thing of an inventory is worth, each, in cents; nothing where nobody said so.
ALTER TABLE rooms_inventory ADD COLUMN unit_value {int};
