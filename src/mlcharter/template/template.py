"""Load the template that is installed with this program, or fetch another one.

`.copier-answers.yml` must name a source that plain `copier update` can reach: where this program
was installed from (PEP 610), or the project's own repository. Never a path inside site-packages.
"""

import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlcharter import __version__
from mlcharter.support import git
from mlcharter.support.addresses import has_secrets, without_secrets
from mlcharter.support.errors import UserError
from mlcharter.template import bundled
from mlcharter.template.bundled import embedded_root as embedded_root
from mlcharter.template.bundled import read_build_version

_SECRET_NOTE = (
    "the secret in the address was used once and is recorded nowhere; later fetches use Git's "
    "credential helper"
)


@dataclass(frozen=True)
class Template:
    """A template's files at `root`; `source` and `commit` are what an answers file records.

    `notes` are messages about them for the user.
    """

    root: Path
    source: str
    commit: str
    notes: tuple[str, ...] = ()


def is_packed() -> bool:
    """Return whether the embedded template is that of a built wheel, so that nobody edits it."""
    return embedded_root().name == "_template"


def load_embedded() -> Template:
    """Return the embedded template, with the source and version by which it can be fetched."""
    source, commit = _find_origin()
    return Template(embedded_root(), source, commit)


def fetch(source: str, ref: str | None) -> Template:
    """Return the template at `source`, which the user has named in this call.

    `ref` is a tag, a branch or a commit; the default is the newest release, else HEAD.
    """
    from mlcharter.template.sources import Source

    hint = "give --template a repository that Git can clone, and --ref a tag of it"
    origin = Source(source, Path.cwd(), named=True)
    version = origin.find_version(ref) if ref is not None else origin.find_newest()
    if version is None and origin.problem is not None:
        raise UserError(
            f"{origin.name} can't be reached: {origin.problem.message}", hint=hint
        ) from origin.problem
    if version is None:
        raise UserError(f"{origin.name} has no `{ref}`", hint=f"{origin.list_versions()}; {hint}")
    files = origin.find_files(version.commit)
    if files is None:
        raise UserError(f"{origin.name} has no {version.name}", hint=hint)
    notes = (_SECRET_NOTE,) if has_secrets(source) else ()
    return Template(files, origin.name, version.name, notes)


def _find_origin() -> tuple[str, str]:
    direct = _read_direct_url()
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        path = _parse_local_path(url)
        return str(path or without_secrets(url)), read_build_version() or direct["vcs_info"][
            "commit_id"
        ]
    path = _parse_local_path(url) if "dir_info" in direct else None
    if path is None and embedded_root() == Path(__file__).resolve().parents[3]:
        path = embedded_root()
    if path is not None and (path / ".git").exists():
        commit = read_build_version() or git.exact_version(path)
        if commit is not None:
            return str(path), commit
    return bundled.list_addresses(Path(__file__).resolve().parents[1])[0], f"v{__version__}"


def _read_direct_url() -> dict[str, dict[str, str]]:
    try:
        text = metadata.distribution("mlcharter").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    return dict(json.loads(text)) if text else {}


def _parse_local_path(url: str) -> Path | None:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else None
