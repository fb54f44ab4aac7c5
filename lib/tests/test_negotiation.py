"""The quick way chooses what DRF chooses."""

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from lib.api.negotiation import QuickNegotiation
from lib.api.renderers import FastJSONRenderer, NDJSONRenderer

ASKED = [{}, {"HTTP_ACCEPT": "*/*"}, {"HTTP_ACCEPT": "application/json"}]
ASKED += [{"HTTP_ACCEPT": "application/x-ndjson, */*;q=0.1"}, {"HTTP_ACCEPT": ""}]
ASKED += [{"QUERY_STRING": "format=ndjson"}, {"HTTP_ACCEPT": "text/html"}]


def chosen(negotiation, rf, asked):
    request = Request(rf.get("/", **asked))
    renderers = [FastJSONRenderer(), NDJSONRenderer()]
    try:
        renderer, media_type = negotiation().select_renderer(request, renderers)
    except NotAcceptable:
        return "refused"
    return type(renderer), media_type


@pytest.mark.parametrize("asked", ASKED)
def test_it_is_the_choice_of_drf(rf, asked):
    expected = chosen(DefaultContentNegotiation, rf, asked)
    assert chosen(QuickNegotiation, rf, asked) == expected


def test_the_quick_way_is_taken(rf):
    assert chosen(QuickNegotiation, rf, {}) == (FastJSONRenderer, "application/json")
    assert chosen(QuickNegotiation, rf, {"HTTP_ACCEPT": "text/html"}) == "refused"
