-- roles: worker operator
-- The worker's own: the inbox and what becomes of it.  Statements for a whole
-- batch take one JSON array and write in the order of the key, so that two
-- workers meet the same rows in the same order and wait instead of dead-locking.

-- name: inbox_claim :many
-- Rows of others are passed over; the lock lasts as long as the transaction.
-- Large bodies are fetched one by one.
SELECT id, received_at::text AS received_at,
    (received_at AT TIME ZONE 'UTC')::date::text AS day,
    extract(epoch FROM received_at)::bigint AS received_epoch,
    encode(receipt_hash, 'hex') AS receipt_hash, content_type, content_encoding,
    query, size, CASE WHEN size <= 262144 THEN body END AS body, spool, tries
FROM inbox WHERE not_before <= now()
ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED

-- name: inbox_body :one
SELECT body FROM inbox WHERE id = $1::bigint

-- name: inbox_delete :exec
-- A spool file is unlinked after the commit; its name is kept until it is.
WITH gone AS (DELETE FROM inbox WHERE id = ANY ($1::bigint[]) RETURNING spool)
INSERT INTO spool_done (spool) SELECT spool FROM gone WHERE spool IS NOT NULL
ON CONFLICT (spool) DO NOTHING

-- name: spool_done :many
SELECT spool FROM spool_done ORDER BY spool LIMIT 500

-- name: spool_forget :exec
DELETE FROM spool_done WHERE spool = $1::text

-- name: inbox_defer :exec
UPDATE inbox SET tries = tries + 1, not_before = now() + make_interval(secs => $2::int)
WHERE id = $1::bigint

-- name: inbox_wait :exec
-- Not its fault: looked at again later, the try is not counted.
UPDATE inbox SET not_before = now() + make_interval(secs => $2::int)
WHERE id = $1::bigint

-- name: failure_add :exec
INSERT INTO failure (received_at, receipt_hash, code, detail, size)
VALUES ($1::text::timestamptz, decode($2::text, 'hex'), $3::text, left($4::text, 500), $5::bigint)

-- name: ledger_add :exec
INSERT INTO ledger AS l (day, teller, outcome, n)
VALUES ((now() AT TIME ZONE 'UTC')::date, $1::text, $2::text, $3::bigint)
ON CONFLICT (day, teller, outcome) DO UPDATE SET n = l.n + EXCLUDED.n

-- name: report_ids :many
SELECT nextval('countersign.report_id') AS id FROM generate_series(1, $1::int)

-- name: report_week :exec
SELECT report_partition($1::text::timestamptz)

-- name: module_find :many
-- What a report may name: the same name and code id, and the same debug id
-- where the dump has one.
SELECT r.i, m.signer, m.standing
FROM jsonb_to_recordset($1::jsonb) AS r (i int, name text, code_id text, debug_id text)
JOIN module_identity m ON m.name = lower(r.name) AND m.code_id = r.code_id
    AND (r.debug_id = '' OR m.debug_id = r.debug_id)
ORDER BY r.i

-- name: dedupe_claim :many
-- The keys that are ours: new ones, and those last seen over seven days away.
INSERT INTO dedupe AS d (key, report, received_at)
SELECT decode(r.key, 'hex'), r.report, r.at
FROM jsonb_to_recordset($1::jsonb) AS r (key text, report bigint, at timestamptz)
ORDER BY decode(r.key, 'hex')
ON CONFLICT (key) DO UPDATE SET report = EXCLUDED.report, received_at = EXCLUDED.received_at
WHERE d.received_at < EXCLUDED.received_at - interval '7 days'
    OR d.received_at > EXCLUDED.received_at + interval '7 days'
RETURNING encode(key, 'hex') AS key

-- name: dedupe_find :many
SELECT encode(d.key, 'hex') AS key, d.report, d.received_at::text AS received_at
FROM jsonb_array_elements_text($1::jsonb) AS r JOIN dedupe d ON d.key = decode(r, 'hex')

