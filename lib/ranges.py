"""Parts of a file (RFC 9110, section 14), for players that jump about in a film."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

CHUNK_BYTES = 65_536
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
# Of the whole, which do not hold for a part.
_NOT_OF_A_PART = {"content-length"}


def part_of(
    request: HttpRequest, whole: FileResponse, file: IO[bytes], etag: str
) -> FileResponse | HttpResponse | StreamingHttpResponse:
    """The part of `file` that `request` asks for; `whole` when it asks for none we know.

    Several ranges at once, other units and a range of another version get the whole, as the
    standard allows. A range beyond the end gets a 416.
    """
    whole["Accept-Ranges"] = "bytes"
    match = _RANGE.match(request.headers.get("Range", ""))
    if request.method != "GET" or match is None or not (match[1] or match[2]):
        return whole
    if request.headers.get("If-Range", etag) not in {etag, whole["Last-Modified"]}:
        return whole
    size = file.size
    if match[1]:
        start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
        if match[2] and int(match[2]) < start:
            return whole  # no range at all
    else:  # the last so many
        start, end = max(size - int(match[2]), 0), size - 1
    if start > end:
        response: HttpResponse | StreamingHttpResponse = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    response = StreamingHttpResponse(_read(file, start, end - start + 1), status=206)
    for name, value in whole.headers.items():
        if name.lower() not in _NOT_OF_A_PART:
            response[name] = value
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _read(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
