-- roles: web
-- What a vendor's pages show. Every statement runs behind session_present in
-- the same transaction, and sees the rows of the session's signers only.
-- Times are seconds since 1970; a trend is "-3:17 0:4": days before today (UTC)
-- and their hits.

-- name: session_present :one
SELECT set_config('countersign.session', $1::text, true)

-- name: session_end :one
SELECT countersign.session_end() AS ended

-- name: vendor_self :one
-- The strongest identity stands beside the name.
SELECT v.id, v.name, v.assurance, s.kind, s.value, s.display_name
FROM vendor v
LEFT JOIN LATERAL (
    SELECT signer.kind, signer.value, signer.display_name FROM signer
    ORDER BY array_position(ARRAY['subscriber', 'registration', 'key'], signer.kind), signer.id
    LIMIT 1) s ON true
LIMIT 1

-- name: portal_total :one
SELECT coalesce(sum(hits), 0)::bigint AS hits, count(DISTINCT bucket) AS buckets
FROM signer_bucket
WHERE part IN ('blamed', 'application')

-- name: portal_trend :one
SELECT string_agg((day - (now() AT TIME ZONE 'UTC')::date)::text || ':' || hits, ' ') AS trend
FROM (
    SELECT day, sum(hits) AS hits FROM atom_day
    WHERE day > (now() AT TIME ZONE 'UTC')::date - 30 AND part IN ('blamed', 'application')
    GROUP BY day) d

-- name: bucket_top :many
-- Several signers and parts of one vendor are one line.
WITH top AS (
    SELECT bucket, (array_agg(title ORDER BY hits DESC))[1] AS title,
        (array_agg(class ORDER BY hits DESC))[1] AS class,
        (array_agg(coalesce(sample ->> 'class_text', class) ORDER BY hits DESC))[1] AS class_text,
        sum(hits)::bigint AS hits, min(first_seen_at) AS first_seen_at,
        max(last_seen_at) AS last_seen_at, sum(dumps)::bigint AS dumps,
        bool_or(part = 'blamed') AS blamed
    FROM signer_bucket
    WHERE part IN ('blamed', 'application')
    GROUP BY bucket
    ORDER BY sum(hits) DESC, bucket
    LIMIT $1::int)
SELECT top.bucket, top.title, top.class, top.hits,
    extract(epoch FROM top.first_seen_at)::bigint AS first_seen,
    extract(epoch FROM top.last_seen_at)::bigint AS last_seen,
    top.dumps, top.blamed, trend.trend, top.class_text
FROM top
LEFT JOIN LATERAL (
    SELECT string_agg((d.day - (now() AT TIME ZONE 'UTC')::date)::text || ':' || d.hits, ' ') AS trend
    FROM (
        SELECT ad.day, sum(ad.hits) AS hits
        FROM signer_atom sa
        JOIN atom_day ad ON ad.signer = sa.signer AND ad.part = sa.part AND ad.atom = sa.atom
        WHERE sa.bucket = top.bucket AND sa.part IN ('blamed', 'application')
        AND ad.day > (now() AT TIME ZONE 'UTC')::date - 30
        GROUP BY ad.day) d) trend ON true
ORDER BY top.hits DESC, top.bucket

-- name: bucket_get :one
SELECT bucket, (array_agg(title ORDER BY hits DESC))[1] AS title,
    (array_agg(class ORDER BY hits DESC))[1] AS class,
    sum(hits)::bigint AS hits,
    extract(epoch FROM min(first_seen_at))::bigint AS first_seen,
    extract(epoch FROM max(last_seen_at))::bigint AS last_seen,
    sum(dumps)::bigint AS dumps, bool_or(part = 'blamed') AS blamed,
    max(rules_version) AS rules_version,
    (array_agg(sample ORDER BY part, hits DESC))[1] AS sample
FROM signer_bucket
WHERE bucket = $1::bigint AND part IN ('blamed', 'application')
GROUP BY bucket

-- name: bucket_rank :one
SELECT count(*) + 1 AS rank FROM (
    SELECT bucket FROM signer_bucket
    WHERE part IN ('blamed', 'application')
    GROUP BY bucket
    HAVING (sum(hits), -bucket) > (
        SELECT sum(s.hits), -min(s.bucket) FROM signer_bucket s
        WHERE s.bucket = $1::bigint AND s.part IN ('blamed', 'application'))) above

-- name: bucket_label :one
-- The label that most of its hits have.
SELECT sa.label_type, sa.p[1], sa.p[2], sa.p[3], sa.p[4], sa.p[5], sa.p[6], sa.p[7], sa.p[8],
    count(*) OVER () AS labels
FROM signer_atom sa
LEFT JOIN LATERAL (
    SELECT sum(ad.hits) AS hits FROM atom_day ad
    WHERE ad.signer = sa.signer AND ad.part = sa.part AND ad.atom = sa.atom) d ON true
WHERE sa.bucket = $1::bigint AND sa.part IN ('blamed', 'application')
ORDER BY d.hits DESC NULLS LAST, sa.atom
LIMIT 1

-- name: bucket_trend :one
SELECT string_agg((d.day - (now() AT TIME ZONE 'UTC')::date)::text || ':' || d.hits, ' ') AS trend
FROM (
    SELECT ad.day, sum(ad.hits) AS hits
    FROM signer_atom sa
    JOIN atom_day ad ON ad.signer = sa.signer AND ad.part = sa.part AND ad.atom = sa.atom
    WHERE sa.bucket = $1::bigint AND sa.part IN ('blamed', 'application')
    AND ad.day > (now() AT TIME ZONE 'UTC')::date - 30
    GROUP BY ad.day) d

-- name: bucket_facets :many
SELECT facet, value, hits, sum(hits) OVER (PARTITION BY facet)::bigint AS facet_hits
FROM (
    SELECT f.facet, f.value, sum(f.hits)::bigint AS hits
    FROM signer_atom sa
    JOIN atom_facet_day f ON f.signer = sa.signer AND f.part = sa.part AND f.atom = sa.atom
    WHERE sa.bucket = $1::bigint AND sa.part IN ('blamed', 'application')
    GROUP BY f.facet, f.value) x
ORDER BY facet, hits DESC, value

-- name: bucket_dumps :many
SELECT rp.report, extract(epoch FROM rp.received_at)::bigint AS received, rp.part::text AS part,
    rp.version, rp.os_version, rp.arch, rp.dump_size,
    encode(rp.dump_sha256, 'hex') AS sha256,
    extract(epoch FROM rp.dump_until)::bigint AS until
FROM signer_atom sa
JOIN report_party rp ON rp.signer = sa.signer AND rp.atom = sa.atom AND rp.part = sa.part
WHERE sa.bucket = $1::bigint AND sa.part IN ('blamed', 'application')
AND rp.dump_size IS NOT NULL AND rp.dump_until > now()
ORDER BY rp.received_at DESC, rp.report DESC
LIMIT $2::int

-- name: dump_open :one
SELECT object, size, encode(sha256, 'hex') AS sha256, wrapped_key,
    extract(epoch FROM received_at)::bigint AS received
FROM countersign.dump_open($1::bigint, $2::text)
