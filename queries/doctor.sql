-- What the command line looks at to say whether all is well.
-- roles: operator

-- The chain from a row on, as its hashes cover it (migrations/0006_audit.sql).
-- name: audit_page :many
SELECT seq, floor(extract(epoch FROM at) * 1000000)::bigint AS micros, actor, action,
    object, coalesce(vendor::text, '-') AS vendor, detail::text AS detail, prev, hash
FROM audit WHERE seq > $1::bigint ORDER BY seq LIMIT $2::int

-- name: doctor_schema :one
SELECT countersign.schema_version() AS version, countersign.ready() AS ready

-- One statement, so that both sides are of one moment. Rows that are being
-- processed are still queued: their transaction has not ended.
-- name: doctor_ledger :one
SELECT coalesce(sum(n) FILTER (WHERE outcome = 'acknowledged'), 0)::bigint AS acknowledged,
    coalesce(sum(n) FILTER (WHERE outcome = 'processed'), 0)::bigint AS processed,
    coalesce(sum(n) FILTER (WHERE outcome = 'failed'), 0)::bigint AS failed,
    coalesce(sum(n) FILTER (WHERE outcome = 'duplicate'), 0)::bigint AS duplicate,
    coalesce(sum(n) FILTER (WHERE outcome = 'discarded'), 0)::bigint AS discarded,
    (SELECT count(*) FROM inbox) AS queued,
    (SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)::bigint
     FROM inbox) AS oldest_seconds
FROM ledger

-- name: doctor_spooled :many
SELECT spool FROM inbox WHERE spool IS NOT NULL ORDER BY spool

-- Weeks for which there is a partition, from this one on.
-- name: doctor_partitions :one
SELECT count(*) AS n FROM generate_series(0, 1) AS w
WHERE to_regclass('countersign.report_' || to_char(date_trunc('week',
    now() AT TIME ZONE 'UTC')::date + 7 * w, 'IYYY"w"IW')) IS NOT NULL

-- Tables without forced row security (invariant 1).
-- name: doctor_open_tables :many
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'countersign' AND c.relkind IN ('r', 'p')
AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1
