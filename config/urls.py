"""Every address of the site, by the app that answers it."""

from django.contrib import admin
from django.urls import include, path, re_path

from config.api import router
from config.errors import api_not_found
from config.health import healthz, readyz
from config.metrics import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include((router.urls, "api"))),
    re_path(r"^api(/|$)", api_not_found),
    path("media/", include("library.urls")),
    path("account/", include("accounts.urls")),
    # Last: pages live at the root.
    path("", include("blog.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
