-- The audit chain (invariant 8): rows are added by one function and never
-- changed. Each row's hash covers the one before it.
CREATE TABLE countersign.audit (
	seq    bigint PRIMARY KEY,
	at     timestamptz NOT NULL,
	actor  text NOT NULL,
	action text NOT NULL,
	object text NOT NULL,
	vendor bigint,
	detail jsonb NOT NULL,
	prev   bytea NOT NULL,
	hash   bytea NOT NULL UNIQUE
);
ALTER TABLE countersign.audit OWNER TO countersign_audit;
REVOKE ALL ON countersign.audit FROM PUBLIC, countersign_audit, countersign_owner;
GRANT SELECT, INSERT ON countersign.audit TO countersign_audit;

CREATE FUNCTION countersign.audit_is_final() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE EXCEPTION 'audit rows are final' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_final BEFORE UPDATE OR DELETE OR TRUNCATE
    ON countersign.audit FOR EACH STATEMENT EXECUTE FUNCTION countersign.audit_is_final();

-- The bytes that a row's hash covers; `countersign audit verify` computes the
-- same (db/audit.c). Each field stands behind its length in bytes: no choice of
-- words (a visitor chooses some) makes two different rows look the same.
CREATE FUNCTION countersign.audit_hash(prev bytea, seq bigint, at timestamptz,
    actor text, action text, object text, vendor bigint, detail jsonb)
RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sha256(prev || convert_to(string_agg(
	    octet_length(convert_to(f, 'UTF8')) || ':' || f, '' ORDER BY n), 'UTF8'))
	FROM unnest(ARRAY[seq::text, floor(extract(epoch FROM at) * 1000000)::bigint::text,
	    actor, action, object, coalesce(vendor::text, '-'), detail::text])
	    WITH ORDINALITY AS field (f, n)
$$;
ALTER FUNCTION countersign.audit_hash OWNER TO countersign_audit;
ALTER FUNCTION countersign.audit_is_final OWNER TO countersign_audit;
REVOKE ALL ON FUNCTION countersign.audit_hash, countersign.audit_is_final FROM PUBLIC;

CREATE FUNCTION countersign.audit_append(p_actor text, p_action text, p_object text,
    p_vendor bigint, p_detail jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	last record;
	new_seq bigint;
	new_at timestamptz := clock_timestamp();
	new_prev bytea;
BEGIN
	-- One at a time, until the transaction ends: a chain has no branches.
	PERFORM pg_advisory_xact_lock(7305791240021);
	SELECT a.seq, a.hash INTO last FROM countersign.audit a ORDER BY a.seq DESC LIMIT 1;
	new_seq := coalesce(last.seq, 0) + 1;
	new_prev := coalesce(last.hash, '\x'::bytea);
	INSERT INTO countersign.audit (seq, at, actor, action, object, vendor, detail, prev, hash)
	VALUES (new_seq, new_at, p_actor, p_action, p_object, p_vendor, p_detail, new_prev,
	    countersign.audit_hash(new_prev, new_seq, new_at, p_actor, p_action, p_object,
	    p_vendor, p_detail));
	RETURN new_seq;
END $$;
ALTER FUNCTION countersign.audit_append OWNER TO countersign_audit;
REVOKE ALL ON FUNCTION countersign.audit_append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION countersign.audit_append TO countersign_definer,
    countersign_worker, countersign_operator;
GRANT SELECT ON countersign.audit TO countersign_operator;
