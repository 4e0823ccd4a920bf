-- roles: web
-- Group commit: any number of inbox_put and, last, one inbox_commit in one
-- transaction.

-- name: upload_put :one
SELECT countersign.inbox_put($1::text, $2::bytea, $3::text, $4::text, $5::text, $6::bigint,
    $7::bytea, $8::text) AS taken

-- name: upload_commit :one
SELECT countersign.inbox_commit($1::text) AS acknowledged

-- name: database_ready :one
-- And does it have the schema that this program was built for, or a later one?
SELECT countersign.ready() AS ready, countersign.schema_version() AS version
