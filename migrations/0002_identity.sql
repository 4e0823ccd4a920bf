-- Certificates, roots, signers, vendors and what they have shown
-- (design section 5).
SET ROLE countersign_owner;

CREATE TABLE countersign.certificate (
	sha256      bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
	der         bytea NOT NULL CHECK (octet_length(der) <= 65536),
	subject     text NOT NULL,
	issuer      text NOT NULL,
	serial      text NOT NULL,
	spki_sha256 bytea NOT NULL CHECK (octet_length(spki_sha256) = 32),
	not_before  timestamptz NOT NULL,
	not_after   timestamptz NOT NULL,
	seen_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX certificate_spki ON countersign.certificate (spki_sha256);

-- Every load of the roots file makes a version; a decision names the one that
-- it was made under.
CREATE TABLE countersign.policy_version (
	version    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	made_at    timestamptz NOT NULL DEFAULT now(),
	reason     text NOT NULL,
	sha256     bytea NOT NULL
);

CREATE TABLE countersign.trust_root (
	sha256       bytea PRIMARY KEY REFERENCES countersign.certificate,
	capabilities text[] NOT NULL DEFAULT '{}' CHECK (capabilities <@ ARRAY[
	    'binaries', 'sign-in', 'registration', 'subscriber', 'timestamping']),
	policies     text[] NOT NULL DEFAULT '{}',
	issuing_keys bytea[] NOT NULL DEFAULT '{}',
	reason       text NOT NULL CHECK (reason <> ''),
	version      bigint NOT NULL REFERENCES countersign.policy_version,
	withdrawn_at timestamptz
);

-- Sign other people's code, so they never own and never sign in.
CREATE TABLE countersign.shared_signer (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind    text NOT NULL CHECK (kind IN ('subject', 'key', 'registration', 'subscriber')),
	value   text NOT NULL,
	reason  text NOT NULL CHECK (reason <> ''),
	version bigint NOT NULL REFERENCES countersign.policy_version,
	UNIQUE (kind, value)
);

-- One identity of the ladder. assurance is what may be said beside the name.
CREATE TABLE countersign.signer (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind         text NOT NULL CHECK (kind IN ('subscriber', 'registration', 'key')),
	value        text NOT NULL,
	display_name text NOT NULL,
	assurance    text NOT NULL CHECK (assurance IN ('registration',
	    'organisation', 'key', 'claimed')),
	seen_at      timestamptz NOT NULL DEFAULT now(),
	UNIQUE (kind, value)
);

CREATE TABLE countersign.vendor (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text NOT NULL,
	assurance  text NOT NULL CHECK (assurance IN ('registration',
	    'organisation', 'key', 'claimed')),
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE countersign.proof (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	vendor      bigint NOT NULL REFERENCES countersign.vendor,
	certificate bytea NOT NULL REFERENCES countersign.certificate,
	proven_at   timestamptz NOT NULL DEFAULT now(),
	challenge   text NOT NULL,
	version     bigint NOT NULL REFERENCES countersign.policy_version,
	-- identities as the verdict had them: [{"kind","value"}], strongest first
	identities  jsonb NOT NULL
);
CREATE INDEX proof_vendor ON countersign.proof (vendor);

-- What ties a vendor to a signer. One holder at a time.
CREATE TABLE countersign.vendor_grant (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	vendor       bigint NOT NULL REFERENCES countersign.vendor,
	signer       bigint NOT NULL REFERENCES countersign.signer,
	rule         text NOT NULL,
	proof        bigint REFERENCES countersign.proof,
	valid_from   timestamptz NOT NULL DEFAULT now(),
	valid_until  timestamptz,
	withdrawn_at timestamptz,
	withdrawn_why text,
	CHECK ((withdrawn_at IS NULL) = (withdrawn_why IS NULL))
);
CREATE UNIQUE INDEX vendor_grant_holder ON countersign.vendor_grant (signer)
    WHERE withdrawn_at IS NULL;
CREATE INDEX vendor_grant_vendor ON countersign.vendor_grant (vendor);

-- A visitor's challenge: the code is known by its hash only, and by the cookie
-- that it is derived from.
CREATE TABLE countersign.challenge (
	id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
	code_hash       bytea NOT NULL CHECK (octet_length(code_hash) = 32),
	presession_hash bytea NOT NULL CHECK (octet_length(presession_hash) = 32),
	host            text NOT NULL CHECK (octet_length(host) BETWEEN 1 AND 255),
	issued_at       timestamptz NOT NULL DEFAULT date_trunc('second', now()),
	expires_at      timestamptz NOT NULL,
	used_at         timestamptz
);
CREATE INDEX challenge_expires ON countersign.challenge (expires_at);

-- One signed file handed in. session_hash waits in it: the worker makes it a
-- session if the proof holds, and forgets it otherwise.
CREATE TABLE countersign.attempt (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	challenge    text NOT NULL REFERENCES countersign.challenge ON DELETE CASCADE,
	session_hash bytea CHECK (octet_length(session_hash) = 32),
	upload       bytea CHECK (octet_length(upload) <= 262144),
	handed_in_at timestamptz NOT NULL DEFAULT now(),
	state        text NOT NULL DEFAULT 'waiting'
	    CHECK (state IN ('waiting', 'accepted', 'refused')),
	tries        int NOT NULL DEFAULT 0,
	reason       text,
	result       jsonb,
	decided_at   timestamptz
);
CREATE INDEX attempt_waiting ON countersign.attempt (id) WHERE state = 'waiting';
CREATE INDEX attempt_challenge ON countersign.attempt (challenge);

CREATE TABLE countersign.session (
	secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
	vendor      bigint NOT NULL REFERENCES countersign.vendor,
	proof       bigint NOT NULL REFERENCES countersign.proof,
	started_at  timestamptz NOT NULL DEFAULT now(),
	expires_at  timestamptz NOT NULL,
	ended_at    timestamptz,
	ended_why   text
);
CREATE INDEX session_vendor ON countersign.session (vendor);
RESET ROLE;
