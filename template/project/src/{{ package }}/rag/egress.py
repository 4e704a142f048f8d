"""The only way out: HTTPS to named hosts, at addresses that were checked before connecting.

`fetch` resolves a name once, refuses it unless every address is public, and connects to the
address that it has checked, so that a second answer of the name server changes nothing.
Every redirect is checked like a first request.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

MAX_REDIRECTS = 3
HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\Z")
PRINTABLE = re.compile(r"[!-~]+\Z")
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str], list[str]]


class RefusedError(PermissionError):
    """What was asked for is not allowed; the message says why and is safe to log."""


@dataclass(frozen=True)
class Target:
    """A checked request: connect to `address`, and ask for `host` in TLS and in the header."""

    url: str
    host: str
    address: str


@dataclass(frozen=True)
class Response:
    """What a transport returns; `location` is where a redirect points, else None."""

    body: bytes
    location: str | None = None


Transport = Callable[[Target], Response]


def check(url: str, allowed: frozenset[str], resolve: Resolver) -> Target:
    """The target of a URL whose host is in `allowed`; otherwise RefusedError is raised.

    Addresses as hosts are refused in every notation, as are user names, other ports and schemes.
    """
    if not PRINTABLE.match(url) or "\\" in url or "%" in url.partition("://")[2].split("/")[0]:
        raise RefusedError("the URL has characters that parsers read differently")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise RefusedError("the URL cannot be parsed") from error
    if parts.scheme != "https":
        raise RefusedError("the scheme is not https")
    if "@" in parts.netloc:
        raise RefusedError("the URL carries credentials")
    if port not in (None, 443):
        raise RefusedError("the port is not 443")
    if not HOST.match(host) or re.match(r"0x", host.rpartition(".")[2]):
        raise RefusedError("the host is not a plain name")
    if host not in allowed:
        raise RefusedError("the host is not on the list")
    addresses = resolve(host)
    if not addresses:
        raise RefusedError("the host has no address")
    for address in addresses:
        if not is_public(address):
            raise RefusedError("the host has an address that is not public")
    return Target(url, host, addresses[0])


def fetch(url: str, allowed: frozenset[str], resolve: Resolver, send: Transport) -> bytes:
    """The body behind a URL, following at most MAX_REDIRECTS redirects, each checked."""
    for _ in range(MAX_REDIRECTS + 1):
        response = send(check(url, allowed, resolve))
        if response.location is None:
            return response.body
        url = urljoin(url, response.location)
    raise RefusedError("too many redirects")


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, also where IPv6 carries an IPv4 address."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(a.is_global and not a.is_multicast for a in (address, *_carried(address)))


def _carried(address: Address) -> list[Address]:
    """IPv4 addresses inside an IPv6 one: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in TRANSLATED:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [a for a in found if a is not None]
