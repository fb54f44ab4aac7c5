"""Asking other hosts, without being led to our own.

An address that somebody typed may point into our network: at a database, a router, the metadata
service of a cloud. So the name is resolved once, every address it has must be a public one, and
the connection goes to just the address that was checked; no second look-up can change it.
"""

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import urllib3
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

TIMEOUT = 5.0  # seconds for everything: look-up, connection, request, answer
MAX_BYTES = 1_000_000  # of an answer
MAX_URL_LENGTH = 2_000  # characters
PORTS = {"http": 80, "https": 443}
CHUNK = 16_384  # bytes
NEVER_IN_A_URL = frozenset([*map(chr, range(33)), *'\\\x7f"<>^`{|}'])
KEPT_IN_A_PATH = "%/:@!$&'()*+,;=-._~"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Global by the registries, yet not a host of its own: addresses that carry an IPv4 address
# inside (6to4, Teredo, and the relay of the first), those of protocols, and those for documents.
_NOT_HOSTS = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2002::/16",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
]
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291: all public hosts; not NAT64


class FetchError(Exception):
    """There was no answer."""


class Refused(FetchError):
    """We do not ask there at all: the address is not a public one."""


@dataclass(frozen=True)
class Answer:
    """What the other host said."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    address: str  # that was asked
    truncated: bool = False  # the body was longer than what was read


def is_public(address: IPAddress) -> bool:
    """Whether `address` belongs to a host on the public internet."""
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False  # loopback, unique local, link local, mapped IPv4, NAT64, multicast
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _NOT_HOSTS)
    )


def check_url(url: str, *, allow_loopback: bool = False) -> None:
    """Raise Refused unless `url` may be asked as far as one can tell without a look-up."""
    host = _parts(url, allow_loopback=allow_loopback)[1]
    with suppress(ValueError):  # a name: looked up when it is asked
        _check([ipaddress.ip_address(host)], allow_loopback=allow_loopback)


def safe_fetch(
    url: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    allow_loopback: bool = False,
) -> Answer:
    """Ask `url`, a public host on port 80 or 443, within `timeout` seconds for everything.

    Redirects are not followed: the answer says where it would go. Of its body at most `max_bytes`
    are read, as they came (no compression is asked for). `allow_loopback` lets this machine be
    asked, at any port: for tests and development only.

    Raises Refused when the address is not public, FetchError when there is no answer.
    """
    began = time.monotonic()
    deadline = began + timeout
    scheme, host, port, target = _parts(url, allow_loopback=allow_loopback)
    addresses = _resolve(host, port, deadline)
    _check(addresses, allow_loopback=allow_loopback)
    watch = _Watch(deadline)
    pool = _pool(scheme, host, port, addresses, watch)
    try:
        response = pool.urlopen(
            method,
            target,
            body=body,
            headers={"Accept-Encoding": "identity", "User-Agent": "Inkstone", **(headers or {})},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=timeout, read=timeout),
        )
        data, truncated = _read(response, max_bytes)
    except (HTTPError, OSError, ValueError) as error:
        if watch.rang:
            raise FetchError(f"No answer within {timeout:g} seconds.") from error
        raise FetchError(_reason(error)) from error
    finally:
        watch.stop()
        pool.close()
    if watch.rang:
        raise FetchError(f"No answer within {timeout:g} seconds.")
    return Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=data,
        seconds=time.monotonic() - began,
        address=watch.address,
        truncated=truncated,
    )


# --- steps ------------------------------------------------------------------------------


def _parts(url: str, *, allow_loopback: bool) -> tuple[str, str, int, str]:
    """Scheme, host (ASCII, without brackets), port, and path with query."""
    if len(url) > MAX_URL_LENGTH or any(char in NEVER_IN_A_URL for char in url):
        raise Refused(_("This is not a web address."))
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError as error:  # UnicodeError is one
        raise Refused(_("This is not a web address.")) from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not host:
        raise Refused(_("Only http and https addresses can be asked."))
    if parts.username is not None or parts.password is not None:
        raise Refused(_("An address with a password in it is not asked."))
    if "%" in host:
        raise Refused(_("This is not a web address."))
    port = PORTS[scheme] if port is None else port
    if port not in PORTS.values() and not allow_loopback:
        raise Refused(_("Only the ports 80 and 443 can be asked."))
    _refuse_odd_numbers(host)
    target = quote(parts.path or "/", safe=KEPT_IN_A_PATH)
    if parts.query:
        target += "?" + quote(parts.query, safe=KEPT_IN_A_PATH + "?")
    return scheme, host, port, target


def _refuse_odd_numbers(host: str) -> None:
    """2130706433, 0177.0.0.1 and 0x7f.1 are 127.0.0.1 to a resolver and to nobody else."""
    last = host.rpartition(".")[2]
    if ":" in host or not (last.isdigit() or last.lower().startswith("0x")):
        return
    try:
        ipaddress.IPv4Address(host)
    except ValueError as error:
        raise Refused(_("This is not a web address.")) from error


def _resolve(host: str, port: int, deadline: float) -> list[IPAddress]:
    """All addresses of `host`; the look-up itself has no time limit, so it gets a thread."""
    with suppress(ValueError):
        return [ipaddress.ip_address(host)]
    found: list[IPAddress] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            for *_ignored, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(ipaddress.ip_address(str(place[0]).partition("%")[0]))
        except (OSError, ValueError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(deadline - time.monotonic(), 0))
    if thread.is_alive():
        raise FetchError(f"The name {host} was not found in time.")
    if failed or not found:
        raise FetchError(f"There is no host called {host}.") from (failed or [None])[0]
    return list(dict.fromkeys(found))


def _check(addresses: list[IPAddress], *, allow_loopback: bool) -> None:
    """Every one of them: who answers with a public and a private one plays for time."""
    for address in addresses:
        if allow_loopback and address.is_loopback:
            continue
        if not is_public(address):
            raise Refused(_("This address is not on the public internet."))


class _Watch:
    """Ends a connection at the deadline, wherever it is: a host that sends one byte now and then
    never runs into a time-out between two of them."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.rang = False
        self.address = ""
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), self._ring)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.001)

    def over(self, line: socket.socket, address: str) -> None:
        """Watch over this connection."""
        with self._lock:
            self.address = address
            # A copy: TLS takes the socket it is given and leaves an empty one behind.
            self._line = line.dup()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _ring(self) -> None:
        with self._lock:
            self.rang = True
            if self._line is not None:
                with suppress(OSError):  # It may have ended by itself just now.
                    self._line.shutdown(socket.SHUT_RDWR)


