"""Run Git. No other module of this program starts another program.

There are four kinds of calls, each with a time limit:

- *work* (`run`, `output`, `must`) in a user's repository: the user's own configuration applies;
  the repository's own can start no program (see `_overrides`), and no call reaches the network.
- *fetch* (`fetch`) into a bare repository of our cache: the user's own configuration applies, so
  that credential helpers and proxies work; only one protocol is allowed, and no other repository's
  configuration is read.
- *read* (`read`, `blobs`) from a bare repository of our cache: no configuration applies.
- *objects* (`Objects`) of any repository, with a work tree or bare: like work, but read-only.

No call uses replace refs or grafts, fetches missing objects of a partial clone, or runs a hook.
"""

import io
import os
import re
import resource
import select
import shlex
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mlcharter.support import addresses, versions
from mlcharter.support.addresses import Address
from mlcharter.support.errors import UserError

WORK_SECONDS = 300
READ_SECONDS = 120
FETCH_SECONDS = 600
MOST_OUTPUT = 300 * 1024 * 1024
WORK_MEMORY = 4 * 1024**3  # of a call that reads or works; a file that Git reads may be endless
HISTORY_SECONDS = 10
MOST_COMMITS = 1000  # that changed the files whose history is read
MOST_LISTED = 500_000  # files and folders in one commit or index
MOST_FETCHED = 4 * 1024**3  # in one file
_POLITE_SECONDS = 3
_PIECE = 64 * 1024  # what a pipe holds
_POLL_SECONDS = 0.1  # between two checks of how much was printed

# A hook that calls us sets these for its own repository, which may not be the one we work in.
_LEAKY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_CONFIG",
)
_ALWAYS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_NO_PROTOCOL = "none"  # no protocol has this name; an empty list would allow Git's defaults
_QUIET = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "safe.bareRepository": "explicit",
}
_NO_RECURSION = {"submodule.recurse": "false", "fetch.recurseSubmodules": "false"}
_INTO_MIRROR = {
    **_QUIET,
    **_NO_RECURSION,
    "transfer.fsckObjects": "true",
    "fetch.fsckObjects": "true",
    "fetch.writeCommitGraph": "false",
    "transfer.bundleURI": "false",
}

# Configuration keys that name a program. Keys of transports are left out, since work in a
# repository uses no transport.
_PROGRAM_SECTIONS = frozenset(["alias", "credential", "pager", "hook"])
_PROGRAM_NAME = re.compile(
    "alternaterefscommand|askpass|browser|clean|cmd|command|defaultkeycommand|difffilter|driver|"
    "editor|external|fsmonitor|gitproxy|helper|hookspath|packobjectshook|pager|process|program|"
    "receivepack|recentobjectshook|smudge|sshcommand|templatedir|textconv|uploadpack|vcs"
)
_FILTER_REQUIRED = re.compile(r"filter\..*\.required", re.DOTALL | re.IGNORECASE)


# Work in a user's repository


