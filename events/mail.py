"""Putting mail on its way: as a row, in the transaction that caused it.

A message `welcome` has two templates. `templates/mail/welcome.txt` extends `mail/_base.txt` and
fills the blocks `subject` (first; one line) and `content`; `templates/mail/welcome.html` extends
`mail/_base.html` and fills `content`. Texts are not escaped, HTML is. Both get `subject`,
`site_name` and `site_url` besides the given context.
"""

import hashlib
import uuid
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.template import Context, engines
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from events.models import Mail
from events.queueing import queue_on_commit
from events.tasks import send_mail

# Called for each mail; what they return is added to the context of all templates. The app that
# knows the name of the site gives it here.
context_hooks: list[Callable[[], dict[str, Any]]] = []


def queue_mail(
    template: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    kind: str,
    dedupe_key: str | None = None,
    recipient: models.Model | None = None,
) -> Mail:
    """Send `template` (see above) to the address `to`, in `language` (the site's when unknown).

    `kind` says what it is for, such as "welcome"; `recipient` is the account it is for. With a
    `dedupe_key` it is sent once: who comes second gets the row of the first.

    The row is written in the caller's transaction and sent after its commit: retried three times,
    then parked with the reason. Raises ValidationError for what is no address.
    """
    language = _supported(language)
    with translation.override(language):
        context = {**_defaults(), **context}
        text = _render(f"mail/{template}.txt", context, autoescape=False)
        subject, _blank, text = text.strip().partition("\n\n")
        subject = " ".join(subject.split())
        html = _render(f"mail/{template}.html", {**context, "subject": subject}, autoescape=True)
    return queue_rendered_mail(
        to,
        subject,
        text.strip() + "\n",
        html.strip() + "\n",
        kind=kind,
        dedupe_key=dedupe_key,
        recipient=recipient,
        language=language,
    )


def queue_rendered_mail(
    to: str,
    subject: str,
    text: str,
    html: str = "",
    *,
    kind: str,
    dedupe_key: str | None = None,
    recipient: models.Model | None = None,
    language: str = "",
) -> Mail:
    """As `queue_mail`, for a message that is written already."""
    to = _address(to)
    if dedupe_key is not None and len(dedupe_key) > 200:
        dedupe_key = hashlib.sha256(dedupe_key.encode()).hexdigest()
    fields = {
        "kind": kind,
        "recipient": recipient,
        "to": to,
        "language": language,
        "subject": " ".join(subject.split())[: Mail._meta.get_field("subject").max_length],
        "text": text,
        "html": html,
        "message_id": _message_id(dedupe_key),
    }
    if dedupe_key is None:
        mail, new = Mail.objects.create(**fields), True
    else:
        with transaction.atomic():
            mail, new = Mail.objects.get_or_create(dedupe_key=dedupe_key, defaults=fields)
    if new:
        queue_on_commit(send_mail, mail.pk)
    return mail


def _address(to: str) -> str:
    """The bare address. Raises ValidationError when there is none."""
    address = parseaddr(to)[1] if "<" in to else to.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(_("This is not an e-mail address.")) from error
    return address


def _message_id(dedupe_key: str | None) -> str:
    """Made once, kept with the row, the same at each try."""
    left = hashlib.sha256(dedupe_key.encode()).hexdigest()[:40] if dedupe_key else uuid.uuid4().hex
    return f"<{left}@{urlsplit(settings.SITE_URL).hostname}>"


def _supported(language: str) -> str:
    try:
        return get_supported_language_variant((language or "").lower().replace("_", "-"))
    except LookupError:
        return settings.LANGUAGE_CODE


def _defaults() -> dict[str, Any]:
    context = {"site_name": urlsplit(settings.SITE_URL).hostname, "site_url": settings.SITE_URL}
    for hook in context_hooks:
        context |= hook()
    return context


def _render(name: str, context: dict[str, Any], *, autoescape: bool) -> str:
    template = engines["django"].get_template(name).template
    return template.render(Context(context, autoescape=autoescape))
