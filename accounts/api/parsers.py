"""Forms, as OAuth2 sends passwords (RFC 6749, section 4.3)."""

from django.conf import settings
from rest_framework import parsers

from lib.api.parsers import check_texts
from lib.api.problems import TooLarge


class FormParser(parsers.FormParser):
    """`application/x-www-form-urlencoded`, within the size and with the texts of JSON bodies."""

    def parse(self, stream, media_type=None, parser_context=None):
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        parsed = super().parse(stream, media_type, parser_context)
        for name, texts in parsed.lists():
            for text in (name, *texts):
                check_texts(text, f"#/{name[:50]}")
        return parsed