def _pool(
    scheme: str, host: str, port: int, addresses: list[IPAddress], watch: _Watch
) -> urllib3.HTTPConnectionPool:
    """A pool whose connections go to the checked addresses, whatever the name says by now.

    Host header, SNI and the certificate are those of the name.
    """

    class Checked:
        def _new_conn(self) -> socket.socket:
            error: OSError | None = None
            for address in addresses:
                try:
                    line = socket.create_connection((str(address), port), timeout=watch.left)
                except OSError as failed:
                    error = failed
                    continue
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watch.over(line, str(address))
                return line
            raise error or OSError("There is no address to ask.")

    pool_class, connection = (
        (urllib3.HTTPSConnectionPool, HTTPSConnection)
        if scheme == "https"
        else (urllib3.HTTPConnectionPool, HTTPConnection)
    )
    pool = pool_class(host, port, maxsize=1)
    pool.ConnectionCls = type("CheckedConnection", (Checked, connection), {})
    return pool


def _read(response: urllib3.BaseHTTPResponse, max_bytes: int) -> tuple[bytes, bool]:
    data = bytearray()
    while len(data) <= max_bytes and (chunk := response.read(CHUNK)):
        data += chunk
    return bytes(data[:max_bytes]), len(data) > max_bytes


def _reason(error: Exception) -> str:
    """What went wrong, for a person; no more of it than its kind."""
    while getattr(error, "reason", None) and isinstance(error.reason, Exception):
        error = error.reason
    text = str(error.args[-1] if error.args else error) or type(error).__name__
    return f"{type(error).__name__}: {text}"[:300]
