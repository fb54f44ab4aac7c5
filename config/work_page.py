"""The page Work of the admin: what is done later, and whether it gets done."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config import work
from events.models import ScheduledJob


@require_safe
def work_page(request: HttpRequest) -> TemplateResponse:
    """Queues, kinds of work and jobs, for who may see events."""
    if not request.user.has_perm("events.view_receipt"):
        raise PermissionDenied
    now = timezone.now()
    beat = work.last_beat()
    kinds = [
        {"name": label, "count": count, "late": count.lateness(now)}
        for label, count in work.counts().values()
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("Work"),
        "beat": beat,
        "beat_is_silent": beat is not None and now - beat > work.SILENCE,
        "queues": work.queues(),
        "kinds": sorted(kinds, key=lambda kind: str(kind["name"])),
        "jobs": ScheduledJob.objects.order_by("name"),
    }
    return TemplateResponse(request, "admin/work.html", context)