-- name: dedupe_forget :exec
DELETE FROM dedupe WHERE received_at < now() - interval '70 days'

-- name: receipts_put :exec
INSERT INTO receipt (hash, report, received_at)
SELECT decode(r.hash, 'hex'), r.report, r.at
FROM jsonb_to_recordset($1::jsonb) AS r (hash text, report bigint, at timestamptz)
ORDER BY decode(r.hash, 'hex') ON CONFLICT (hash) DO NOTHING

-- name: buckets_put :exec
INSERT INTO bucket (rules_version, key, title, class)
SELECT DISTINCT ON (r.rules, decode(r.key, 'hex')) r.rules, decode(r.key, 'hex'), r.title, r.class
FROM jsonb_to_recordset($1::jsonb) AS r (rules int, key text, title text, class text)
ORDER BY r.rules, decode(r.key, 'hex') ON CONFLICT (rules_version, key) DO NOTHING

-- name: buckets_find :many
SELECT r.i, b.id, b.title, b.class
FROM jsonb_to_recordset($1::jsonb) AS r (i int, rules int, key text)
JOIN bucket b ON b.rules_version = r.rules AND b.key = decode(r.key, 'hex')

-- name: atoms_put :exec
INSERT INTO atom (key, bucket, label_type, p)
SELECT DISTINCT ON (decode(r.key, 'hex')) decode(r.key, 'hex'), r.bucket, r.type, r.p
FROM jsonb_to_recordset($1::jsonb) AS r (key text, bucket bigint, type text, p text[])
ORDER BY decode(r.key, 'hex') ON CONFLICT (key) DO NOTHING

-- name: atoms_find :many
-- The bucket is the atom's, as it stands: that is what keeps the sums.
SELECT r.i, a.id, a.bucket, b.title, b.class, b.rules_version, a.label_type, to_jsonb(a.p)::text AS p
FROM jsonb_to_recordset($1::jsonb) AS r (i int, key text)
JOIN atom a ON a.key = decode(r.key, 'hex') JOIN bucket b ON b.id = a.bucket

-- name: reports_put :exec
INSERT INTO report (received_at, id, receipt_hash, client, product, version, os,
    os_version, arch, atom, annotations, examination)
SELECT r.at, r.id, decode(r.receipt, 'hex'), r.client, r.product, r.version, r.os,
    r.os_version, r.arch, r.atom, r.annotations, r.examination
FROM jsonb_to_recordset($1::jsonb) AS r (at timestamptz, id bigint, receipt text, client text,
    product text, version text, os text, os_version text, arch text, atom bigint,
    annotations jsonb, examination jsonb)

-- name: dumps_kept :many
-- How many dumps a signer has of a bucket.
SELECT s.signer, s.bucket, sum(s.dumps)::bigint AS dumps
FROM (SELECT DISTINCT r.signer, r.bucket
    FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, bucket bigint)) AS r
JOIN signer_bucket s ON s.signer = r.signer AND s.bucket = r.bucket
GROUP BY s.signer, s.bucket

-- name: dumps_put :exec
INSERT INTO dump (report, received_at, object, size, sha256, wrapped_key, kept_why, kept_until)
SELECT r.report, r.at, r.object, r.size, decode(r.sha256, 'hex'), decode(r.key, 'hex'), r.why,
    to_timestamp(r.until)
FROM jsonb_to_recordset($1::jsonb) AS r (report bigint, at timestamptz, object text, size bigint,
    sha256 text, key text, why text, until bigint)

-- name: parties_put :exec
INSERT INTO report_party (signer, part, report, received_at, atom, version, os_version, arch,
    dump_size, dump_sha256, dump_until)
SELECT r.signer, r.part::part, r.report, r.at, r.atom, r.version, r.os_version, r.arch, r.size,
    decode(r.sha256, 'hex'), to_timestamp(r.until)
FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, part text, report bigint,
    at timestamptz, atom bigint, version text, os_version text, arch text, size bigint,
    sha256 text, until bigint)
