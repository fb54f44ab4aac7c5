"""What all operations share: refusals, header fields, security, words of the document."""

from typing import Any

from lib.api.problems import TYPE_PREFIX

PROBLEM = "application/problem+json"
# The types of each status; `config.errors`, `lib.api.problems` and the apps raise them.
TYPES: dict[int, tuple[str, tuple[str, ...]]] = {
    400: (
        "What was sent cannot be used: `errors` says where.",
        (
            *("validation", "bad-parameter", "malformed-body", "bad-header", "not-publishable"),
            "bad-request",
        ),
    ),
    401: (
        "Nobody is signed in, or this does not sign anybody in.",
        (
            *("authentication-required", "authentication-failed", "token-expired"),
            *("token-invalid", "token-reused", "wrong-credentials", "second-factor-required"),
            *("second-factor-wrong", "second-factor-not-set-up", "email-not-confirmed"),
            *("password-change-due", "confirmation-required"),
        ),
    ),
    403: (
        "The caller may not do this, or the token lacks its scope.",
        ("forbidden", "insufficient-scope", "sign-up-closed"),
    ),
    404: ("There is no such thing for this caller.", ("not-found",)),
    406: ("It cannot be answered in the media types asked for.", ("not-acceptable",)),
    409: (
        "Right, but not in the state that the thing is in.",
        ("conflict", "in-use", "idempotency-in-flight", "account-exists"),
    ),
    410: ("The cursor leads nowhere any more: begin anew.", ("cursor-gone",)),
    411: ("A body must say how long it is.", ("length-required",)),
    412: ("Somebody else has changed it meanwhile.", ("stale-version",)),
    413: ("The body is too large.", ("too-large",)),
    414: ("The address is too long.", ("address-too-long",)),
    415: ("The body is of a media type that is not read here.", ("unsupported-media-type",)),
    422: ("The key was used for another request.", ("idempotency-mismatch",)),
    428: ("This site wants an If-Match.", ("precondition-required",)),
    429: ("Too much in this minute.", ("too-many-requests",)),
    500: ("A fault of ours; the log has the request id.", ("internal-error",)),
    503: ("The database is away for a moment.", ("unavailable",)),
    507: ("There is no room to store it.", ("insufficient-storage",)),
}
NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Gone",
    411: "LengthRequired",
    412: "PreconditionFailed",
    413: "TooLarge",
    414: "AddressTooLong",
    415: "UnsupportedMediaType",
    422: "KeyMismatch",
    428: "PreconditionRequired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "Unavailable",
    507: "InsufficientStorage",
}
EVERYWHERE = (400, 401, 403, 406, 414, 429, 500, 503)


def parameter(
    name: str, schema: dict, text: str, *, place: str = "query", required: bool = False
) -> dict:
    """A parameter object."""
    found: dict[str, Any] = {"in": place, "name": name, "schema": schema, "description": text}
    return found | ({"required": True} if required else {})


