-- What was acknowledged and is not yet processed, and the ledger that doctor
-- reconciles (invariant 6).
SET ROLE countersign_owner;

CREATE TABLE countersign.inbox (
	id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	request_id       text NOT NULL UNIQUE CHECK (octet_length(request_id) BETWEEN 16 AND 64),
	received_at      timestamptz NOT NULL DEFAULT now(),
	receipt_hash     bytea NOT NULL CHECK (octet_length(receipt_hash) = 32),
	content_type     text NOT NULL,
	content_encoding text NOT NULL DEFAULT '',
	query            text NOT NULL DEFAULT '',
	size             bigint NOT NULL,
	body             bytea, -- sealed for the worker
	spool            text CHECK (spool ~ '^[0-9a-f]{32}$'), -- the file's name, without .body
	tries            int NOT NULL DEFAULT 0,
	not_before       timestamptz NOT NULL DEFAULT '-infinity',
	CHECK ((body IS NULL) <> (spool IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0);
-- Encrypted bytes do not compress.
ALTER TABLE countersign.inbox ALTER COLUMN body SET STORAGE EXTERNAL;

-- One row a process and day, so that writers do not meet.
CREATE TABLE countersign.ledger (
	day     date NOT NULL,
	teller  text NOT NULL,
	outcome text NOT NULL CHECK (outcome IN ('acknowledged', 'processed',
	    'failed', 'duplicate', 'discarded')),
	n       bigint NOT NULL,
	PRIMARY KEY (day, teller, outcome)
);

-- What could not be processed, kept for a look: why, never the bytes.
CREATE TABLE countersign.failure (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at  timestamptz NOT NULL,
	failed_at    timestamptz NOT NULL DEFAULT now(),
	receipt_hash bytea NOT NULL,
	code         text NOT NULL,
	detail       text NOT NULL,
	size         bigint NOT NULL
);

-- The same dump sent twice within seven days counts once.
CREATE TABLE countersign.dedupe (
	key         bytea PRIMARY KEY,
	report      bigint NOT NULL,
	received_at timestamptz NOT NULL
);
CREATE INDEX dedupe_received ON countersign.dedupe (received_at);
CREATE TABLE countersign.receipt (
	hash        bytea PRIMARY KEY,
	report      bigint NOT NULL,
	received_at timestamptz NOT NULL
);
RESET ROLE;
