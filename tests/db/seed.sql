-- Two vendors with rows in every table, for the database tests. A is vendor 1
-- with signers 11 and 12, B is vendor 2 with signer 21; their sessions' secrets
-- are 'secret-a' and 'secret-b'. A table without rows makes a test fail.
INSERT INTO countersign.certificate (sha256, der, subject, issuer, serial, spki_sha256, not_before, not_after)
SELECT sha256(n::text::bytea), '\x30', 'CN=' || n, 'CN=ca', n, sha256(('k' || n)::bytea),
    now() - interval '1 year', now() + interval '1 year'
FROM unnest(ARRAY['root', 'a', 'b']) AS n;
INSERT INTO countersign.policy_version (version, reason, sha256) OVERRIDING SYSTEM VALUE
VALUES (1, 'test', sha256('p'));
INSERT INTO countersign.trust_root (sha256, capabilities, reason, version)
VALUES (sha256('root'), '{sign-in}', 'test', 1);
INSERT INTO countersign.shared_signer (kind, value, reason, version) VALUES ('subject', 'CN=store', 'test', 1);
INSERT INTO countersign.signer (id, kind, value, display_name, assurance) OVERRIDING SYSTEM VALUE
VALUES (11, 'key', 'a1', 'A one', 'key'), (12, 'key', 'a2', 'A two', 'key'), (21, 'key', 'b1', 'B', 'key');
INSERT INTO countersign.vendor (id, name, assurance) OVERRIDING SYSTEM VALUE
VALUES (1, 'A', 'key'), (2, 'B', 'key');
INSERT INTO countersign.proof (id, vendor, certificate, challenge, version, identities) OVERRIDING SYSTEM VALUE
VALUES (1, 1, sha256('a'), '0000000000000001', 1, '[]'), (2, 2, sha256('b'), '0000000000000002', 1, '[]');
INSERT INTO countersign.vendor_grant (id, vendor, signer, rule, proof) OVERRIDING SYSTEM VALUE
VALUES (1, 1, 11, 'test', 1), (2, 1, 12, 'test', 1), (3, 2, 21, 'test', 2);
INSERT INTO countersign.challenge (id, code_hash, presession_hash, host, expires_at)
VALUES ('0000000000000001', sha256('c1'), sha256('pre-a'), 'portal.test', now() + interval '10 minutes'),
    ('0000000000000002', sha256('c2'), sha256('pre-b'), 'portal.test', now() + interval '10 minutes');
INSERT INTO countersign.attempt (challenge, session_hash, upload) VALUES
    ('0000000000000001', sha256('x'), '\x00'), ('0000000000000002', sha256('y'), '\x00');
INSERT INTO countersign.session (secret_hash, vendor, proof, expires_at) VALUES
    (sha256('secret-a'), 1, 1, now() + interval '1 hour'),
    (sha256('secret-b'), 2, 2, now() + interval '1 hour');

INSERT INTO countersign.binary (sha256, sha1, stripped, name, size, verdict, policy, added_by)
VALUES (sha256('bin'), '\x0000000000000000000000000000000000000000', sha256('st'), 'a.dll', 1, 'genuine', 1, 'test');
INSERT INTO countersign.binary_signature (binary_sha256, position, nested, signer, verdict, identities)
VALUES (sha256('bin'), 0, false, 11, 'genuine', '[]');
INSERT INTO countersign.module_identity (name, code_id, signer, standing, evidence, binary_sha256)
VALUES ('a.dll', '123', 11, 'firm', 'test', sha256('bin'));

INSERT INTO countersign.inbox (request_id, receipt_hash, content_type, size, body)
VALUES ('seed-0123456789ab', sha256('r'), 'text/plain', 1, '\x00');
INSERT INTO countersign.ledger VALUES (current_date, 'seed', 'acknowledged', 1);
INSERT INTO countersign.failure (received_at, receipt_hash, code, detail, size)
VALUES (now(), sha256('f'), 'x', 'x', 1);
INSERT INTO countersign.dedupe VALUES (sha256('d'), 1001, now());
INSERT INTO countersign.receipt VALUES (sha256('r'), 1001, now());

