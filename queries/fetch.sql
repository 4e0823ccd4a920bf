-- Issuers that are wanted, and what came of it (migrations/0009_fetch.sql).
-- roles: worker operator fetcher

-- name: fetch_next :one
-- The row stays locked while it is fetched, so that two fetchers share the work.
SELECT url FROM issuer_fetch WHERE state = 'wanted' ORDER BY asked_at, url
LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: fetch_done :exec
UPDATE issuer_fetch SET state = CASE WHEN $3::bytea IS NULL THEN 'failed' ELSE 'fetched' END,
    outcome = $2::text, der = $3::bytea, fetched_at = now(), verified_at = NULL,
    retry_at = now() + make_interval(secs => $4::int)
WHERE url = $1::text

-- name: fetch_notify :exec
SELECT pg_notify('countersign_fetched', $1::text)
