"""The API, and what a process keeps of its answers and of pages."""

from config.settings.environment import SITE_URL, env
from config.settings.security import SECURE_PROXY_SSL_HEADER, TRUSTED_PROXY_COUNT

# Requests a minute by one client; see lib.api.throttles.
API_LIMITS = {
    "anonymous": env.int("API_LIMIT_ANONYMOUS", default=600),
    "user": env.int("API_LIMIT_USER", default=1_200),
    "search": env.int("API_LIMIT_SEARCH", default=120),
    "write": env.int("API_LIMIT_WRITE", default=300),
    "upload": env.int("API_LIMIT_UPLOAD", default=60),
    "token": env.int("API_LIMIT_TOKEN", default=60),
}
# Whether every change must say by If-Match from which version it started.
API_REQUIRE_IF_MATCH = env.bool("API_REQUIRE_IF_MATCH", default=False)
# Sites whose scripts may call the API from a browser, with a token: no cookie is let through.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "idempotency-key", "if-match"),
    *("if-modified-since", "if-none-match", "prefer", "x-request-id"),
]
CORS_EXPOSE_HEADERS = [
    *("deprecation", "etag", "idempotent-replayed", "last-modified", "link", "location"),
    *("preference-applied", "ratelimit", "ratelimit-policy", "retry-after", "sunset"),
    "x-request-id",
]
CORS_PREFLIGHT_MAX_AGE = 7_200  # seconds
# Each process keeps answers for anonymous clients in as much memory; 0 keeps none. They are
# checked against the database at each request: nothing stale is served.
API_CACHE_BYTES = env.int("API_CACHE_BYTES", default=16_000_000)
# How many posts a list has is counted once in each state of all content.
API_KEEPS_COUNTS = True
# The same for whole pages of readers without cookie or token: see blog.page_cache.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=32_000_000)
# Whether such pages are sent compressed. A proxy does it for all answers alike.
COMPRESS_PAGES = env.bool("COMPRESS_PAGES", default=SECURE_PROXY_SSL_HEADER is None)
# Font files for the pictures of shared posts, asked before those that the machine has.
CARD_FONTS = env.list("CARD_FONTS", default=[])
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly",
        "lib.api.scopes.TokenScope",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["lib.api.throttles.ClientThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["lib.api.renderers.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "lib.api.negotiation.QuickNegotiation",
    "DEFAULT_METADATA_CLASS": "lib.api.metadata.ViewMetadata",
    "DEFAULT_PARSER_CLASSES": ["lib.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "lib.api.pagination.ListPagination",
    "EXCEPTION_HANDLER": "config.errors.problem_details",
    "DEFAULT_SCHEMA_CLASS": "config.schema.auto.Schema",
    # Formats are chosen by Accept; `format` is an unknown parameter like any other.
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
}
# Whether /api/docs/ and /api/redoc/ are there. The schema itself always is.
API_DOCS = env.bool("API_DOCS", default=True)
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Inkstone",
    "VERSION": "1",
    "DESCRIPTION": (
        "The content of the site and the rules of its admin, for programs. Anyone reads what is "
        "live; a token or a session opens what its owner may see and do. Whatever one may not see "
        "is a 404. Refusals are problem documents (RFC 9457)."
    ),
    "SERVERS": [{"url": SITE_URL}],
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "ContentState": "blog.models.Content.State",
        "ContentStatus": "blog.models.Content.Status",
        "Visibility": "blog.models.Content.Visibility",
        "DeliveryState": "events.models.WebhookDelivery.State",
        "VideoState": "library.models.Video.State",
        "BulkStep": "blog.api.inputs.STEPS",
        "ChangeKind": ["upsert", "delete"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.finishing.finish",
    ],
}
