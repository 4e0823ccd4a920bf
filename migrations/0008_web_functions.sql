-- What the web role can do besides reading its scope. Each function checks
-- what it needs by itself; none takes a vendor.

-- A challenge for the visitor who holds the pre-session secret. The code is
-- derived from that secret by the caller; only hashes come here.
CREATE FUNCTION countersign.challenge_start(p_id text, p_code_hash bytea,
    p_presession_hash bytea, p_host text, p_seconds int)
RETURNS timestamptz LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO countersign.challenge (id, code_hash, presession_hash, host, expires_at)
	VALUES (p_id, p_code_hash, p_presession_hash, p_host,
	    date_trunc('second', now()) + make_interval(secs => least(p_seconds, 3600)))
	RETURNING expires_at
$$;

-- The visitor's own challenge, or no row.
CREATE FUNCTION countersign.challenge_get(p_id text, p_presession_hash bytea)
RETURNS TABLE (host text, expires_at timestamptz, used boolean, expired boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT c.host, c.expires_at, c.used_at IS NOT NULL, c.expires_at <= now()
	FROM countersign.challenge c
	WHERE c.id = p_id AND c.presession_hash = p_presession_hash
$$;

-- Hands a signed file in. attempt is NULL and reason says why when it is not
-- even looked at: challenge-not-ours, -foreign, -expired, -replayed. An
-- accepted hand-in uses the challenge up: one try with one challenge.
CREATE FUNCTION countersign.attempt_put(p_challenge text, p_presession_hash bytea,
    p_session_hash bytea, p_upload bytea)
RETURNS TABLE (attempt bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c countersign.challenge;
	why text;
	new_id bigint;
BEGIN
	IF p_session_hash IS NULL OR p_upload IS NULL THEN
		RAISE EXCEPTION 'a session hash and a file are wanted'
		    USING ERRCODE = 'null_value_not_allowed';
	END IF;
	SELECT * INTO c FROM countersign.challenge WHERE id = p_challenge FOR UPDATE;
	why := CASE
	    WHEN c.id IS NULL THEN 'challenge-not-ours'
	    -- not <>: a missing hash is foreign, too
	    WHEN c.presession_hash IS DISTINCT FROM p_presession_hash THEN 'challenge-foreign'
	    WHEN c.used_at IS NOT NULL THEN 'challenge-replayed'
	    WHEN c.expires_at <= now() THEN 'challenge-expired' END;
	IF why IS NOT NULL THEN
		PERFORM countersign.audit_append('visitor', 'sign-in refused',
		    'challenge ' || coalesce(left(p_challenge, 16), '-'), NULL, jsonb_build_object('reason', why));
		RETURN QUERY SELECT NULL::bigint, why;
		RETURN;
	END IF;
	UPDATE countersign.challenge SET used_at = now() WHERE id = c.id;
	INSERT INTO countersign.attempt (challenge, session_hash, upload)
	VALUES (c.id, p_session_hash, p_upload) RETURNING id INTO new_id;
	PERFORM pg_notify('countersign_job', 'attempt');
	RETURN QUERY SELECT new_id, NULL::text;
END $$;

-- How the visitor's own attempt stands. The worker notifies
-- 'countersign_attempt' with the attempt's number when it is decided.
CREATE FUNCTION countersign.attempt_get(p_attempt bigint, p_presession_hash bytea)
RETURNS TABLE (state text, reason text, result jsonb, handed_in_at timestamptz, decided_at timestamptz, challenge text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.state, a.reason, a.result, a.handed_in_at, a.decided_at, a.challenge
	FROM countersign.attempt a JOIN countersign.challenge c ON c.id = a.challenge
	WHERE a.id = p_attempt AND c.presession_hash = p_presession_hash
$$;

-- Ends the session that is presented; true if there was one.
CREATE FUNCTION countersign.session_end() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v bigint;
BEGIN
	UPDATE countersign.session SET ended_at = now(), ended_why = 'signed out'
	WHERE secret_hash = sha256(convert_to(
	    nullif(current_setting('countersign.session', true), ''), 'UTF8'))
	AND ended_at IS NULL RETURNING vendor INTO v;
	IF v IS NULL THEN
		RETURN false;
	END IF;
	PERFORM countersign.audit_append('vendor ' || v, 'signed out', 'session', v, '{}');
	RETURN true;
END $$;

-- The one way to a dump's key (invariant 7): for a session whose signers are
-- blamed for the report or are its application. The audit row is part of the
-- same transaction; the caller sends nothing before it has committed.
CREATE FUNCTION countersign.dump_open(p_report bigint, p_purpose text)
RETURNS TABLE (object text, size bigint, sha256 bytea, wrapped_key bytea, received_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v bigint := countersign.scope_vendor();
	d countersign.dump;
BEGIN
	IF p_purpose IS NULL OR p_purpose = '' THEN
		RAISE EXCEPTION 'a dump is opened for a purpose'
		    USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF v IS NULL THEN
		RETURN;
	END IF;
	SELECT dump.* INTO d FROM countersign.dump
	WHERE dump.report = p_report AND dump.purged_at IS NULL AND dump.kept_until > now()
	AND EXISTS (SELECT FROM countersign.report_party rp WHERE rp.report = p_report
	    AND rp.signer = ANY (countersign.scope_signers())
	    AND rp.part IN ('blamed', 'application'));
	IF d.report IS NULL THEN
		PERFORM countersign.audit_append('vendor ' || v, 'dump refused',
		    'report ' || p_report, v, jsonb_build_object('purpose', left(p_purpose, 100)));
		RETURN;
	END IF;
	PERFORM countersign.audit_append('vendor ' || v, 'dump opened',
	    'report ' || p_report, v, jsonb_build_object('purpose', left(p_purpose, 100),
	    'sha256', encode(d.sha256, 'hex')));
	RETURN QUERY SELECT d.object, d.size, d.sha256, d.wrapped_key, d.received_at;
END $$;

-- Group commit: any number of inbox_put() and, last, one inbox_commit() in one
-- transaction. The count goes from the one to the other in a setting that
-- lives as long as the transaction; a request that an edge sent twice
-- (request_id) is taken once.
CREATE FUNCTION countersign.inbox_put(p_request_id text, p_receipt_hash bytea,
    p_content_type text, p_content_encoding text, p_query text, p_size bigint,
    p_body bytea, p_spool text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO countersign.inbox (request_id, receipt_hash, content_type,
	    content_encoding, query, size, body, spool)
	VALUES (p_request_id, p_receipt_hash, p_content_type, p_content_encoding,
	    p_query, p_size, p_body, p_spool)
	ON CONFLICT (request_id) DO NOTHING;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM set_config('countersign.acknowledged', (coalesce(nullif(
	    current_setting('countersign.acknowledged', true), ''), '0')::bigint + 1)::text, true);
	RETURN true;
END $$;

CREATE FUNCTION countersign.inbox_commit(p_teller text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	added bigint := coalesce(nullif(
	    current_setting('countersign.acknowledged', true), ''), '0')::bigint;
BEGIN
	IF added > 0 THEN
		INSERT INTO countersign.ledger AS l (day, teller, outcome, n)
		VALUES ((now() AT TIME ZONE 'UTC')::date, p_teller, 'acknowledged', added)
		ON CONFLICT (day, teller, outcome) DO UPDATE SET n = l.n + EXCLUDED.n;
		PERFORM set_config('countersign.acknowledged', '0', true);
		PERFORM pg_notify('countersign_job', 'inbox');
	END IF;
	RETURN added;
END $$;

-- Can this server take what we have? (A replica cannot.)
CREATE FUNCTION countersign.ready() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT NOT pg_is_in_recovery()
$$;

-- The last migration that was applied, for whoever wants to know whether the
-- database is the one that it was built for.
CREATE FUNCTION countersign.schema_version() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT max(version) FROM public.countersign_migration
$$;
GRANT USAGE ON SCHEMA public TO countersign_definer;
GRANT SELECT ON public.countersign_migration TO countersign_definer;

DO $$
DECLARE f regprocedure;
BEGIN
	FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	    WHERE n.nspname = 'countersign' AND p.proname IN ('challenge_start',
	    'challenge_get', 'attempt_put', 'attempt_get', 'session_end', 'dump_open',
	    'inbox_put', 'inbox_commit', 'ready', 'schema_version') LOOP
		EXECUTE format('ALTER FUNCTION %s OWNER TO countersign_definer', f);
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO countersign_web', f);
	END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION countersign.scope_vendor, countersign.scope_signers
    TO countersign_definer;
-- The operator's import puts dumps into the same inbox.
GRANT EXECUTE ON FUNCTION countersign.inbox_put, countersign.inbox_commit
    TO countersign_operator, countersign_worker;
GRANT EXECUTE ON FUNCTION countersign.ready, countersign.schema_version
    TO countersign_operator, countersign_worker, countersign_fetcher;
