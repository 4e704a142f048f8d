"""Parse, compare and redact addresses of Git repositories.

It imports very little, since every `check` compares and prints addresses.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from mlcharter.support.errors import UserError

PROTOCOLS = ("https", "ssh", "git")
_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
_LONGEST = 2000
# Patterns are compiled when they are first used, since most runs use few of them.
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
_ENCODED_CONTROL = r"(?i)%(?:[01][0-9a-f]|7f)"
_SCP = r"(?:(?P<user>[^\s/:@]+)@)?(?P<host>[^\s/:@]+):(?!:)(?!//)(?P<path>.+)"
_SECRET_SCP = r"\A([^\s/:@]+):[^\s/@]*@(?=[^\s/:@]+:)"
_SECRET_NAME = (
    r"(?i)token|secret|passw|passphrase|pwd|auth|key|sig|credential|jwt|\bpat\b|session|code"
)
_URL = r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"`<>]+"
_HINT = "use an address with https, ssh or git, or the path of a folder"


class Address(Struct, frozen=True):
    """Where Git finds a repository: a URL of an allowed protocol, or a folder on this machine."""

    url: str
    folder: Path | None = None

    @property
    def protocol(self) -> str:
        if self.folder is not None:
            return "file"
        scheme, separator, _ = self.url.partition("://")
        return scheme.lower() if separator else "ssh"

    @property
    def name(self) -> str:
        """The address without secrets, as it may be recorded."""
        return without_secrets(self.url)


def parse(source: str, base: Path | None = None) -> Address:
    """Parse an address from an answers file or a command line; a UserError if Git must not use it.

    Accepted are a URL, `git+` and a URL, `gh:` or `gl:` and a name, `user@host:path`, and a path.
    A relative path starts at `base`.
    """
    quoted = _quote(source)
    if not source.strip():
        raise UserError("the address of the template is empty", hint=_HINT)
    if len(source) > _LONGEST:
        raise UserError(f"the address {quoted} has over {_LONGEST} characters", hint=_HINT)
    if re.search(_CONTROL, source):
        raise UserError(f"the address {quoted} has control characters", hint=_HINT)
    url = expand(source)
    if url.startswith("-"):
        raise UserError(f"the address {quoted} starts with `-`", hint=_HINT)
    if "://" in url:
        return _parse_url(url, quoted)
    scp = re.fullmatch(_SCP, re.sub(_SECRET_SCP, r"\1@", url, count=1))
    if scp is not None and not url.startswith(("/", ".", "~")):
        _refuse_unsafe_host(scp["user"], scp["host"], scp["path"], quoted)
        return Address(url)
    if re.match(r"[A-Za-z0-9+.-]+::", url):
        helper = url.partition("::")[0]
        raise UserError(f"the address {quoted} would start the program {helper!r}", hint=_HINT)
    return Address(url, _local_path(url, base, quoted))


def _parse_url(url: str, quoted: str) -> Address:
    scheme = url.partition("://")[0].lower()
    if "::" in scheme:
        helper = scheme.partition("::")[0]
        raise UserError(f"the address {quoted} would start the program {helper!r}", hint=_HINT)
    if scheme != "file" and scheme not in PROTOCOLS:
        allowed = ", ".join(PROTOCOLS)
        raise UserError(f"the address {quoted} uses {scheme}; {allowed} are allowed", hint=_HINT)
    if re.search(r"\s", url) or re.search(_ENCODED_CONTROL, url):
        raise UserError(f"the address {quoted} has blanks or control characters", hint=_HINT)
    try:
        parts = urlsplit(url)
        host, user = parts.hostname or "", parts.username
    except ValueError:
        raise UserError(f"the address {quoted} is not a valid URL", hint=_HINT) from None
    if scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise UserError(f"the address {quoted} is a folder of another machine", hint=_HINT)
        return Address(url, Path(unquote(parts.path)))
    if not host:
        raise UserError(f"the address {quoted} has no host", hint=_HINT)
    _refuse_unsafe_host(user, host, parts.path.lstrip("/"), quoted)
    return Address(url)


def _refuse_unsafe_host(user: str | None, host: str, path: str, quoted: str) -> None:
    """Refuse parts that `ssh` or a remote command could parse as an option."""
    for part in (user or "", host, path):
        if unquote(part).startswith("-"):
            raise UserError(f"the address {quoted} has a part that starts with `-`", hint=_HINT)


def _local_path(url: str, base: Path | None, quoted: str) -> Path:
    try:
        path = Path(url).expanduser()
    except RuntimeError:
        raise UserError(f"the address {quoted} names an unknown user", hint=_HINT) from None
    return path if path.is_absolute() or base is None else base / path


def expand(source: str) -> str:
    """Return an address without `git+`, and with `gh:` and `gl:` expanded."""
    for prefix, host in _SHORT.items():
        if source.startswith(prefix):
            return f"{host}{source.removeprefix(prefix).removesuffix('.git')}.git"
    return source.removeprefix("git+")


def comparable(source: str) -> str:
    """Return the form of an address that is used to compare two; it has no secrets."""
    plain = expand(without_secrets(source)).removesuffix("/").removesuffix(".git")
    return unquote(plain.removeprefix("file://")) if plain.startswith("file://") else plain


# Secrets


def without_secrets(source: str) -> str:
    """Return an address without passwords, user names of https, and parameters that look secret.

    Every address that is printed, recorded or committed passes through this function.
    The user name of ssh stays, since the address does not work without it.
    """
    start, separator, rest = source.partition("://")
    if not separator:
        return re.sub(_SECRET_SCP, r"\1@", source, count=1)
    authority, tail = _split(rest)
    odd_port = ":" in authority and not re.fullmatch(r"(\[.*\]|[^:]*):\d*", authority)
    if "@" not in authority and odd_port and "@" in tail:  # a password with `/`, `?` or `#` in it
        authority, tail = _split(rest.rpartition("@")[2])
    user, at, host = authority.rpartition("@")
    keeps_user = start.lower().removeprefix("git+") == "ssh" and at
    kept = f"{user.partition(':')[0]}@" if keeps_user and user.partition(":")[0] else ""
    return f"{start}://{kept}{host}{_without_secret_parameters(tail)}"


def _split(rest: str) -> tuple[str, str]:
    """Split the rest of a URL into the authority, and the path with everything after it."""
    end = re.search(r"[/?#]|$", rest)
    at = end.start() if end else len(rest)
    return rest[:at], rest[at:]


def _without_secret_parameters(tail: str) -> str:
    tail, hash_, fragment = tail.partition("#")
    path, _, query = tail.partition("?")
    left = [
        parameter
        for parameter in re.split(r"[&;]", query)
        if parameter and not re.search(_SECRET_NAME, unquote(parameter.partition("=")[0]))
    ]
    if "=" in fragment and re.search(_SECRET_NAME, fragment.partition("=")[0]):
        hash_ = fragment = ""
    return path + ("?" + "&".join(left) if left else "") + hash_ + fragment


def has_secrets(source: str) -> bool:
    """Return whether an address has a password or token; a user name of ssh is not one."""
    return without_secrets(source) != source


def redact(text: str, address: str = "") -> str:
    """Return a text without the secrets of the URLs in it, and without those of `address`.

    Only the start is kept, since the output of another program has no limit.
    """
    text = re.sub(_URL, lambda match: without_secrets(match[0]), text[:_LONGEST])
    for secret in _secrets(address):
        text = text.replace(secret, "***")
    return text


def _secrets(address: str) -> Iterator[str]:
    shown = without_secrets(address)
    if shown == address:
        return
    for part in re.split(r"[/:@?&=#;]+", address):
        if len(part) > 3 and part not in shown:
            yield part
            yield unquote(part)


def _quote(source: str) -> str:
    plain = without_secrets(source)
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in plain)
    return f"`{shown[:120]}…`" if len(shown) > 120 else f"`{shown}`"
