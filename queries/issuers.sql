-- Asking the fetcher, and using what it brought.
-- roles: worker operator

-- name: issuers_want :exec
-- What is there and good is not fetched again: a week where it has verified a
-- child, an hour where it has not.
WITH asked AS (
    INSERT INTO issuer_fetch AS f (url)
    SELECT DISTINCT r FROM jsonb_array_elements_text($1::jsonb) AS r ORDER BY r
    ON CONFLICT (url) DO UPDATE SET state = 'wanted', asked_at = now()
    WHERE f.state <> 'wanted' AND f.retry_at <= now()
        AND (f.verified_at IS NULL OR f.fetched_at <= now() - interval '7 days')
    RETURNING url
)
SELECT pg_notify('countersign_fetch', '') FROM asked LIMIT 1

-- name: issuers_fetched :many
SELECT f.url, f.der FROM jsonb_array_elements_text($1::jsonb) AS r
JOIN issuer_fetch f ON f.url = r WHERE f.state = 'fetched' ORDER BY f.url LIMIT 16

-- name: issuers_open :one
SELECT count(*) AS n FROM jsonb_array_elements_text($1::jsonb) AS r
JOIN issuer_fetch f ON f.url = r WHERE f.state = 'wanted'

-- name: issuers_used :exec
UPDATE issuer_fetch SET verified_at = now()
WHERE url IN (SELECT jsonb_array_elements_text($1::jsonb)) AND state = 'fetched'