_TAG_LIST = {"type": "string", "maxLength": 500, "pattern": r'^(\*|"[!#-~]*"(, ?"[!#-~]*")*)$'}
IF_MATCH = parameter(
    "If-Match",
    {**_TAG_LIST, "examples": ['"v17.5f2c"']},
    "Change it only in the version of this ETag.",
    place="header",
)
IF_NONE_MATCH = parameter(
    "If-None-Match", _TAG_LIST, "Answer 304 when the present ETag is among these.", place="header"
)
KEY = parameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    "Sent again with the same key within 24 hours it gets the first answer.",
    place="header",
)
PREFER = parameter(
    "Prefer",
    {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$", "examples": ["merge"]},
    "`merge`: who started from an older version gets both changes, where they do not overlap.",
    place="header",
)
REQUEST_ID = parameter(
    "X-Request-ID",
    {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
    "Names the request in the log and in its answer; made here when missing.",
    place="header",
)
IN_HEADER = {one["name"]: one for one in (IF_MATCH, IF_NONE_MATCH, KEY, PREFER, REQUEST_ID)}
SHARED = {name: {"$ref": f"#/components/parameters/{name}"} for name in IN_HEADER}
HEADERS = {
    "X-Request-ID": "Names the request in the log.",
    "ETag": "Names this state, for If-Match and If-None-Match.",
    "Location": "The address of what was made.",
    "RateLimit": "What is left in this minute.",
    "RateLimit-Policy": "How much a minute allows.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to sign in.",
    "Last-Modified": "When the content last changed; once that is a minute ago.",
    "Idempotent-Replayed": "`true`: it is the answer of the first request with this key.",
    "Preference-Applied": "`merge`: what others saved meanwhile is in it.",
    "Allow": "The methods there are.",
}


def _header(name: str, *, required: bool = False) -> dict:
    """A reference: the same few header fields are in hundreds of answers."""
    return {"$ref": f"#/components/headers/{name}{'' if required else '-or-none'}"}


def _headers() -> dict:
    found = {}
    for name, text in HEADERS.items():
        schema = {"type": "integer"} if name == "Retry-After" else {"type": "string"}
        found[f"{name}-or-none"] = {"description": text, "schema": schema}
        found[name] = {"description": text, "schema": schema, "required": True}
    return found


def _problem(status: int) -> dict:
    text, slugs = TYPES[status]
    return {
        "type": "object",
        "description": text,
        "required": ["type", "title", "status", "instance", "request_id"],
        "properties": {
            "type": {"type": "string", "enum": [TYPE_PREFIX + slug for slug in slugs]},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": [status]},
            "detail": {"type": "string", "description": "For people; may change."},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "request_id": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemPart"}},
        },
        "examples": [
            {
                "type": TYPE_PREFIX + slugs[0],
                "title": NAMES[status],
                "status": status,
                "instance": "/api/v1/posts/",
                "request_id": "4f1c2d7e9a",
            }
        ],
    }


PART = {
    "type": "object",
    "description": "What is wrong, and where: in the body or among the parameters.",
    "required": ["detail"],
    "properties": {
        "pointer": {"type": "string", "description": "A JSON pointer into the body."},
        "parameter": {"type": "string"},
        "detail": {"type": "string"},
    },
}


def finish(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Postprocessing hook of drf-spectacular: adds to each operation what all of them have."""
    from config.schema.operations import OPERATIONS, TAGS

    schemas = result["components"]["schemas"]
    schemas["ProblemPart"] = PART
    result["components"] |= {
        "parameters": IN_HEADER,
        "headers": _headers(),
        "responses": {NAMES[status]: _refused(status) for status in TYPES},
    }
    schemas |= {f"{NAMES[status]}Problem": _problem(status) for status in TYPES}
    said = {one.name: one for group in OPERATIONS.values() for one in group.values()}
    for path, methods in result["paths"].items():
        # In one order: the framework's is that of a set, and every process had another document.
        methods = result["paths"][path] = {name: methods[name] for name in sorted(methods)}
        for method, operation in methods.items():
            _finish_operation(path, method, operation, said[operation["operationId"]])
    result["paths"]["/api/v1/schema/"] = SCHEMA_PATH
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    _loosen(schemas)
    _show_accounts(result)
    return result


def _finish_operation(path: str, method: str, operation: dict, said: Any) -> None:
    given = [*operation.get("parameters", []), REQUEST_ID]
    by_name = {one["name"] for one in given}
    operation["parameters"] = [SHARED.get(one["name"], one) for one in given]
    answers = operation["responses"]
    success = answers[str(said.status)]
    success["description"] = success["description"] or "Done."
    request_id = {"X-Request-ID": _header("X-Request-ID", required=True)}
    headers = request_id | {name: _header(name, required=True) for name in said.headers}
    names = ["RateLimit", "RateLimit-Policy"]
    if method == "get" and "ETag" in said.headers:
        names.append("Last-Modified")
        answers["304"] = {"description": "It is as it was.", "headers": {"ETag": _header("ETag")}}
    if "Idempotency-Key" in by_name:
        names.append("Idempotent-Replayed")
    if "Prefer" in by_name:
        names.append("Preference-Applied")
    success["headers"] = headers | {name: _header(name) for name in names}
    if said.name in ("upload_image", "upload_video"):
        answers["200"] = {**success, "description": "The same bytes are there already."}
    if said.name in ("restore_post_save", "restore_page_save"):
        answers["204"] = {"description": "Nothing waits beside it now.", "headers": request_id}
    if "validate_only" in by_name:
        _offer_dry_run(answers)
    for status in sorted({*EVERYWHERE, *said.more, *_by_kind(path, method, by_name, operation)}):
        answers[str(status)] = _refusal(status)


def _by_kind(path: str, method: str, names: set[str], operation: dict) -> set[int]:
    found = set()
    if "{" in path or "page" in names or "/webhooks/" in path:
        found.add(404)
    if method != "get":
        found.add(507)
    if "requestBody" in operation or method == "post":
        found |= {411, 413, 415}
    if "Idempotency-Key" in names:
        found |= {409, 422}
    return found


def _offer_dry_run(answers: dict) -> None:
    """With `validate_only` success is 200 and a `DryRun`."""
    dry = {"$ref": "#/components/schemas/DryRun"}
    there = answers.get("200", {"description": "With `validate_only`: what would be answered."})
    json = there.get("content", {}).get("application/json", {})
    schema = json.get("schema")
    content = {**json, "schema": {"anyOf": [dry, schema]} if schema else dry}
    answers["200"] = {
        **there,
        "headers": {
            **{name: _header(name) for name in there.get("headers", {})},
            "X-Request-ID": _header("X-Request-ID", required=True),
        },
        "content": {"application/json": content},
    }


def _refusal(status: int) -> dict:
    return {"$ref": f"#/components/responses/{NAMES[status]}"}


def _refused(status: int) -> dict:
    """What `_refusal` refers to."""
    text, slugs = TYPES[status]
    headers = {"X-Request-ID": _header("X-Request-ID", required=True)}
    headers |= {name: _header(name) for name in ("RateLimit", "RateLimit-Policy")}
    if status == 401:
        headers["WWW-Authenticate"] = _header("WWW-Authenticate", required=True)
    if status in (409, 429, 503):
        headers["Retry-After"] = _header("Retry-After", required=status != 409)
    if status == 412:
        headers["ETag"] = _header("ETag")
    return {
        "description": f"{text} Types: {', '.join(f'`{slug}`' for slug in slugs)}.",
        "headers": headers,
        "content": {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{NAMES[status]}Problem"}}},
    }


def _loosen(schemas: dict) -> None:
    """What `fields` leaves out is not there: no field of content that is read is required."""
    for name in ("Post", "Page", "Category", "Tag", "Series", "Author", "Task"):
        schemas[name].pop("required", None)


def _show_accounts(result: dict) -> None:
    """Who may see an account whole gets an `Account`; `Person` goes for everybody else."""
    either = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Account", "Person")]}
    result["components"]["schemas"]["PersonPage"]["properties"]["results"]["items"] = either
    one = result["paths"]["/api/v1/users/{id}/"]["get"]["responses"]["200"]
    one["content"]["application/json"]["schema"] = either


SCHEMA_PATH = {
    "get": {
        "operationId": "get_schema",
        "tags": ["schema"],
        "summary": "This document, as JSON or YAML.",
        "parameters": [
            parameter("format", {"type": "string", "enum": ["json", "yaml"]}, "JSON when missing."),
            SHARED["If-None-Match"],
            SHARED["X-Request-ID"],
        ],
        "security": [{}],
        "responses": {
            "200": {
                "description": "An OpenAPI 3.1 document.",
                "headers": {
                    name: _header(name, required=True) for name in ("ETag", "X-Request-ID")
                },
                "content": {
                    "application/vnd.oai.openapi+json": {"schema": {"type": "object"}},
                    "application/yaml": {"schema": {"type": "string"}},
                },
            },
            "304": {"description": "It is as it was.", "headers": {"ETag": _header("ETag")}},
            **{str(status): _refusal(status) for status in (400, 414, 500, 503)},
        },
    }
}
