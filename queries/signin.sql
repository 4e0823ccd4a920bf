-- roles: web
-- The road from a challenge to a session. Only hashes of secrets come here.

-- name: challenge_start :one
SELECT extract(epoch FROM countersign.challenge_start($1::text, $2::bytea, $3::bytea, $4::text,
    $5::int))::bigint AS expires

-- name: challenge_get :one
SELECT host, extract(epoch FROM expires_at)::bigint AS expires, used, expired
FROM countersign.challenge_get($1::text, $2::bytea)

-- name: attempt_put :one
SELECT attempt, reason FROM countersign.attempt_put($1::text, $2::bytea, $3::bytea, $4::bytea)

-- name: attempt_get :one
SELECT state, reason, result, extract(epoch FROM handed_in_at)::bigint AS handed_in,
    extract(epoch FROM decided_at)::bigint AS decided, challenge
FROM countersign.attempt_get($1::bigint, $2::bytea)

-- name: attempt_listen :exec
LISTEN countersign_attempt