INSERT INTO countersign.bucket (id, rules_version, key, title, class) OVERRIDING SYSTEM VALUE
VALUES (1, 1, '\x01', 'A bucket', 'x'), (2, 1, '\x02', 'B bucket', 'x');
INSERT INTO countersign.atom (id, key, bucket, label_type, p) OVERRIDING SYSTEM VALUE
VALUES (1, '\x01', 1, 'APPCRASH', array_fill(''::text, ARRAY[8])),
    (2, '\x02', 2, 'APPCRASH', array_fill(''::text, ARRAY[8]));
-- In every partition, so that none is empty.
INSERT INTO countersign.report SELECT now() + n * interval '1 week', 5000 + n, sha256('r'),
    'crashpad', 'p', '1', 'windows', '10', 'x86_64', 1, '{}', '{}' FROM generate_series(-9, 4) AS n;
-- 1001 A's; 1002 B's with A on the stack; 1003 A's, purged; 1004 A's, expired;
-- 1005 A's application, B blamed; 1006 A's without a dump.
INSERT INTO countersign.report_party (signer, part, report, received_at, atom, version, os_version, arch) VALUES
    (11, 'blamed', 1001, now(), 1, '1', '10', 'x86_64'),
    (21, 'blamed', 1002, now(), 2, '1', '10', 'x86_64'),
    (12, 'on_stack', 1002, now(), 2, '1', '10', 'x86_64'),
    (11, 'blamed', 1003, now(), 1, '1', '10', 'x86_64'),
    (11, 'blamed', 1004, now(), 1, '1', '10', 'x86_64'),
    (12, 'application', 1005, now(), 2, '1', '10', 'x86_64'),
    (21, 'blamed', 1005, now(), 2, '1', '10', 'x86_64'),
    (11, 'blamed', 1006, now(), 1, '1', '10', 'x86_64');
INSERT INTO countersign.signer_atom VALUES
    (11, 'blamed', 1, 1, 'APPCRASH', array_fill(''::text, ARRAY[8])),
    (21, 'blamed', 2, 2, 'APPCRASH', array_fill(''::text, ARRAY[8]));
INSERT INTO countersign.signer_bucket VALUES
    (11, 'blamed', 1, 'A bucket', 'x', 10, now(), now(), 1, 1, '{}'),
    (12, 'on_stack', 2, 'B bucket', 'x', 1, now(), now(), 0, 1, '{}'),
    (21, 'blamed', 2, 'B bucket', 'x', 20, now(), now(), 1, 1, '{}');
INSERT INTO countersign.atom_day VALUES (11, 'blamed', 1, current_date, 10), (21, 'blamed', 2, current_date, 20);
INSERT INTO countersign.atom_facet_day VALUES (11, 'blamed', 1, current_date, 'version', '1', 10),
    (21, 'blamed', 2, current_date, 'version', '1', 20);
INSERT INTO countersign.dump (report, received_at, object, size, sha256, wrapped_key, kept_why, kept_until, purged_at)
SELECT r, now(), encode(sha256(r::text::bytea), 'hex'), 100, sha256(r::text::bytea), ('key ' || r)::bytea, 'first',
    CASE r WHEN 1004 THEN now() - interval '1 second' ELSE now() + interval '1 day' END,
    CASE r WHEN 1003 THEN now() END
FROM unnest(ARRAY[1001, 1002, 1003, 1004, 1005]) AS r;
INSERT INTO countersign.issuer_fetch (url) VALUES ('http://ca.test/issuer.cer');
INSERT INTO countersign.spool_done VALUES (repeat('0', 32));
INSERT INTO countersign.unowned_day VALUES ('u.dll', '1', current_date, 1);
SELECT countersign.audit_append('test', 'seeded', 'database', n, '{"n": 1}') FROM generate_series(1, 3) AS n;
