"""The template that this installation carries, and where others find it.

`.copier-answers.yml` must name a source that plain `copier update` reaches: where this program was
installed from (PEP 610), or the project's own repository. Never a path inside site-packages.
"""

import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlcharter import __version__
from mlcharter.support import git
from mlcharter.support.addresses import has_secrets, without_secrets
from mlcharter.template.bundled import embedded_root as embedded_root
from mlcharter.support.errors import UserError


@dataclass(frozen=True)
class Template:
    """A template's files at `root`; `source` and `commit` are what an answers file records.

    `notes` are what a person should know about them.
    """

    root: Path
    source: str
    commit: str
    notes: tuple[str, ...] = ()


def is_packed() -> bool:
    """Whether the embedded template is that of a built wheel, which no edit has changed since."""
    return embedded_root().name == "_template"


def embedded() -> Template:
    """The embedded template, under the name by which it can be fetched again."""
    source, commit = _origin()
    return Template(embedded_root(), source, commit)


def fetched(source: str, ref: str | None) -> Template:
    """The template at `source`, which the user has named in this call.

    `ref` is a tag, a branch or a commit; by default the newest release is taken, else HEAD.
    """
    from mlcharter.template.sources import Source

    hint = "give --template a repository that Git can clone, and --ref a tag of it"
    found = Source(source, Path.cwd(), named=True)
    version = found.version(ref) if ref is not None else found.newest()
    if version is None and found.problem is not None:
        raise UserError(
            f"{found.name} can't be reached: {found.problem.message}", hint=hint
        ) from found.problem
    if version is None:
        raise UserError(f"{found.name} has no `{ref}`", hint=f"{found.offered()}; {hint}")
    files = found.files(version.commit)
    if files is None:
        raise UserError(f"{found.name} has no {version.name}", hint=hint)
    return Template(files, found.name, version.name, _notes(source))


def _notes(source: str) -> tuple[str, ...]:
    if not has_secrets(source):
        return ()
    return (
        "the secret in the address was used once and is recorded nowhere; from now on Git's "
        "credential helper is asked",
    )


def _origin() -> tuple[str, str]:
    direct = _direct_url()
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        path = _local_path(url)
        return str(path or without_secrets(url)), _built_from() or direct["vcs_info"]["commit_id"]
    path = _local_path(url) if "dir_info" in direct else None
    if path is None and embedded_root() == Path(__file__).resolve().parents[3]:
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
    stamp = Path(__file__).parents[1] / "_template" / "COMMIT"
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