ORDER BY r.signer, r.report

-- name: signer_atoms_put :exec
INSERT INTO signer_atom (signer, part, atom, bucket, label_type, p)
SELECT DISTINCT ON (r.signer, r.part::part, r.atom) r.signer, r.part::part, r.atom, r.bucket,
    r.type, r.p
FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, part text, atom bigint, bucket bigint,
    type text, p text[])
ORDER BY r.signer, r.part::part, r.atom ON CONFLICT (signer, part, atom) DO NOTHING

-- name: signer_buckets_add :exec
INSERT INTO signer_bucket AS b (signer, part, bucket, title, class, hits, first_seen_at,
    last_seen_at, dumps, rules_version, sample)
SELECT r.signer, r.part::part, r.bucket, min(r.title), min(r.class), count(*), min(r.at),
    max(r.at), count(*) FILTER (WHERE r.kept), min(r.rules),
    (array_agg(r.sample ORDER BY r.at DESC))[1]
FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, part text, bucket bigint, title text,
    class text, at timestamptz, kept boolean, rules int, sample jsonb)
GROUP BY r.signer, r.part::part, r.bucket ORDER BY r.signer, r.part::part, r.bucket
ON CONFLICT (signer, part, bucket) DO UPDATE SET hits = b.hits + EXCLUDED.hits,
    first_seen_at = least(b.first_seen_at, EXCLUDED.first_seen_at),
    last_seen_at = greatest(b.last_seen_at, EXCLUDED.last_seen_at),
    dumps = b.dumps + EXCLUDED.dumps

-- name: atom_days_add :exec
INSERT INTO atom_day AS a (signer, part, atom, day, hits)
SELECT r.signer, r.part::part, r.atom, r.day, count(*)
FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, part text, atom bigint, day date)
GROUP BY r.signer, r.part::part, r.atom, r.day ORDER BY r.signer, r.part::part, r.atom, r.day
ON CONFLICT (signer, part, atom, day) DO UPDATE SET hits = a.hits + EXCLUDED.hits

-- name: atom_facets_add :exec
-- Beyond 200 values a facet and day the rest is '(other)': values come from
-- strangers, and rows are ours.
INSERT INTO atom_facet_day AS f (signer, part, atom, day, facet, value, hits)
SELECT x.signer, x.part, x.atom, x.day, x.facet, x.value, sum(x.hits)
FROM (
    SELECT r.signer, r.part::part AS part, r.atom, r.day, r.facet, CASE
        WHEN EXISTS (SELECT FROM atom_facet_day o WHERE o.signer = r.signer
            AND o.part = r.part::part AND o.atom = r.atom AND o.facet = r.facet
            AND o.value = r.value AND o.day = r.day) THEN r.value
        WHEN (SELECT count(*) FROM atom_facet_day o WHERE o.signer = r.signer
            AND o.part = r.part::part AND o.atom = r.atom AND o.facet = r.facet
            AND o.day = r.day) < 200 THEN r.value
        ELSE '(other)' END AS value, count(*) AS hits
    FROM jsonb_to_recordset($1::jsonb) AS r (signer bigint, part text, atom bigint, day date,
        facet text, value text)
    GROUP BY r.signer, r.part::part, r.atom, r.day, r.facet, r.value, r.part
) AS x
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY x.signer, x.part, x.atom, x.facet, x.value, x.day
ON CONFLICT (signer, part, atom, facet, value, day) DO UPDATE SET hits = f.hits + EXCLUDED.hits

-- name: unowned_add :exec
INSERT INTO unowned_day AS u (name, code_id, day, hits)
SELECT r.name, r.code_id, r.day, count(*)
FROM jsonb_to_recordset($1::jsonb) AS r (name text, code_id text, day date)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (name, code_id, day) DO UPDATE SET hits = u.hits + EXCLUDED.hits

-- name: spool_known :one
SELECT 1 FROM inbox WHERE spool = $1::text

