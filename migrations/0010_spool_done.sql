-- Spool files whose upload is processed: named in the transaction that deletes
-- the inbox row, unlinked after it, forgotten then. Whoever comes after a kill
-- in between finds the name here, instead of a sweep that has to wait.
SET ROLE countersign_owner;

CREATE TABLE countersign.spool_done (
	spool   text PRIMARY KEY CHECK (spool ~ '^[0-9a-f]{32}$'),
	done_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE countersign.spool_done ENABLE ROW LEVEL SECURITY;
ALTER TABLE countersign.spool_done FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON countersign.spool_done
    TO countersign_worker, countersign_operator;
CREATE POLICY staff ON countersign.spool_done TO countersign_worker, countersign_operator
    USING (true) WITH CHECK (true);
RESET ROLE;
