"""Every address of the site, by the app that answers it."""

from django.contrib import admin
from django.urls import include, path, re_path

from accounts.api import urls as accounts_api
from accounts.api.keys import public_keys
from accounts.own.views import avatar_file
from blog.api.site import SiteView
from config.api import router
from config.errors import api_not_found
from config.health import healthz, readyz
from config.metrics import metrics
from config.schema import views as schema

api_urls = [
    *router.urls,
    path("site/", SiteView.as_view(), name="site"),
    path("schema/", schema.schema, name="schema"),
    *accounts_api.urlpatterns,
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path(".well-known/jwks.json", public_keys, name="public_keys"),
    path("admin/", admin.site.urls),
    path("api/v1/", include((api_urls, "api"))),
    path("api/docs/", schema.swagger, name="api_docs"),
    path("api/redoc/", schema.redoc, name="api_redoc"),
    re_path(r"^api(/|$)", api_not_found),
    re_path(
        r"^media/avatars/(?P<digest>[0-9a-f]{64})/(?P<side>[0-9]{2,3})\.webp\Z",
        avatar_file,
        name="avatar_file",
    ),
    path("media/", include("library.urls")),
    path("account/", include("accounts.own.urls")),
    path("account/", include("accounts.urls")),
    # Last: pages live at the root.
    path("", include("blog.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
