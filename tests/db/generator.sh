#!/bin/sh
# The generator of queries refuses what is not exactly a file of queries, with
# file and line. usage: generator.sh GEN_SQL
gen=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

# refuses NAME SENTENCE-PART TEXT
refuses() {
	printf '%s' "$3" >"$dir/q.sql"
	if "$gen" queries "$dir/q.h" "$dir/q.c" "$dir/q.sql" 2>"$dir/err"; then
		echo "bad generator: $1 was taken"
		bad=1
	elif ! grep -q "^$dir/q.sql:$2" "$dir/err"; then
		echo "bad generator: $1: $(cat "$dir/err")"
		bad=1
	else
		echo "ok generator: $1"
	fi
}

refuses statement_without_name '2: a statement without' '-- roles: web
SELECT 1;
'
refuses name_before_roles '1: x comes before' '-- name: x :many
SELECT 1
'
refuses unknown_role '1: there is no role' '-- roles: wub
'
refuses gap_in_parameters '2: x uses $3 but not $2' '-- roles: web
-- name: x :many
SELECT $1, $3
'
refuses two_statements '2: x: more than one' '-- roles: web
-- name: x :many
SELECT 1; DELETE FROM t
'
refuses name_without_statement '2: x has no statement' '-- roles: web
-- name: x :many
-- name: y :one
SELECT 1
'
refuses same_name_twice '4: x is also at' '-- roles: web
-- name: x :many
SELECT 1
-- name: x :one
SELECT 1
'
refuses unknown_kind '2: x: kind ":all"' '-- roles: web
-- name: x :all
SELECT 1
'
refuses missing_kind '2: expected' '-- roles: web
-- name: x
SELECT 1
'
refuses open_quote '2: x: a quote' "-- roles: web
-- name: x :one
SELECT 'a
"
refuses parameter_33 '2: x: parameter $33' '-- roles: web
-- name: x :one
SELECT $33
'
refuses dollar_quote '2: x: $ without' '-- roles: web
-- name: x :one
SELECT $$a$$
'

# What is right comes out without comments and closing semicolon.
cat >"$dir/q.sql" <<'END'
-- A file; about 'things'
-- roles: web operator

-- what it does
-- name: right :many
SELECT 'it''s $9; -- no', "x;y", $1 /* $7 */ FROM t; -- closing; words
-- what follows
-- roles: fetcher
-- name: other :exec
DELETE FROM t
END
if "$gen" queries "$dir/q.h" "$dir/q.c" "$dir/q.sql" &&
    grep -qF '"SELECT '"'it''s \$9; -- no', \\\"x;y\\\", \$1  FROM t\"," "$dir/q.c" &&
    grep -qF '1, QUERY_KIND_MANY, 5u}' "$dir/q.c" &&
    grep -qF '0, QUERY_KIND_EXEC, 8u}' "$dir/q.c" &&
    grep -q 'QUERY_OTHER' "$dir/q.h"; then
	echo "ok generator: right_file"
else
	echo "bad generator: right_file"
	bad=1
fi
# An output that would not change keeps its time: nothing is recompiled.
touch -d '2001-01-01' "$dir/q.h"
"$gen" queries "$dir/q.h" "$dir/q.c" "$dir/q.sql"
if [ "$(date -r "$dir/q.h" +%Y)" = 2001 ]; then
	echo "ok generator: same_output_is_left_alone"
else
	echo "bad generator: same_output_is_left_alone"
	bad=1
fi
exit $bad
