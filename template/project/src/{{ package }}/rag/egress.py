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

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
SPECIAL_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast, which has a registry of its own
            "240.0.0.0/4",  # with 255.255.255.255, the broadcast address
        ),
    )
)
SPECIAL_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, benchmarking, ORCHID and what else the IETF assigned
            "2001:db8::/32",
            "2002::/16",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
"""The special-purpose registries of IANA (RFC 6890, RFC 8190) as of October 2025.

https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry;
of IPv6 only the entries inside GLOBAL_UNICAST, because everything outside is refused. Entries that
are globally reachable (anycast of AS112, AMT, TURN, PCP) are here too: no listed host is at one.
Add a NAT64 prefix of your own network, if it has one: addresses in it lead to any IPv4 address.
"""
ISATAP = (0x00005EFE, 0x02005EFE)
"""What is before the IPv4 address in an ISATAP address (RFC 5214), under any prefix."""
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
        try:
            url = urljoin(url, response.location)
        except ValueError as error:
            raise RefusedError("the redirect cannot be parsed") from error
    raise RefusedError("too many redirects")


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet.

    IPv4: outside SPECIAL_V4. IPv6: in GLOBAL_UNICAST, outside SPECIAL_V6 and not ISATAP.
    An IPv4-mapped address is judged by the IPv4 address in it.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:  # A zone is for addresses of the own link.
            return False
        if address.ipv4_mapped is None:
            return _is_public_v6(address)
        address = address.ipv4_mapped
    return not any(address in block for block in SPECIAL_V4)


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    if address not in GLOBAL_UNICAST or any(address in block for block in SPECIAL_V6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in ISATAP
