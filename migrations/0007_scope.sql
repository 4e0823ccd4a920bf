-- Scope (invariant 1). A transaction of the web role begins with
--   SELECT set_config('countersign.session', SECRET, true)
-- and the policies below resolve that to a vendor and its signers, once a
-- statement (each is called as a sub-select). The secret is hashed here: who
-- could read the session table would still not hold a session.

CREATE FUNCTION countersign.scope_vendor() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT s.vendor FROM countersign.session s
	WHERE s.secret_hash = sha256(convert_to(
	    nullif(current_setting('countersign.session', true), ''), 'UTF8'))
	AND s.ended_at IS NULL AND s.expires_at > now()
$$;

CREATE FUNCTION countersign.scope_signers() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg(g.signer ORDER BY g.signer), '{}')
	FROM countersign.session s
	JOIN countersign.vendor_grant g ON g.vendor = s.vendor
	WHERE s.secret_hash = sha256(convert_to(
	    nullif(current_setting('countersign.session', true), ''), 'UTF8'))
	AND s.ended_at IS NULL AND s.expires_at > now()
	AND g.withdrawn_at IS NULL AND g.valid_from <= now()
	AND (g.valid_until IS NULL OR g.valid_until > now())
$$;

ALTER FUNCTION countersign.scope_vendor OWNER TO countersign_definer;
ALTER FUNCTION countersign.scope_signers OWNER TO countersign_definer;
REVOKE ALL ON FUNCTION countersign.scope_vendor, countersign.scope_signers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION countersign.scope_vendor, countersign.scope_signers
    TO countersign_web;

-- Every table is closed by force, also for its owner; then each role gets what
-- it is for. A table that a later migration adds is caught by the test that
-- looks for tables without forced row security.
DO $$
DECLARE t text;
BEGIN
	FOR t IN SELECT c.relname FROM pg_class c
	    JOIN pg_namespace n ON n.oid = c.relnamespace
	    WHERE n.nspname = 'countersign' AND c.relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE countersign.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('ALTER TABLE countersign.%I FORCE ROW LEVEL SECURITY', t);
		IF t LIKE 'report\_2%' THEN
			CONTINUE; -- partitions are reached through their parent only
		END IF;
		IF t = 'audit' THEN
			EXECUTE 'CREATE POLICY chain ON countersign.audit TO countersign_audit '
			    'USING (true) WITH CHECK (true)';
			EXECUTE 'CREATE POLICY reads ON countersign.audit FOR SELECT '
			    'TO countersign_operator USING (true)';
			CONTINUE;
		END IF;
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON countersign.%I '
		    'TO countersign_worker, countersign_operator', t);
		EXECUTE format('CREATE POLICY staff ON countersign.%I TO countersign_worker, '
		    'countersign_operator USING (true) WITH CHECK (true)', t);
	END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA countersign TO countersign_worker,
    countersign_operator;
-- What is decided about ownership is never deleted, only withdrawn.
REVOKE DELETE ON countersign.proof, countersign.vendor, countersign.vendor_grant,
    countersign.signer, countersign.certificate
    FROM countersign_worker, countersign_operator;
-- A dump's key leaves through dump_open() only (invariant 7): the worker writes
-- keys and reads none.
REVOKE SELECT ON countersign.dump FROM countersign_worker, countersign_operator;
GRANT SELECT (report, received_at, object, size, sha256, kept_why, kept_until, purged_at)
    ON countersign.dump TO countersign_worker, countersign_operator;
-- The roots are the operator's.
REVOKE INSERT, UPDATE, DELETE ON countersign.trust_root, countersign.shared_signer,
    countersign.policy_version FROM countersign_worker;
GRANT EXECUTE ON FUNCTION countersign.report_partition TO countersign_worker,
    countersign_operator;
ALTER FUNCTION countersign.report_partition OWNER TO countersign_owner;
ALTER FUNCTION countersign.report_partition SECURITY DEFINER;
REVOKE ALL ON FUNCTION countersign.report_partition FROM PUBLIC;

-- What the web role may read once a session is presented: rows of its signers.
DO $$
DECLARE t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['report_party', 'signer_atom', 'signer_bucket',
	    'atom_day', 'atom_facet_day'] LOOP
		EXECUTE format('GRANT SELECT ON countersign.%I TO countersign_web', t);
		EXECUTE format('CREATE POLICY scope ON countersign.%I FOR SELECT TO countersign_web '
		    'USING (signer = ANY ((SELECT countersign.scope_signers())::bigint[]))', t);
	END LOOP;
END $$;
GRANT SELECT ON countersign.vendor, countersign.vendor_grant, countersign.signer
    TO countersign_web;
CREATE POLICY scope ON countersign.vendor FOR SELECT TO countersign_web
    USING (id = (SELECT countersign.scope_vendor()));
CREATE POLICY scope ON countersign.vendor_grant FOR SELECT TO countersign_web
    USING (vendor = (SELECT countersign.scope_vendor()));
CREATE POLICY scope ON countersign.signer FOR SELECT TO countersign_web
    USING (id = ANY ((SELECT countersign.scope_signers())::bigint[]));

-- What the functions of countersign_definer read and write on behalf of it.
GRANT SELECT, UPDATE ON countersign.session TO countersign_definer;
CREATE POLICY definer ON countersign.session TO countersign_definer
    USING (true) WITH CHECK (true);
GRANT SELECT ON countersign.vendor_grant, countersign.report_party, countersign.dump
    TO countersign_definer;
CREATE POLICY definer ON countersign.vendor_grant FOR SELECT TO countersign_definer USING (true);
CREATE POLICY definer ON countersign.report_party FOR SELECT TO countersign_definer USING (true);
CREATE POLICY definer ON countersign.dump FOR SELECT TO countersign_definer USING (true);
GRANT SELECT, INSERT, UPDATE ON countersign.challenge, countersign.attempt TO countersign_definer;
CREATE POLICY definer ON countersign.challenge TO countersign_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON countersign.attempt TO countersign_definer USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON countersign.inbox TO countersign_definer;
CREATE POLICY definer ON countersign.inbox TO countersign_definer USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON countersign.ledger TO countersign_definer;
CREATE POLICY definer ON countersign.ledger TO countersign_definer USING (true) WITH CHECK (true);
