-- Who there is. A role is what a process may be, not who a person is:
--   countersign_owner    owns schema and tables, logs in nowhere
--   countersign_definer  owns the functions through which the web role does what
--                        it may not do by itself; logs in nowhere
--   countersign_audit    owns the audit chain; logs in nowhere
--   countersign_web      the kore module: a stranger until a session is presented
--   countersign_worker   jobs; sees all rows
--   countersign_operator the command line
--   countersign_fetcher  what is to be fetched and what came of it
-- Roles belong to the cluster and may be there already.
DO $$
DECLARE r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['owner', 'definer', 'audit'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_' || r) THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', 'countersign_' || r);
		END IF;
	END LOOP;
	FOREACH r IN ARRAY ARRAY['web', 'worker', 'operator', 'fetcher'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_' || r) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', 'countersign_' || r);
		END IF;
	END LOOP;
	FOREACH r IN ARRAY ARRAY['owner', 'definer', 'audit', 'web', 'worker',
	    'operator', 'fetcher'] LOOP
		EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE '
		    'NOBYPASSRLS NOREPLICATION', 'countersign_' || r);
	END LOOP;
	-- Nobody makes objects in passing: a temporary table could shadow a name.
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO countersign_web, '
	    'countersign_worker, countersign_operator, countersign_fetcher',
	    current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- What PostgreSQL lets everybody do and an injected statement would: code of its
-- own, large objects (a store without row security that all logins share), locks
-- by number (which could stop the audit chain), ending the sessions of others who
-- log in by the same role.
REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql, sql TO countersign_owner;
DO $$
DECLARE f regprocedure;
BEGIN
	FOR f IN SELECT p.oid FROM pg_catalog.pg_proc p
	    WHERE p.pronamespace = 'pg_catalog'::regnamespace
	    AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^lo_'
	    OR p.proname IN ('loread', 'lowrite', 'pg_cancel_backend',
	    'pg_terminate_backend', 'pg_logical_emit_message')) LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
		IF f::text ~ 'advisory_' THEN
			EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO countersign_worker, '
			    'countersign_operator, countersign_fetcher, countersign_audit', f);
		END IF;
	END LOOP;
END $$;
-- A function that a later migration makes is for nobody until it is granted.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE countersign_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA countersign AUTHORIZATION countersign_owner;
GRANT USAGE ON SCHEMA countersign TO countersign_definer, countersign_audit,
    countersign_web, countersign_worker, countersign_operator, countersign_fetcher;

-- Names resolve to this schema and no other, for every login.
DO $$
DECLARE r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['web', 'worker', 'operator', 'fetcher'] LOOP
		EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = '
		    'countersign, pg_catalog, pg_temp', 'countersign_' || r,
		    current_database());
		EXECUTE format('ALTER ROLE %I IN DATABASE %I SET timezone = ''UTC''',
		    'countersign_' || r, current_database());
	END LOOP;
	EXECUTE format('ALTER ROLE countersign_web IN DATABASE %I SET '
	    'statement_timeout = ''10s''', current_database());
	EXECUTE format('ALTER ROLE countersign_web IN DATABASE %I SET '
	    'idle_in_transaction_session_timeout = ''15s''', current_database());
	-- A secret that is a parameter never reaches the server's log.
	EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length = 0',
	    current_database());
	EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length_on_error = 0',
	    current_database());
END $$;
