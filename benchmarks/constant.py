"""What the pages are measured against: the same Gunicorn answering a constant.

`bare` is one function: what the machine and the server can do at all; at `/N` its constant has N
bytes, for what is much larger than a page. `urlpatterns` belong to
`benchmarks.constant_settings`, which is Inkstone with every middleware and one view that returns
the same constant: what a page costs before it does anything.
"""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

# About what a page of ours weighs.
CONSTANT = b"<!doctype html><title>constant</title>" + b"<p>constant</p>" * 1_400


def bare(environ, start_response):
    """A WSGI application."""
    constant = _of_size(environ["PATH_INFO"])
    length = str(len(constant))
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", length)])
    return [constant]


@cache
def _of_size(path: str) -> bytes:
    size = path.strip("/")
    return b"<p>constant</p>".ljust(int(size)) if size else CONSTANT


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(CONSTANT)


urlpatterns = [re_path("", view)]
