-- The audit chain: adding to it (the database makes the hash) and walking it.
-- roles: worker operator

-- name: audit_append :one
SELECT countersign.audit_append($1::text, $2::text, $3::text, $4::bigint, $5::jsonb) AS seq
