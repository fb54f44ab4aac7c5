#!/bin/sh
# The life of a post over the API, from nothing to nothing: sign in, upload a picture, write, try,
# publish, change, compare, take down, throw away. It runs as it stands (a test runs it, too):
#
#   BASE=http://127.0.0.1:8000 LOGIN=ada PASSWORD=… PICTURE=photo.jpg sh docs/api-lifecycle.sh
set -eu

# One request: its status must be the expected one; the body goes to $body, headers to $head.
body=$(mktemp) head=$(mktemp)
trap 'rm -f "$body" "$head"' EXIT
ask() { # STATUS METHOD ADDRESS [more for curl]
    expected=$1 method=$2 address=$3
    shift 3
    status=$(curl -sS -o "$body" -D "$head" -w '%{http_code}' -X "$method" "$BASE$address" \
        -H "Authorization: Bearer ${token:-none}" "$@")
    echo "$status $method $address"
    if [ "$status" != "$expected" ]; then
        cat "$body" >&2
        exit 1
    fi
}
header() { sed -n "s/^$1: *//Ip" "$head" | tr -d '\r'; }
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$body"; }
json='Content-Type: application/json'

# Sign in: a token for an hour or less.
ask 200 POST /api/v1/auth/token/ --data-urlencode "username=$LOGIN" \
    --data-urlencode "password=$PASSWORD" -H 'Authorization:'
token=$(field access_token)

# Upload a picture and say what it shows.
ask 201 POST /api/v1/media/ -F "file=@$PICTURE" -F 'alt=A pot of ink'
picture=$(field id)

# Write. The key makes it safe to send this again when no answer came.
new='{"title": "On ink", "body": "Ink is *black*.", "tags": ["ink"], "cover_id": '$picture'}'
ask 201 POST /api/v1/posts/ -H "$json" -H 'Idempotency-Key: on-ink-1' -d "$new"
post=$(header location | sed 's#.*/api/#/api/#')
ask 201 POST /api/v1/posts/ -H "$json" -H 'Idempotency-Key: on-ink-1' -d "$new"
[ "$(header idempotent-replayed)" = true ]

# Try to publish: nothing changes, the report says what readers would miss.
ask 200 POST "${post}publish/?validate_only=true"
grep -q missing_description "$body"
ask 200 PATCH "$post" -H "$json" -d '{"seo_description": "What ink is made of."}'

# Hand it in, plan it, publish it now.
ask 200 POST "${post}submit/"
ask 200 POST "${post}schedule/" -H "$json" -d '{"at": "2099-01-01T00:00:00Z"}'
ask 200 POST "${post}publish/" -H "$json" -d '{"at": "2026-01-01T00:00:00Z"}'

# Change it, but only the version that was read.
ask 200 GET "$post"
version=$(header etag)
ask 200 PATCH "$post" -H "$json" -H "If-Match: $version" -d '{"body": "Ink is **black**."}'
ask 412 PATCH "$post" -H "$json" -H "If-Match: $version" -d '{"body": "Ink is blue."}'
grep -q stale-version "$body"

# What changed, and back again.
ask 200 GET "${post}revisions/diff/?from=1"
ask 200 POST "${post}revisions/1/restore/"

# Take it down, throw it away, think better of it, throw it away again.
ask 200 POST "${post}unpublish/"
ask 204 DELETE "$post"
ask 404 GET "$post"
ask 200 POST "${post}restore/"
ask 204 DELETE "$post"
echo "The post has lived."
