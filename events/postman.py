"""Handing mail to the mail server, each message once.

There is one moment that nobody can make safe: the server has the message, and we die before we
know. A mail that was left in that moment is not sent again by itself; it is shown to a person.
"""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from events.models import Mail
from events.relay import run_due

logger = logging.getLogger(__name__)

# While the mail server cannot be reached at all, nothing is wrong with the mail: it waits, for
# at most this long, and does not use up its tries.
OUTAGE_MAX_AGE = timedelta(days=3)
OUTAGE_DELAY = timedelta(minutes=2)
IN_DOUBT = "It may have arrived: the connection was lost while the server had it. Not sent again."


def send_due(seconds: float) -> int:
    """Send what is due for up to `seconds`; how many messages were begun."""
    return run_due(Mail.objects.all(), send, seconds)


def send(mail_id: int) -> bool:
    """Send one message; False when it is sent, given up, or in the hands of another worker."""
    mail = Mail.objects.claim(mail_id)
    if mail is None:
        return False
    if mail.handed_over_at is not None:
        mail.park(IN_DOUBT)
        return True
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _wait_for_server(mail, error)
        return True
    try:
        _hand_over(mail, connection)
    finally:
        connection.close()
    return True


def _hand_over(mail: Mail, connection) -> None:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if not _mark(mail, timezone.now()):
        return
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        # The server said no: it does not have it.
        code = _code(error)
        _mark(mail, None)
        if code and 500 <= code < 600:
            mail.park(f"The mail server refuses it: {error}")
        else:
            mail.retry(error)
    except smtplib.SMTPServerDisconnected as error:
        logger.warning("Mail %s is in doubt: %s", mail.pk, error)
        mail.park(IN_DOUBT)
    except Exception as error:
        logger.warning("Mail %s was not sent: %s", mail.pk, type(error).__name__)
        _mark(mail, None)
        mail.retry(f"{type(error).__name__}: {error}")
    else:
        mail.finish(text="", html="")


def _mark(mail: Mail, at: datetime | None) -> bool:
    """Keep the moment of handing over, before it: whoever finds it later knows of the doubt."""
    mine = Mail.objects.waiting().filter(pk=mail.pk, claim_token=mail.claim_token)
    return bool(mine.update(handed_over_at=at))


def _wait_for_server(mail: Mail, error: Exception) -> None:
    if timezone.now() - mail.planned_at > OUTAGE_MAX_AGE:
        mail.park(f"The mail server could not be reached for days: {error}")
    else:
        mail.retry(error, at=timezone.now() + OUTAGE_DELAY, tries=max(mail.tries - 1, 0))


def _code(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=None)
    return getattr(error, "smtp_code", None)
