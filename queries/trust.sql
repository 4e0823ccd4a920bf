-- roles: worker operator
-- What the operator accepts, signers, vendors and what they have shown.

-- name: policy_current :one
SELECT max(version) AS version FROM policy_version

-- name: trust_roots :many
SELECT c.der, array_to_string(t.capabilities, ' ') AS capabilities,
    array_to_string(t.policies, ' ') AS policies,
    (SELECT coalesce(string_agg(encode(k, 'hex'), ' '), '') FROM unnest(t.issuing_keys) AS k)
        AS issuing_keys, t.reason
FROM trust_root t JOIN certificate c ON c.sha256 = t.sha256
WHERE t.withdrawn_at IS NULL ORDER BY t.sha256

-- The operator decides; the worker may not.
-- roles: operator
-- name: policy_add :one
INSERT INTO policy_version (reason, sha256) VALUES ($1::text, decode($2::text, 'hex'))
RETURNING version

-- name: trust_root_put :exec
INSERT INTO trust_root (sha256, capabilities, policies, issuing_keys, reason, version)
SELECT decode($1::text, 'hex'), string_to_array($2::text, ' '),
    coalesce(string_to_array(nullif($3::text, ''), ' '), '{}'),
    ARRAY(SELECT decode(k, 'hex') FROM unnest(string_to_array($4::text, ' ')) AS k),
    $5::text, $6::bigint
ON CONFLICT (sha256) DO UPDATE SET capabilities = EXCLUDED.capabilities,
    policies = EXCLUDED.policies, issuing_keys = EXCLUDED.issuing_keys,
    reason = EXCLUDED.reason, version = EXCLUDED.version, withdrawn_at = NULL

-- name: trust_root_withdraw_others :many
UPDATE trust_root SET withdrawn_at = now(), version = $1::bigint
WHERE version <> $1::bigint AND withdrawn_at IS NULL RETURNING encode(sha256, 'hex') AS sha256

-- roles: worker operator
-- name: certificate_put :exec
INSERT INTO certificate (sha256, der, subject, issuer, serial, spki_sha256, not_before, not_after)
VALUES (decode($1::text, 'hex'), $2::bytea, $3::text, $4::text, $5::text,
    decode($6::text, 'hex'), to_timestamp($7::bigint), to_timestamp($8::bigint))
ON CONFLICT (sha256) DO NOTHING

-- name: signer_put :one
-- A stronger assurance may be said later, never a weaker one.
INSERT INTO signer AS s (kind, value, display_name, assurance)
VALUES ($1::text, $2::text, $3::text, $4::text)
ON CONFLICT (kind, value) DO UPDATE SET assurance = CASE
    WHEN array_position(ARRAY['registration', 'organisation', 'key', 'claimed'], EXCLUDED.assurance)
        < array_position(ARRAY['registration', 'organisation', 'key', 'claimed'], s.assurance)
    THEN EXCLUDED.assurance ELSE s.assurance END
RETURNING id

-- name: shared_find :one
SELECT kind, value, reason FROM shared_signer
WHERE (kind = 'subject' AND value = $1::text) OR (kind = 'key' AND value = $2::text)
    OR (kind IN ('registration', 'subscriber', 'key') AND (kind, value) IN (
        SELECT r.kind, r.value FROM jsonb_to_recordset($3::jsonb) AS r (kind text, value text)))
ORDER BY id LIMIT 1

-- roles: operator
-- name: shared_put :one
INSERT INTO shared_signer (kind, value, reason, version) VALUES ($1::text, $2::text, $3::text, $4::bigint)
ON CONFLICT (kind, value) DO UPDATE SET reason = EXCLUDED.reason RETURNING id

-- roles: worker operator
-- name: shared_list :many
SELECT kind, value, reason, version FROM shared_signer ORDER BY kind, value

-- name: grant_holder :one
-- Withdrawn and run-out grants hold nothing.
SELECT vendor FROM vendor_grant WHERE signer = $1::bigint AND withdrawn_at IS NULL

-- name: grant_add :one
INSERT INTO vendor_grant (vendor, signer, rule, proof)
VALUES ($1::bigint, $2::bigint, $3::text, $4::bigint)
ON CONFLICT (signer) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id

-- name: vendor_add :one
INSERT INTO vendor (name, assurance) VALUES ($1::text, $2::text) RETURNING id

-- name: vendor_list :many
SELECT v.id, v.name, v.assurance, v.created_at::text AS created_at,
    (SELECT count(*) FROM vendor_grant g WHERE g.vendor = v.id AND g.withdrawn_at IS NULL) AS signers,
    (SELECT max(p.proven_at)::text FROM proof p WHERE p.vendor = v.id) AS last_proof,
    (SELECT coalesce(sum(b.hits), 0) FROM signer_bucket b JOIN vendor_grant g ON g.signer = b.signer
        WHERE g.vendor = v.id AND g.withdrawn_at IS NULL AND b.part = 'blamed') AS hits
FROM vendor v ORDER BY v.id

-- name: proof_add :one
INSERT INTO proof (vendor, certificate, challenge, version, identities)
VALUES ($1::bigint, decode($2::text, 'hex'), $3::text, $4::bigint, $5::jsonb) RETURNING id

-- name: session_add :one
INSERT INTO session (secret_hash, vendor, proof, expires_at)
VALUES (decode($1::text, 'hex'), $2::bigint, $3::bigint, now() + make_interval(secs => $4::int))
ON CONFLICT (secret_hash) DO NOTHING RETURNING vendor
