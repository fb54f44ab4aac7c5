"""One's own account: the hub, the profile, one's data, and the way out."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts import audit, erasure, export
from accounts import profile as profiles
from accounts.doors import sessions
from accounts.models.export import DataExport
from accounts.models.profile import AVATAR_FOLDER
from accounts.own.forms import LeaveForm, ProfileForm
from accounts.tasks import make_data_export
from events.queueing import queue_on_commit
from lib.admin import add_refusal

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """Where everything about an account begins."""
    return render(request, "own/hub.html", {"has_texts": erasure.texts_of(request.user) > 0})


@login_required
@get_or_post
def profile(request: HttpRequest) -> HttpResponse:
    """What readers see of one, and how one is written to."""
    user = request.user
    form = ProfileForm(request.POST or None, request.FILES or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            _save_profile(user, form)
        except ValidationError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("own:profile")
    return render(request, "own/profile.html", {"form": form})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose what the pages of accounts speak: in the profile, without one in a cookie."""
    if not request.user.is_authenticated:
        return set_language(request)
    try:
        chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
        profiles.save_profile(request.user, by=request.user, language=chosen)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if is_ours else "own:hub")


def _save_profile(user, form: ProfileForm) -> None:
    """All of it or nothing."""
    with transaction.atomic():
        profiles.save_profile(user, by=user, **form.changes())
        if upload := form.cleaned_data["avatar"]:
            profiles.set_avatar(user, upload.read(), upload.name, by=user)
        elif form.cleaned_data.get("no_avatar"):
            profiles.remove_avatar(user, by=user)


@login_required
@reauthentication_required(allow_get=True)
@get_or_post
def data(request: HttpRequest) -> HttpResponse:
    """The copies of one's data; asking for one takes the password again."""
    status = 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                asked = export.ask(request.user, by=request.user)
                queue_on_commit(make_data_export, asked.pk)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            status = 429
        else:
            messages.success(
                request, _("Your copy is being made. You will get a mail when it is ready.")
            )
            return redirect("own:data")
    own = request.user.data_exports.filter(expires_at__gt=timezone.now())
    response = render(request, "own/data.html", {"exports": own}, status=status)
    if status == 429:
        response["Retry-After"] = str(int(export.PAUSE.total_seconds()))
    return response


@login_required
@reauthentication_required
@require_safe
def data_file(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """One archive, to its owner only and until its time is over."""
    found = get_object_or_404(DataExport.objects.ready(), pk=export_id, user=request.user)
    try:
        file = export.path_of(found).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    audit.note("user.export_downloaded", request=request, subject=request.user)
    name = f"{request.user.username}-{found.asked_at:%Y-%m-%d}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@reauthentication_required
@get_or_post
def leave(request: HttpRequest) -> HttpResponse:
    """Give one's account up; it stays for fourteen days in case one thinks better of it."""
    user = request.user
    if user.leaves_at:
        return render(request, "own/leaving.html")
    texts = erasure.texts_of(user)
    form = LeaveForm(request.POST or None, user=user, has_texts=texts > 0)
    if request.method == "POST" and form.is_valid():
        try:
            erasure.ask(user, heir=form.cleaned_data["heir"], by=user)
        except ValidationError as error:
            add_refusal(form, error)
        else:
            sessions.keep_this_one(request)
            return redirect("own:leave")
    return render(request, "own/leave.html", {"form": form, "texts": texts})


@login_required
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Keep one's account after all."""
    try:
        erasure.take_back(request.user, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Your account stays."))
    return redirect("own:hub")


@require_safe
def avatar_file(request: HttpRequest, digest: str, side: int) -> HttpResponseBase:
    """A person's picture, for a year: its address is the hash of its content."""
    try:
        file = default_storage.open(f"{AVATAR_FOLDER}/{digest}/{side}.webp")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/webp")
    response["ETag"] = f'"{digest[:32]}-{side}"'
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
