-- Reports, labels, buckets and their counts (design section 6).  A vendor sees
-- none of report, atom, bucket or dump: it sees rows that name a signer.
SET ROLE countersign_owner;

CREATE TABLE countersign.bucket (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	rules_version int NOT NULL,
	key           bytea NOT NULL,
	title         text NOT NULL,
	class         text NOT NULL,
	made_at       timestamptz NOT NULL DEFAULT now(),
	UNIQUE (rules_version, key)
);

CREATE TABLE countersign.atom (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key        bytea NOT NULL UNIQUE,
	bucket     bigint NOT NULL REFERENCES countersign.bucket,
	label_type text NOT NULL,
	p          text[] NOT NULL CHECK (cardinality(p) = 8),
	made_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX atom_bucket ON countersign.atom (bucket);

CREATE SEQUENCE countersign.report_id;
CREATE TABLE countersign.report (
	received_at  timestamptz NOT NULL,
	id           bigint NOT NULL DEFAULT nextval('countersign.report_id'),
	receipt_hash bytea NOT NULL,
	client       text NOT NULL,
	product      text NOT NULL,
	version      text NOT NULL,
	os           text NOT NULL,
	os_version   text NOT NULL,
	arch         text NOT NULL,
	atom         bigint NOT NULL,
	annotations  jsonb NOT NULL,
	examination  jsonb NOT NULL, -- what the child said, design section 7 "dump"
	PRIMARY KEY (received_at, id)
) PARTITION BY RANGE (received_at);

-- Weeks begin on Monday, UTC.
CREATE FUNCTION countersign.report_partition(at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	monday date := date_trunc('week', at AT TIME ZONE 'UTC')::date;
	name text := 'report_' || to_char(monday, 'IYYY"w"IW');
BEGIN
	IF to_regclass('countersign.' || name) IS NULL THEN
		EXECUTE format('CREATE TABLE IF NOT EXISTS countersign.%I PARTITION OF '
		    'countersign.report FOR VALUES FROM (%L) TO (%L)', name,
		    monday::timestamp AT TIME ZONE 'UTC',
		    (monday + 7)::timestamp AT TIME ZONE 'UTC');
		EXECUTE format('ALTER TABLE countersign.%I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE countersign.%I FORCE ROW LEVEL SECURITY', name);
	END IF;
END $$;

CREATE TYPE countersign.part AS ENUM ('blamed', 'application', 'on_stack');

-- Who is concerned by a report, each signer once with its strongest part, and
-- what that signer may read of it.
CREATE TABLE countersign.report_party (
	signer      bigint NOT NULL REFERENCES countersign.signer,
	part        countersign.part NOT NULL,
	report      bigint NOT NULL,
	received_at timestamptz NOT NULL,
	atom        bigint NOT NULL,
	version     text NOT NULL,
	os_version  text NOT NULL,
	arch        text NOT NULL,
	dump_size   bigint,  -- plain; NULL when none is kept
	dump_sha256 bytea,
	dump_until  timestamptz,
	PRIMARY KEY (signer, report)
);
CREATE INDEX report_party_recent ON countersign.report_party
    (signer, atom, received_at DESC, report);
CREATE INDEX report_party_report ON countersign.report_party (report);

-- An atom as a signer knows it.
CREATE TABLE countersign.signer_atom (
	signer     bigint NOT NULL REFERENCES countersign.signer,
	part       countersign.part NOT NULL,
	atom       bigint NOT NULL,
	bucket     bigint NOT NULL,
	label_type text NOT NULL,
	p          text[] NOT NULL,
	PRIMARY KEY (signer, part, atom)
);
CREATE INDEX signer_atom_bucket ON countersign.signer_atom (signer, bucket);

-- A bucket as a signer knows it. sample is what one report's stack showed:
-- {"frames":[{"module","offset","trust"}],"trail":[..],"rule":text}.
CREATE TABLE countersign.signer_bucket (
	signer        bigint NOT NULL REFERENCES countersign.signer,
	part          countersign.part NOT NULL,
	bucket        bigint NOT NULL,
	title         text NOT NULL,
	class         text NOT NULL,
	hits          bigint NOT NULL,
	first_seen_at timestamptz NOT NULL,
	last_seen_at  timestamptz NOT NULL,
	dumps         bigint NOT NULL DEFAULT 0,
	rules_version int NOT NULL,
	sample        jsonb NOT NULL,
	PRIMARY KEY (signer, part, bucket)
);
CREATE INDEX signer_bucket_top ON countersign.signer_bucket (signer, hits DESC, bucket);

CREATE TABLE countersign.atom_day (
	signer bigint NOT NULL,
	part   countersign.part NOT NULL,
	atom   bigint NOT NULL,
	day    date NOT NULL,
	hits   bigint NOT NULL,
	PRIMARY KEY (signer, part, atom, day)
) WITH (fillfactor = 70);

CREATE TABLE countersign.atom_facet_day (
	signer bigint NOT NULL,
	part   countersign.part NOT NULL,
	atom   bigint NOT NULL,
	day    date NOT NULL,
	facet  text NOT NULL CHECK (facet IN ('version', 'os_version', 'arch')),
	value  text NOT NULL,
	hits   bigint NOT NULL,
	PRIMARY KEY (signer, part, atom, facet, value, day)
) WITH (fillfactor = 70);

-- object is the store's name; wrapped_key opens it and leaves only through
-- dump_open().
CREATE TABLE countersign.dump (
	report      bigint PRIMARY KEY,
	received_at timestamptz NOT NULL,
	object      text NOT NULL CHECK (object ~ '^[0-9a-f]{64}$'),
	size        bigint NOT NULL,
	sha256      bytea NOT NULL,
	wrapped_key bytea NOT NULL,
	kept_why    text NOT NULL,
	kept_until  timestamptz NOT NULL,
	purged_at   timestamptz
);
CREATE INDEX dump_until ON countersign.dump (kept_until) WHERE purged_at IS NULL;

-- Modules that nobody is known to own, by how often they crash.
CREATE TABLE countersign.unowned_day (
	name    text NOT NULL,
	code_id text NOT NULL,
	day     date NOT NULL,
	hits    bigint NOT NULL,
	PRIMARY KEY (name, code_id, day)
);

-- Nine weeks back (an import brings its own times), this one and four ahead; the
-- worker makes the next ones.
SELECT countersign.report_partition(now() + n * interval '1 week')
FROM generate_series(-9, 4) AS n;
RESET ROLE;
