"""What is loaded before workers are forked."""

from django.db import connections
from django.template import engines
from django.urls import get_resolver

from config import warming


def test_warming_loads_templates_and_addresses_and_leaves_no_connection(monkeypatch):
    closed = []
    monkeypatch.setattr(type(connections), "close_all", lambda self: closed.append(self))
    warming.warm()  # No database is allowed here, so it asks none.
    assert closed
    (cached,) = (
        loader
        for loader in engines["django"].engine.template_loaders
        if hasattr(loader, "get_template_cache")
    )
    assert {"base.html", "blog/post_detail.html"} <= set(cached.get_template_cache)
    assert "zh-hans" in get_resolver()._reverse_dict
