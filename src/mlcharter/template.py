"""The template that this installation carries, and where others find it.

`.copier-answers.yml` must name a source that plain `copier update` reaches: where this program was
installed from (PEP 610), or the project's own repository. Never a path inside site-packages.
"""

import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from mlcharter import __version__, git
from mlcharter.carried import embedded_root as embedded_root
from mlcharter.errors import UserError


@dataclass(frozen=True)
class Template:
    """A template's files at `root`; `source` and `commit` are what an answers file records."""

    root: Path
    source: str
    commit: str


def is_packed() -> bool:
    """Whether the embedded template is that of a built wheel, which no edit has changed since."""
    return embedded_root().name == "_template"


def embedded() -> Template:
    """The embedded template, under the name by which it can be fetched again."""
    source, commit = _origin()
    return Template(embedded_root(), source, commit)


def fetched(source: str, ref: str | None, into: Path) -> Template:
    """Clone `source` at `ref` (by default its newest tag, else HEAD) into the new folder `into`."""
    url = git_url(source)
    hint = "give --template a Git repository that you can clone, and --ref one of its tags"
    git.must("clone", "--quiet", "--no-checkout", url, str(into), hint=hint)
    if ref is None:
        tags = git.must("tag", "--list", "v*", "--sort=-version:refname", cwd=into, hint=hint)
        ref = tags.splitlines()[0] if tags else "HEAD"
    git.must(
        "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", ref, "--", cwd=into, hint=hint
    )
    if not (into / "copier.yml").is_file():
        raise UserError(f"{source} has no copier.yml at {ref}", hint=hint)
    path = Path(source).expanduser()
    recorded = str(path.resolve()) if path.exists() else without_credentials(source)
    return Template(into, recorded, git.exact_version(into) or ref)


def without_credentials(url: str) -> str:
    """`url` without user and password; an answers file is committed."""
    parts = urlsplit(url)
    if "@" not in parts.netloc or parts.scheme not in ("http", "https"):
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def git_url(source: str) -> str:
    short = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
    for prefix, host in short.items():
        if source.startswith(prefix):
            return f"{host}{source.removeprefix(prefix).removesuffix('.git')}.git"
    return source.removeprefix("git+")


def _origin() -> tuple[str, str]:
    direct = _direct_url()
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        path = _local_path(url)
        return str(path or without_credentials(url)), _built_from() or direct["vcs_info"][
            "commit_id"
        ]
    path = _local_path(url) if "dir_info" in direct else None
    if path is None and embedded_root() == Path(__file__).resolve().parents[2]:
        path = embedded_root()
    if path is not None and (path / ".git").exists():
        commit = _built_from() or git.exact_version(path)
        if commit is not None:
            return str(path), commit
    return _published(), f"v{__version__}"


def _direct_url() -> dict[str, dict[str, str]]:
    try:
        text = metadata.distribution("mlcharter").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    return dict(json.loads(text)) if text else {}


def _local_path(url: str) -> Path | None:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else None


def _built_from() -> str | None:
    """The tag or commit that the build hook wrote into the wheel."""
    stamp = Path(__file__).parent / "_template" / "COMMIT"
    return stamp.read_text(encoding="utf-8").strip() or None if stamp.is_file() else None


def _published() -> str:
    try:
        urls = metadata.metadata("mlcharter").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        urls = []
    for entry in urls:
        label, _, url = entry.partition(", ")
        if label == "Template":
            return str(url)
    text = (embedded_root() / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^Template = "(.+)"$', text, re.MULTILINE)
    assert found, "pyproject.toml names the Template URL"
    return found[1]