def run(
    *args: str, cwd: Path | None = None, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `git ARGS` in a user's repository; the caller checks the return code.

    Without Git installed, the return code is 127, as in a shell. A command that only reads takes no
    lock, so that Ctrl-C can't leave one behind. `ARGS` begin with `name_bare(cwd)` in a bare one.
    """
    git_dir = tuple(arg for arg in args[:1] if arg.startswith("--git-dir="))
    env = _environment({**_QUIET, **_overrides(cwd, git_dir), **_NO_RECURSION}, _NO_PROTOCOL)
    return _text(_call(args, cwd, env, text, WORK_SECONDS))


def output(*args: str, cwd: Path | None = None) -> str | None:
    """Return the stripped output of `git ARGS`; None if it fails."""
    done = run(*args, cwd=cwd)
    return done.stdout.strip() if done.returncode == 0 else None


def required_output(*args: str, cwd: Path | None = None, text: str | None = None, hint: str) -> str:
    """Return the stripped output of `git ARGS`; a failure is a UserError."""
    return exact_output(*args, cwd=cwd, text=text, hint=hint).strip()


def exact_output(
    *args: str,
    cwd: Path | None = None,
    text: str | None = None,
    hint: str,
    codes: Sequence[int] = (0,),
) -> str:
    """Return the output of `git ARGS`; a return code that is not in `codes` is a UserError."""
    done = run(*args, cwd=cwd, text=text)
    if done.returncode not in codes:
        name = next((arg for arg in args if not arg.startswith("-") and "=" not in arg), "")
        raise UserError(f"git {name} failed: {reason(done)}", hint=hint)
    return done.stdout


def blob(name: str, cwd: Path) -> bytes:
    """Return the content of a blob of the repository at `cwd`; a missing one is a UserError."""
    env = _environment({**_QUIET, **_overrides(cwd), **_NO_RECURSION}, _NO_PROTOCOL)
    done = _call(("cat-file", "blob", name), cwd, env, None, WORK_SECONDS)
    if done.returncode != 0:
        raise UserError(
            f"Git has no object {name[:12]}: {reason(_text(done))}", hint="run `git fsck`"
        )
    return done.stdout


def exact_version(root: Path) -> str | None:
    """Return the name under which HEAD is recorded; None outside a Git repository with commits."""
    commit = output("rev-parse", "HEAD", cwd=root)
    if commit is None:
        return None
    tags = output("tag", "--points-at", "HEAD", cwd=root) or ""
    return versions.recorded(commit, tags.split("\n"))


def _overrides(cwd: Path | None, git_dir: tuple[str, ...] = ()) -> Mapping[str, str]:
    """Return overrides of every key by which the repository at `cwd` could start a program.

    The user's own value replaces the repository's; without one, an empty value, which starts
    nothing. Keys included from other files count as the repository's.
    """
    where = (cwd or Path()).resolve()
    if not any(_is_repository(place) for place in (where, *where.parents)):
        return {}
    return _overrides_at(str(where), os.environ.get("GIT_CONFIG_GLOBAL", ""), git_dir)


def _is_repository(place: Path) -> bool:
    # A bare repository with a file `commondir` has its objects elsewhere.
    return any(os.path.lexists(place / name) for name in (".git", "HEAD", "objects"))


def remote(folder: Path) -> str:
    """Return the address of the remote `origin` of a repository, bare or not; empty without one.

    It may have secrets.
    """
    where = folder.resolve()
    bare = is_bare(where)
    if not bare and not os.path.lexists(where / ".git"):
        return ""
    listed = _configuration(str(where), os.environ.get("GIT_CONFIG_GLOBAL", ""), name_bare(where))
    urls = [value for _, key, value in listed if key == "remote.origin.url"]
    return urls[0] if urls else ""


@lru_cache(maxsize=256)
def _overrides_at(where: str, global_config: str, git_dir: tuple[str, ...]) -> Mapping[str, str]:
    """Return the overrides of one folder; `git_dir` is the `--git-dir=…` of a bare repository."""
    users: dict[str, str] = {}
    repository_keys: set[str] = set()
    accepted = False
    for scope, key, value in _configuration(where, global_config, git_dir):
        if scope == "command" and key == "core.hookspath":
            accepted = True
        if scope in ("local", "worktree"):
            repository_keys.add(key)
        else:
            users[key] = value
    if not accepted:
        raise UserError(
            "this Git does not read its configuration from the environment, which is needed to "
            "keep a repository from starting programs",
            hint="install Git 2.31 or newer",
        )
    programs = {key: users.get(key, "") for key in repository_keys if _names_program(key)}
    # Without its program, a required filter would make Git fail.
    filters = filter(_FILTER_REQUIRED.fullmatch, repository_keys)
    return programs | {key: users.get(key, "false") for key in filters}


@lru_cache(maxsize=256)
def _configuration(
    where: str, _global_config: str, git_dir: tuple[str, ...]
) -> Sequence[tuple[str, str, str]]:
    """Return scope, key and value of each setting that applies in a folder; none without Git."""
    env = _environment(_QUIET, _NO_PROTOCOL)
    args = (*git_dir, "config", "--list", "--show-scope", "--includes", "-z")
    done = _call(args, Path(where), env, None, WORK_SECONDS)
    if done.returncode == 127:
        return (("command", "core.hookspath", os.devnull),)
    if done.returncode != 0:
        raise UserError(
            f"Git can't read the configuration of {where}: {reason(_text(done))}",
            hint="look at `git config --list --show-origin` there",
        )
    fields = done.stdout.decode(errors="surrogateescape").split("\0")
    pairs = zip(fields[::2], fields[1::2], strict=False)
    return tuple((scope, *entry.partition("\n")[::2]) for scope, entry in pairs)


def _names_program(key: str) -> bool:
    section, _, rest = key.partition(".")
    return section in _PROGRAM_SECTIONS or bool(
        _PROGRAM_NAME.fullmatch(rest.rpartition(".")[2].lower())
    )


# Fetching into our cache


def init(mirror: Path) -> None:
    """Create a bare repository at `mirror`, without the user's Git template."""
    env = _environment(_QUIET, _NO_PROTOCOL, user=False)
    args = ("init", "--quiet", "--bare", "--template=", "--initial-branch=none", "--", str(mirror))
    done = _text(_call(args, None, env, None, READ_SECONDS))
    if done.returncode != 0:
        raise UserError(f"git init failed: {reason(done)}", hint="is Git installed?")


def fetch(mirror: Path, address: Address, specs: Sequence[str], *args: str) -> None:
    """Fetch `specs` from an address into a bare repository of our cache; a failure is a UserError.

    The address is passed on the command line, so that it is not stored anywhere.
    """
    url = str(address.folder.absolute()) if address.folder is not None else address.url
    target = url if address.folder is not None else _rewritten(mirror, url)
    protocol = _protocol(address, url, target)
    command = (
        f"--git-dir={mirror}",
        "fetch",
        *("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
        *("--no-auto-maintenance", *args),
        *("--", url, *specs),
    )
    env = _environment(_INTO_MIRROR, protocol)
    size = ("RLIMIT_FSIZE", MOST_FETCHED)
    done = _text(_call(command, mirror, env, None, FETCH_SECONDS, size))
    if done.returncode != 0:
        printed = addresses.redact(addresses.redact(reason(done), address.url), target)
        raise UserError(
            f"git fetch failed: {printed}", hint=f"is {address.name} reachable from here?"
        )


def _rewritten(mirror: Path, url: str) -> str:
    """Return an address rewritten by the user's own `url.*.insteadOf`, such as to a proxy."""
    env = _environment(_QUIET, _NO_PROTOCOL)
    args = (f"--git-dir={mirror}", "ls-remote", "--get-url", "--", url)
    done = _text(_call(args, mirror, env, None, READ_SECONDS))
    return done.stdout.strip() if done.returncode == 0 else url


def _protocol(address: Address, url: str, target: str) -> str:
    """Return the one protocol that a fetch may use: that of the address, or of its rewritten form.

    The user's configuration may also choose http or a folder, but never a program.
    """
    folder = address.folder
    if target != url:
        if target.lower().startswith("http://"):
            return "http"
        try:
            replaced = addresses.parse(target)
        except UserError as error:
            raise UserError(
                f"your Git configuration rewrites {address.name}, but {error.message}",
                hint="look at `git config --global --get-regexp insteadof`",
            ) from error
        address, folder = replaced, replaced.folder
    if folder is not None:
        _refuse_promisor(folder)
    return address.protocol


def _refuse_promisor(folder: Path) -> None:
    """Refuse a partial clone, which may start a program to get a missing object."""
    env = _environment({}, _NO_PROTOCOL)
    for place in (folder / ".git", folder):
        args = (f"--git-dir={place}", "config", "--list", "--includes", "--name-only", "-z")
        if not place.exists():
            continue
        done = _call(args, folder, env, None, READ_SECONDS)
        keys = done.stdout.decode(errors="replace").lower().split("\0")
        if any(re.fullmatch(r"extensions\.partialclone|remote\..*\.promisor", k) for k in keys):
            raise UserError(
                f"{folder} is a partial clone, in which objects are missing",
                hint="use a full clone of the template",
            )


# Reading a repository of our cache


def read(mirror: Path, *args: str, text: str | None = None) -> str | None:
    """Return the output of `git ARGS` in a bare repository of our cache; None if it fails."""
    done = _text(_read(mirror, args, text))
    return done.stdout if done.returncode == 0 else None


def blobs(mirror: Path, names: Iterable[str]) -> Iterator[bytes | None]:
    """Yield the content of each named object; None if it is missing or not a blob."""
    requested = list(names)
    if any("\n" in name for name in requested):
        raise UserError("an object name contains a line break", hint="correct the name")
    done = _read(mirror, ("cat-file", "--batch"), "".join(f"{name}\n" for name in requested))
    printed = io.BytesIO(done.stdout)
    for _ in requested:
        header = re.fullmatch(rb"[0-9a-f]{40,64} (\w+) (\d+)\n", printed.readline())
        if header is None:
            yield None
            continue
        content = printed.read(int(header[2]))
        if printed.read(1) != b"\n":
            raise UserError("git cat-file ended too early", hint="run it again")
        yield content if header[1] == b"blob" else None


def _read(
    mirror: Path, args: Sequence[str], text: str | None
) -> subprocess.CompletedProcess[bytes]:
    if (mirror / "objects/info/alternates").exists():
        raise UserError(
            f"{mirror} borrows objects of another repository",
            hint="delete that folder; it will be fetched again",
        )
    env = _environment(_QUIET, _NO_PROTOCOL, user=False)
    return _call((f"--git-dir={mirror}", *args), mirror, env, text, READ_SECONDS)


# Reading the objects of any repository


class Listed(NamedTuple):
    """A file, link or submodule; `mode` is Git's, `name` is the object's id."""

    mode: int
    name: str
    path: str


class Objects:
    """The objects of the repository that contains a folder, with a work tree or bare.

    All objects are read by one process, which the first read starts and `close` ends.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder", hint="name the folder of a repository")
        self._folder = folder.resolve()
        self._prefix = ""
        user = os.environ.get("GIT_CONFIG_GLOBAL", "")
        self._git_dir = name_bare(self._folder)
        if self._git_dir:
            overrides = _overrides_at(str(self._folder), user, self._git_dir)
        else:
            hint = "name a folder in a Git repository, or a bare one"
            args = ("rev-parse", "--absolute-git-dir", "--show-prefix")
            printed = exact_output(*args, cwd=self._folder, hint=hint).split("\n")
            self._git_dir, self._prefix = (f"--git-dir={printed[0]}",), printed[1]
            overrides = _overrides(self._folder)
        self._env = _environment({**_QUIET, **overrides, **_NO_RECURSION}, _NO_PROTOCOL)
        self._process: subprocess.Popen[bytes] | None = None
        self._left = 0  # bytes of the requested object that are unread, and the line end after them
        self._read = b""  # the part of it that is read already

    def committed(self, ref: str, below: str = "") -> list[Listed]:
        """Return every file below the folder in a commit, or below a folder in it."""
        if ref.startswith("-") or not ref:
            raise UserError(
                f"`{ref}` is not the name of a commit", hint="name a branch, tag or commit"
            )
        args = ("ls-tree", "-r", "-z", "--full-tree", f"{ref}:{self._prefix}{below}")
        done = self._call(args)
        if done.returncode != 0:
            where = f" in `{self._prefix}`" if self._prefix else ""
            raise UserError(
                f"Git has no files of `{ref}`{where}: {reason(done)}",
                hint="fetch it first; a shallow clone has only some commits",
            )
        return [
            Listed(int(mode, 8), name, path) for (mode, _, name), path in self._lines(done.stdout)
        ]

    def staged(self) -> list[Listed]:
        """Return every file below the folder as it is staged, also outside a sparse checkout."""
        done = self._call(("ls-files", "--stage", "-z"))
        if done.returncode != 0:
            raise UserError(f"git ls-files failed: {reason(done)}", hint="run `git status`")
        listed = []
        for (mode, name, stage), path in self._lines(done.stdout):
            if not path.startswith(self._prefix):
                continue
            if stage != "0":
                raise UserError(f"{path} has a conflict", hint="resolve it, then `git add` it")
            listed.append(Listed(int(mode, 8), name, path.removeprefix(self._prefix)))
        return listed

    def past(self, ref: str, paths: Iterable[str]) -> Iterator[Listed]:
        """Yield the files below the folder as commits up to `ref` left them, the newest first.

        Only the newest MOST_COMMITS that changed one of them are read. A history that is missing,
        or that takes longer than HISTORY_SECONDS, is a UserError.
        """
        places = ["--", *(self._prefix + path for path in paths)]
        args: tuple[str, ...] = ("rev-list", f"--max-count={MOST_COMMITS}", ref, *places)
        commits = self._history(args, None)
        form = ("-r", "-m", "-z", "--root", "--no-commit-id", "--no-renames")
        printed = self._history(("diff-tree", "--stdin", *form, *places), commits)
        fields = printed.split("\0")
        for changed, path in zip(fields[::2], fields[1::2], strict=False):
            _, mode, _, name, _ = changed.split(" ")
            yield Listed(int(mode, 8), name, path.removeprefix(self._prefix))

    def _history(self, args: Sequence[str], text: str | None) -> str:
        args = (*self._git_dir, "--literal-pathspecs", *args)
        done = _text(_call(args, self._folder, self._env, text, HISTORY_SECONDS))
        if done.returncode != 0:
            raise UserError(f"Git has no history here: {reason(done)}", hint="make a commit")
        return done.stdout

    def _lines(self, listed: str) -> Iterator[tuple[list[str], str]]:
        """Yield the fields before the tab of each line of a list, and the path after it."""
        if listed.count("\0") > MOST_LISTED:
            raise UserError(
                f"{self._folder} has more than {MOST_LISTED} files in Git",
                hint="name the folder in it that has the charter",
            )
        for line in listed.split("\0")[:-1]:
            head, _, path = line.partition("\t")
            yield head.split(" "), path

    def _call(self, args: Sequence[str]) -> subprocess.CompletedProcess[str]:
        args = (*self._git_dir, *args)
        return _text(_call(args, self._folder, self._env, None, READ_SECONDS))

    def request(self, name: str) -> int | None:
        """Request a blob and return its size; `content` then yields its bytes.

        Returns None if it is missing or damaged. In a partial clone, Git ends if one is missing.
        """
        if self._left:
            self.close()  # the rest of the previous one was not read
        if self._process is None:
            self._start()
        assert self._process is not None and self._process.stdin is not None
        with suppress(BrokenPipeError):  # Git has ended, which the next read shows
            self._process.stdin.write(f"{name}\n".encode())
        last = time.monotonic() + READ_SECONDS
        head = b""
        while b"\n" not in head:
            piece = self._piece(last)
            head += piece or b" ended\n"
        head, _, self._read = head.partition(b"\n")
        header = re.fullmatch(rb"[0-9a-f]{40,64} blob (\d+)", head)
        if header is None:
            if not head.endswith(b" missing"):
                self.close()  # another kind of object, whose content follows
            return None
        self._left = int(header[1]) + 1
        return int(header[1])

    def content(self) -> Iterator[bytes]:
        """Yield the content of the requested blob, in pieces."""
        last = time.monotonic() + READ_SECONDS
        while self._left:
            piece, self._read = self._read or self._piece(last), b""
            if not piece:
                self.close()
                raise UserError("git cat-file ended too early", hint="run `git fsck`")
            self._left -= len(piece)
            yield piece if self._left else piece[:-1]

    def _start(self) -> None:
        self._process = subprocess.Popen(
            ["git", *self._git_dir, "cat-file", "--batch"],
            cwd=self._folder,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        _limit(self._process, "RLIMIT_DATA", WORK_MEMORY)
        self._ending = weakref.finalize(self, _close, self._process)

    def _piece(self, last: float) -> bytes:
        """Read from the process until the time `last`; return nothing if it has ended."""
        assert self._process is not None and self._process.stdout is not None
        output = self._process.stdout.fileno()
        ready, _, _ = select.select([output], [], [], max(last - time.monotonic(), 0))
        if not ready:
            self.close()
            raise UserError(
                f"git cat-file was stopped after {READ_SECONDS} seconds",
                hint="check whether the disk hangs, and run it again",
            )
        return os.read(output, _PIECE)

    def close(self) -> None:
        """End the process; the next request starts it again."""
        if self._process is not None:
            self._ending()
            self._process, self._left, self._read = None, 0, b""


def name_bare(folder: Path) -> tuple[str, ...]:
    """Return the option that names a bare repository, which Git does not look for by itself."""
    return (f"--git-dir={folder.resolve()}",) if is_bare(folder) else ()


def is_bare(folder: Path) -> bool:
    """Return whether a folder is a bare repository, such as a mirror."""
    return not os.path.lexists(folder / ".git") and all(
        (folder / name).exists() for name in ("HEAD", "objects", "refs")
    )


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    _end(process)


# One call


def _environment(
    configuration: Mapping[str, str], protocol: str, *, user: bool = True
) -> dict[str, str]:
    """Return the environment of a call with this configuration, the only one if not `user`."""
    env = {name: value for name, value in os.environ.items() if name not in _LEAKY}
    if not user:
        env = {name: value for name, value in env.items() if not name.startswith("GIT_")}
        env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        env |= {"GIT_CONFIG_SYSTEM": os.devnull, "GIT_ATTR_NOSYSTEM": "1"}
    first = env.get("GIT_CONFIG_COUNT", "0")
    number = int(first) if first.isascii() and first.isdigit() else 0
    for key, value in configuration.items():
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        number += 1
    env["GIT_CONFIG_COUNT"] = str(number)
    return env | _ALWAYS | {"GIT_ALLOW_PROTOCOL": protocol}


def _call(
    args: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str],
    text: str | None,
    seconds: int,
    limit: tuple[str, int] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run Git in its own session, so that all processes that it starts can be ended with it.

    Its output goes to files, which are read after it has ended within its limits.
    """
    _refuse_invalid_arguments(args)
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        stdin.write((text or "").encode(errors="surrogateescape"))
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                ["git", *args],
                cwd=cwd,
                env=env,
                stdin=stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except FileNotFoundError:
            return subprocess.CompletedProcess(args, 127, b"", b"git is not installed")
        try:
            _limit(process, *(limit or ("RLIMIT_DATA", WORK_MEMORY)))
            _finish(process, args, seconds, (out.fileno(), err.fileno()))
        except BaseException:
            _end(process)
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(args, process.returncode, out.read(), err.read())


def _limit(process: subprocess.Popen[bytes], name: str, most: int) -> None:
    """Limit what Git may use, if the system can; what it does before that is harmless."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError, ValueError):
            kind = getattr(resource, name)
            _, hard = resource.prlimit(process.pid, kind)
            if hard == resource.RLIM_INFINITY or hard > most:
                resource.prlimit(process.pid, kind, (most, most))


def _finish(
    process: subprocess.Popen[bytes], args: Sequence[str], seconds: int, outputs: Sequence[int]
) -> None:
    """Wait for Git to end; a UserError if it takes too long or prints too much."""
    name = next((arg for arg in args if not arg.startswith("-")), "")
    last = time.monotonic() + seconds
    while not _has_ended(process, min(_POLL_SECONDS, max(last - time.monotonic(), 0))):
        if time.monotonic() >= last:
            raise UserError(
                f"git {name} was stopped after {seconds} seconds",
                hint="check whether the disk or the network hangs, and run it again",
            )
        if sum(os.fstat(output).st_size for output in outputs) > MOST_OUTPUT:
            raise UserError(
                f"git {name} was stopped: it printed more than {MOST_OUTPUT} bytes",
                hint="check what is in that repository",
            )


def _has_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait at most this long; return whether Git has ended, at once if the system supports it."""
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):
            watched = os.pidfd_open(process.pid)
            try:
                select.select([watched], [], [], seconds)
            finally:
                os.close(watched)
            return process.poll() is not None
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is not None


def _refuse_invalid_arguments(args: Iterable[str]) -> None:
    """Refuse arguments that the system can't pass to a program."""
    for arg in args:
        with suppress(UnicodeEncodeError):
            if b"\0" not in arg.encode(errors="surrogateescape"):
                continue
        raise UserError(
            f"Git can't be given the name {arg[:50]!a}", hint="remove the invalid characters in it"
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Git and all processes that it started; first by SIGTERM, so that it removes its locks."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLITE_SECONDS)


def _text(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    out, err = (part.decode(errors="surrogateescape") for part in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """Return the line of Git's error; the lines after it are advice."""
    lines = [line for line in (done.stderr.strip() or done.stdout.strip()).splitlines() if line]
    fatal = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    if fatal and fatal[0].endswith(":"):  # continued in the next line
        return " ".join(map(str.strip, lines[lines.index(fatal[0]) :][:2]))
    return (fatal or lines or ["no reason"])[0 if fatal else -1]


def trust_command(printed: str) -> str | None:
    """Return the command that lets Git use a repository of another user; None for another error."""
    match = re.search(r"dubious ownership in repository at '(.*)'", printed)
    if match is None:
        return None
    return f"git config --global --add safe.directory {shlex.quote(match[1])}"
