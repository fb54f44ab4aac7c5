"""The first mail that is no errand: sent when somebody has shown to read what is sent there."""

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from events.handlers import handles
from events.mail import queue_mail
from events.models import Event


@handles("user.email_confirmed", name="welcome_mail")
def welcome(event: Event) -> None:
    """Once per account, whatever address is confirmed later."""
    if event.payload.get("changed"):
        return  # an account of old that has moved to another address
    user = User.objects.filter(pk=event.subject_id).first()
    if user is None or not user.email or not user.may_sign_in:
        return
    queue_mail(
        "welcome",
        to=user.email,
        language=user.language,
        context={"name": user.name, "url": settings.SITE_URL + reverse("own:hub")},
        kind="welcome",
        dedupe_key=f"welcome:{user.pk}",
        recipient=user,
    )
