-- Whose a lease is: a number that is never given twice. Whoever held the same before writes nothing any more.
ALTER TABLE leases ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
