"""Asking other hosts: only public ones, only the address that was checked, only for so long."""

import ipaddress
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from lib.fetch import FetchError, Refused, check_url, is_public, safe_fetch

PRIVATE = [
    *("0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254"),
    *("172.16.0.1", "192.0.0.8", "192.0.2.1", "192.168.0.1", "192.88.99.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1"),
    *("fd00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_never_asked(address, monkeypatch):
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(Refused):
        check_url(f"http://{host}/")
    with pytest.raises(Refused):
        safe_fetch(f"http://{host}/")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00::1"])
def test_a_public_address_may_be_asked(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://127.1/"),
        *("http://0x7f000001/", "http://017700000001/", "http://1.2.3.4.5/", "http://127.0.0.01/"),
        *("http://127。0。0。1/", "http://①②⑦.0.0.1/", "http://[::1%25lo]/", "http://[::1%lo]/"),
        *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/"),
        *("http:///x", "http://", "", "example.org", "javascript:alert(1)", "http://:80/"),
        *("http://example.org:22/", "http://example.org:6379/", "https://example.org:8443/"),
        *("http://example.org:99999/", "http://example.org:x/", "http://user@example.org/"),
        *("http://user:word@example.org/", "http://exa mple.org/", "http://example.org/\r\nX: y"),
        *("http://example.org\\@127.0.0.1/", "http://example.org/\0", "http://[/", "http://]/"),
        "http://example.org/" + "x" * 2_000,
    ],
)
def test_odd_addresses_are_refused(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", _never)
    monkeypatch.setattr(socket, "getaddrinfo", _never)
    with pytest.raises(Refused):
        check_url(url)
    with pytest.raises(Refused):
        safe_fetch(url)


@pytest.mark.parametrize("url", ["https://example.org", "http://münchen.de/ä?ü", "http://8.8.8.8/"])
def test_usual_addresses_are_accepted(url):
    check_url(url)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", _names("8.8.8.8", "10.0.0.1"))
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(Refused):
        safe_fetch("http://mixed.example.org/")


def test_the_name_is_looked_up_once_and_the_checked_address_is_asked(monkeypatch):
    """A name that is public when it is checked and private a moment later gains nothing."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    asked = []

    def connect(place, timeout):
        asked.append(place)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: _names(*next(answers))(*a, **k))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchError):
        safe_fetch("https://rebound.example.org/")
    assert asked == [("8.8.8.8", 443)]


def test_a_name_that_takes_too_long_to_look_up_ends_in_time(monkeypatch):
    released = threading.Event()

    def slow(*args, **options):
        released.wait(60)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(FetchError, match="in time"):
        safe_fetch("http://slow.example.org/", timeout=0.1)
    released.set()


def test_an_answer_comes_back_whole():
    with _server(b"HTTP/1.1 201 Created\r\nX-Kind: ink\r\nContent-Length: 5\r\n\r\nblack") as url:
        answer = _ask(url + "/path?x=1", method="POST", body=b"{}", headers={"A": "b"})
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (201, b"black", "ink")
    assert (answer.address, answer.truncated) == ("127.0.0.1", False)
    request = _server.heard.decode()
    assert request.startswith("POST /path?x=1 HTTP/1.1\r\n")
    assert f"Host: {url.removeprefix('http://')}\r\n" in request
    assert "A: b\r\n" in request


def test_a_redirect_is_told_and_not_followed():
    with _server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n") as url:
        answer = _ask(url)
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_a_long_answer_is_cut():
    with _server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000) as url:
        answer = _ask(url, max_bytes=1_000)
    assert (len(answer.body), answer.truncated) == (1_000, True)


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["line", "head", "body"]
)
def test_a_host_that_drips_is_left_at_the_deadline(start):
    with _server(start, drip=True) as url:
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"0\.4 seconds"):
            _ask(url, timeout=0.4)
        assert time.monotonic() - began < 60, "and not when the host has finished"


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 banana\r\n\r\n"])
def test_nonsense_is_no_answer(answer):
    with _server(answer) as url, pytest.raises(FetchError):
        _ask(url)


def test_loopback_is_refused_unless_it_is_allowed():
    with _server(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        port = url.rpartition(":")[2]
        with pytest.raises(Refused):
            safe_fetch(url)
        with pytest.raises(Refused):
            safe_fetch(f"http://10.0.0.1:{port}/", allow_loopback=True)
        _ask(url)


# --- helpers ----------------------------------------------------------------------------


def _ask(url, **options):
    return safe_fetch(url, **{"allow_loopback": True, "timeout": 60, **options})


def _never(*args, **options):
    raise AssertionError("This must not be asked.")


def _names(*addresses):
    def getaddrinfo(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    return getaddrinfo


@contextmanager
def _server(answer: bytes, *, drip: bool = False):
    """One answer on loopback; what was asked is in `_server.heard`. With `drip` it then goes on,
    a byte at a time, until it is left."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        line, _ = listener.accept()
        with line:
            _server.heard = line.recv(65_536)
            try:
                line.sendall(answer)
                while drip and not stop.wait(0.05):
                    line.sendall(b"x")
                line.shutdown(socket.SHUT_WR)
                line.recv(1)
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.close()
        thread.join(2)