-- name: dumps_past :many
SELECT report, object FROM dump WHERE purged_at IS NULL AND kept_until <= now()
ORDER BY kept_until LIMIT 200 FOR UPDATE SKIP LOCKED

-- name: dump_purged :exec
-- The key goes first of all: without it the object is noise, in every copy.
WITH d AS (
    UPDATE dump SET purged_at = now(), wrapped_key = '\x' WHERE report = $1::bigint
    RETURNING report
), p AS (
    UPDATE report_party r SET dump_size = NULL, dump_sha256 = NULL, dump_until = NULL
    FROM d WHERE r.report = d.report AND r.dump_size IS NOT NULL
    RETURNING r.signer, r.part, r.atom
)
UPDATE signer_bucket b SET dumps = greatest(b.dumps - 1, 0)
FROM p JOIN signer_atom a USING (signer, part, atom)
WHERE b.signer = p.signer AND b.part = p.part AND b.bucket = a.bucket

-- name: weeks_ahead :exec
SELECT report_partition(now() + n * interval '1 week') FROM generate_series(0, 4) AS n

-- name: challenges_forget :exec
DELETE FROM challenge WHERE expires_at < now() - interval '30 days'

-- name: attempt_claim :many
-- One that waits for issuers is taken when all have been fetched or its patience
-- is over.
SELECT a.id, a.challenge, a.upload, a.tries, c.host, encode(c.code_hash, 'hex') AS code_hash,
    extract(epoch FROM c.expires_at)::bigint AS expires_at,
    extract(epoch FROM a.handed_in_at)::bigint AS handed_in_at,
    coalesce(encode(a.session_hash, 'hex'), '') AS session_hash,
    to_jsonb(a.wait_for)::text AS wait_for
FROM attempt a JOIN challenge c ON c.id = a.challenge
WHERE a.state = 'waiting' AND (a.wait_until IS NULL OR a.wait_until <= now() OR NOT EXISTS (
    SELECT FROM issuer_fetch f WHERE f.url = ANY (a.wait_for) AND f.state = 'wanted'))
ORDER BY a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED

-- name: attempt_wait :one
-- No row: there is nothing new to ask for, or it has asked often enough.
UPDATE attempt SET wait_for = wait_for || ARRAY(
        SELECT r FROM jsonb_array_elements_text($2::jsonb) AS r WHERE r <> ALL (wait_for)),
    wait_until = now() + interval '10 seconds'
WHERE id = $1::bigint AND cardinality(wait_for) < 10 AND EXISTS (
    SELECT FROM jsonb_array_elements_text($2::jsonb) AS r WHERE r <> ALL (wait_for))
RETURNING id

-- name: attempt_tried :exec
UPDATE attempt SET tries = tries + 1 WHERE id = $1::bigint AND state = 'waiting'

-- name: attempt_decide :exec
-- The signed file and the waiting session's hash are forgotten either way.
UPDATE attempt SET state = $2::text, reason = $3::text, result = $4::jsonb, decided_at = now(),
    upload = NULL, session_hash = NULL WHERE id = $1::bigint

-- name: attempt_notify :exec
SELECT pg_notify('countersign_attempt', $1::text)

-- name: inbox_put :one
SELECT inbox_put($1::text, decode($2::text, 'hex'), $3::text, $4::text, $5::text, $6::bigint,
    $7::bytea, $8::text) AS taken

-- name: inbox_commit :one
SELECT inbox_commit($1::text) AS added

-- name: inbox_set_received :exec
UPDATE inbox SET received_at = least(now(), greatest(to_timestamp($2::bigint),
    now() - interval '60 days')) WHERE request_id = $1::text

-- name: inbox_left :one
SELECT count(*) AS n FROM inbox WHERE request_id = ANY (
    SELECT jsonb_array_elements_text($1::jsonb))

-- name: failures_of :one
SELECT count(*) AS n FROM failure WHERE receipt_hash = ANY (
    SELECT decode(r, 'hex') FROM jsonb_array_elements_text($1::jsonb) AS r)
