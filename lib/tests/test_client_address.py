"""The client's address: nothing a client sends changes it."""

import pytest

from lib.http import address_block, client_address


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "not an address", "10.0.0.1"),
        (1, "'; drop table", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_proxies_of_ours_are_believed(hops, forwarded, expected, rf, settings):
    settings.TRUSTED_PROXY_COUNT = hops
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.1", **headers)) == expected


def test_no_other_header_is_believed(rf, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    lies = ("X_REAL_IP", "CLIENT_IP", "X_CLIENT_IP", "FORWARDED", "CF_CONNECTING_IP")
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", **{f"HTTP_{name}": "192.0.2.1" for name in lies})
    assert client_address(request) == "10.0.0.1"


def test_a_unix_socket_has_no_address(rf, settings):
    settings.TRUSTED_PROXY_COUNT = 0
    assert client_address(rf.get("/", REMOTE_ADDR="")) == ""


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_a_household_counts_as_one(address, block):
    assert address_block(address) == block
