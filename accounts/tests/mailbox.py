"""Reading the mail that an account gets."""

import re

from django.core import mail


def mailed_code(message=None) -> str:
    """The code in the last mail, from its text."""
    message = message or mail.outbox[-1]
    return re.search(r"^([A-Z0-9]{2,8}(-[A-Z0-9]{2,8})*)$", message.body, re.MULTILINE)[1]


def mailed_link(message=None) -> str:
    message = message or mail.outbox[-1]
    return re.search(r"https://blog\.test(/account/password/reset/key/\S+)", message.body)[1]
