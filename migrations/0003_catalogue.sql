-- Signed binaries, and which module of a dump is which of them.
SET ROLE countersign_owner;

CREATE TABLE countersign.binary (
	sha256      bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
	sha1        bytea NOT NULL CHECK (octet_length(sha1) = 20),
	stripped    bytea NOT NULL, -- SHA-256 authentihash: the same for every copy, however signed
	name        text NOT NULL,
	size        bigint NOT NULL,
	verdict     text NOT NULL CHECK (verdict IN ('genuine', 'unsigned', 'refused')),
	reason      text,
	examined_at timestamptz NOT NULL DEFAULT now(),
	policy      bigint NOT NULL REFERENCES countersign.policy_version,
	added_by    text NOT NULL
);
CREATE INDEX binary_sha1 ON countersign.binary (sha1);
CREATE INDEX binary_stripped ON countersign.binary (stripped);

CREATE TABLE countersign.binary_signature (
	binary_sha256 bytea NOT NULL REFERENCES countersign.binary,
	position      int NOT NULL,
	nested        boolean NOT NULL,
	signer        bigint REFERENCES countersign.signer, -- the strongest identity
	certificate   bytea REFERENCES countersign.certificate,
	verdict       text NOT NULL CHECK (verdict IN ('genuine', 'refused')),
	reason        text,
	signed_at     timestamptz, -- of a valid timestamp
	timestamp_kind text,
	identities    jsonb NOT NULL,
	PRIMARY KEY (binary_sha256, position)
);

-- What a dump can name. debug_id is '' where the file has none.
CREATE TABLE countersign.module_identity (
	name       text NOT NULL CHECK (name = lower(name)),
	code_id    text NOT NULL,
	debug_id   text NOT NULL DEFAULT '',
	signer     bigint REFERENCES countersign.signer,
	standing   text NOT NULL CHECK (standing IN ('firm', 'provisional', 'contested', 'unowned')),
	evidence   text NOT NULL,
	binary_sha256 bytea REFERENCES countersign.binary,
	version    text,
	since      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (name, code_id, debug_id),
	CHECK ((standing = 'unowned') = (signer IS NULL))
);
RESET ROLE;
