-- Issuers of certificates that a signature left out: who asks, what the fetcher
-- brought back. What was fetched is a hint until it has verified a child
-- (invariant 3); it is parsed by a child process and by nobody else.
SET ROLE countersign_owner;

CREATE TABLE countersign.issuer_fetch (
	url         text PRIMARY KEY CHECK (octet_length(url) <= 1024),
	state       text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'fetched', 'failed')),
	der         bytea CHECK (octet_length(der) <= 65536), -- as it came
	outcome     text,
	asked_at    timestamptz NOT NULL DEFAULT now(),
	fetched_at  timestamptz,
	retry_at    timestamptz, -- not asked for again before
	verified_at timestamptz  -- stood in a valid path
);
CREATE INDEX issuer_fetch_wanted ON countersign.issuer_fetch (asked_at) WHERE state = 'wanted';
ALTER TABLE countersign.issuer_fetch ENABLE ROW LEVEL SECURITY;
ALTER TABLE countersign.issuer_fetch FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON countersign.issuer_fetch
    TO countersign_worker, countersign_operator;
CREATE POLICY staff ON countersign.issuer_fetch TO countersign_worker, countersign_operator
    USING (true) WITH CHECK (true);
-- The fetcher reads what it is to fetch and writes what came of it.
-- What it writes is unverified: only the worker says that it stood in a path.
GRANT SELECT, UPDATE (state, der, outcome, fetched_at, retry_at, verified_at)
    ON countersign.issuer_fetch TO countersign_fetcher;
CREATE POLICY reads ON countersign.issuer_fetch FOR SELECT TO countersign_fetcher USING (true);
CREATE POLICY writes ON countersign.issuer_fetch FOR UPDATE TO countersign_fetcher
    USING (true) WITH CHECK (verified_at IS NULL);

-- An attempt that lacks nothing but issuers waits for them, not for ever.
ALTER TABLE countersign.attempt
    ADD COLUMN wait_for text[] NOT NULL DEFAULT '{}',
    ADD COLUMN wait_until timestamptz;
RESET ROLE;
