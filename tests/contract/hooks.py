"""Which generated requests are sent: those that an HTTP server hands on at all.

Gunicorn and nginx refuse by themselves, with a page of their own, header fields whose names are
no tokens or have an underscore, and addresses of more than 4,000 bytes.
"""

import re

import schemathesis

NAME = re.compile(r"[A-Za-z0-9-]+")
MAX_ADDRESS = 3_500  # bytes, percent-encoded


@schemathesis.hook
def filter_case(context, case) -> bool:
    names = case.headers or {}
    if not all(NAME.fullmatch(name) for name in names):
        return False
    prepared = case.as_transport_kwargs()
    length = len(prepared.get("url", "")) + 3 * len(str(prepared.get("params") or ""))
    return length < MAX_ADDRESS
