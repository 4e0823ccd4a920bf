-- roles: worker operator
-- Signed binaries, and which module of a dump is which of them.

-- name: binary_put :exec
-- The same bytes examined again under another policy: the last word counts.
INSERT INTO "binary" (sha256, sha1, stripped, name, size, verdict, reason, policy, added_by)
VALUES (decode($1::text, 'hex'), decode($2::text, 'hex'), decode($3::text, 'hex'), $4::text,
    $5::bigint, $6::text, $7::text, $8::bigint, $9::text)
ON CONFLICT (sha256) DO UPDATE SET verdict = EXCLUDED.verdict, reason = EXCLUDED.reason,
    policy = EXCLUDED.policy, examined_at = now()

-- name: binary_signatures_forget :exec
DELETE FROM binary_signature WHERE binary_sha256 = decode($1::text, 'hex')

-- name: binary_signature_put :exec
INSERT INTO binary_signature (binary_sha256, position, nested, signer, certificate, verdict,
    reason, signed_at, timestamp_kind, identities)
VALUES (decode($1::text, 'hex'), $2::int, $3::boolean, $4::bigint, decode($5::text, 'hex'),
    $6::text, $7::text, to_timestamp($8::bigint), $9::text, $10::jsonb)

-- name: module_get :one
SELECT signer, standing, evidence, encode(binary_sha256, 'hex') AS binary_sha256
FROM module_identity WHERE name = lower($1::text) AND code_id = $2::text AND debug_id = $3::text
FOR UPDATE

-- name: module_put :one
-- Only what nobody holds moves, or holds provisionally until the operator's own
-- import; a firm or contested standing no file moves.
INSERT INTO module_identity AS m (name, code_id, debug_id, signer, standing, evidence,
    binary_sha256, version)
VALUES (lower($1::text), $2::text, $3::text, $4::bigint, $5::text, $6::text,
    decode($7::text, 'hex'), $8::text)
ON CONFLICT (name, code_id, debug_id) DO UPDATE SET signer = EXCLUDED.signer,
    standing = EXCLUDED.standing, evidence = EXCLUDED.evidence,
    binary_sha256 = EXCLUDED.binary_sha256, version = EXCLUDED.version, since = now()
WHERE (m.standing = 'unowned' AND EXCLUDED.standing <> 'unowned')
    OR (m.standing = 'provisional' AND EXCLUDED.standing = 'firm')
RETURNING standing
